"""Copies of RTL that do the same: renamed, reformatted, restructured."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from pyslang import SourceManager
from pyslang.parsing import Token
from pyslang.syntax import SyntaxKind as K

from rtlbench.dataset.similarity.text_features import KEYWORDS
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.slang import parse

_WORD = re.compile(r"(?<![\w$'\\.])[A-Za-z_][\w$]*")
_LOGICAL = {K.LogicalAndExpression: "||", K.LogicalOrExpression: "&&"}
_SWAPPED = {K.EqualityExpression, K.InequalityExpression, K.AddExpression, K.BinaryAndExpression,
            K.BinaryOrExpression, K.BinaryXorExpression}
_MOVED = {K.AlwaysBlock, K.AlwaysFFBlock, K.AlwaysCombBlock, K.ContinuousAssign}
_STOPS = {K.ForLoopStatement, K.LoopStatement, K.DataDeclaration, K.ParallelBlockStatement}


def plain(text: str) -> str:
    """The text without comments and macros."""
    return prepare(text).text


def renamed(text: str, rng: random.Random) -> str:
    """Every name but those behind a dot or a `$` is another one."""
    text = plain(text)
    names = sorted(set(_WORD.findall(text)) - KEYWORDS)
    words = "alpha bravo carry delta echo fox gate hot item joker kilo".split()
    new = {n: f"{rng.choice(words)}_{k}" for k, n in enumerate(names)}
    behind_dots = re.sub(
        r"\.(\w+)", lambda m: "." + new.get(m.group(1), m.group(1)), text
    )
    return _WORD.sub(lambda m: new.get(m.group(), m.group()), behind_dots)


def reformatted(text: str, rng: random.Random) -> str:
    """Other white space and comments."""
    words = plain(text).split()
    ends = ["\n", "\n\n    ", " // next\n", " /* and\n so on */ ", " ", "  "]
    return "".join(w + rng.choice(ends) for w in words) + "\n"


def restructured(text: str, rng: random.Random) -> tuple[str, set[str]]:
    """The same circuit written in another way, and the ways that were taken."""
    text = plain(text)
    ways: set[str] = set()
    names = list(_WAYS)
    rng.shuffle(names)
    for name in names:
        changed = _WAYS[name](text, rng)
        if changed != text:
            text = changed
            ways.add(name)
    return text, ways


def _tree(text: str) -> Any:
    return parse(text, SourceManager()).root


def _nodes(text: str) -> list[Any]:
    found: list[Any] = []
    root = _tree(text)
    root.visit(lambda n: None if isinstance(n, Token) else found.append(n))
    found.append(root)  # keeps the tree alive
    return found


def _span(node: Any) -> tuple[int, int]:
    return node.sourceRange.start.offset, node.sourceRange.end.offset


def _edit(text: str, rewrite: Callable[[str, Any], str | None]) -> str:
    """Replace nodes, the first that `rewrite` says something of, none inside another."""
    edits: list[tuple[int, int, str]] = []
    for node in _nodes(text)[:-1]:
        if any(a <= _span(node)[0] < b for a, b, _ in edits):
            continue
        new = rewrite(text, node)
        if new is not None:
            edits.append((*_span(node), new))
    for a, b, new in sorted(edits, reverse=True):
        text = text[:a] + new + text[b:]
    return text


def _of(text: str, node: Any) -> str:
    a, b = _span(node)
    return text[a:b]


def _swap(text: str, rng: random.Random) -> str:
    def rewrite(text: str, node: Any) -> str | None:
        if node.kind in _SWAPPED:
            sides = _of(text, node.right), _of(text, node.left)
            return f"({sides[0]}) {node.operatorToken.rawText} ({sides[1]})"
        return None

    return _edit(text, rewrite)


def _de_morgan(text: str, rng: random.Random) -> str:
    def rewrite(text: str, node: Any) -> str | None:
        if node.kind in _LOGICAL:
            left, right = _of(text, node.left), _of(text, node.right)
            return f"!(!({left}) {_LOGICAL[node.kind]} !({right}))"
        return None

    return _edit(text, rewrite)


def _assignment(text: str, node: Any) -> tuple[str, str, str] | None:
    """Left side, sign and right side of a statement that is one assignment."""
    while node.kind == K.SequentialBlockStatement and len(list(node.items)) == 1:
        node = node.items[0]
    if node.kind != K.ExpressionStatement:
        return None
    e = node.expr
    if e.kind not in (K.NonblockingAssignmentExpression, K.AssignmentExpression):
        return None
    return _of(text, e.left), e.operatorToken.rawText, _of(text, e.right)


def _is_outermost(node: Any) -> bool:
    """Where the reset stands, whose form tools look for."""
    parent = node.parent
    while parent is not None and parent.kind == K.SequentialBlockStatement:
        parent = parent.parent
    return parent is None or parent.kind == K.TimingControlStatement


def _to_ternary(text: str, rng: random.Random) -> str:
    def rewrite(text: str, node: Any) -> str | None:
        if node.kind != K.ConditionalStatement or node.elseClause is None or _is_outermost(node):
            return None
        yes = _assignment(text, node.statement)
        no = _assignment(text, node.elseClause.clause)
        if yes is None or no is None or yes[:2] != no[:2]:
            return None
        return f"{yes[0]} {yes[1]} ({_of(text, node.predicate)}) ? ({yes[2]}) : ({no[2]});"

    return _edit(text, rewrite)


def _to_if(text: str, rng: random.Random) -> str:
    def rewrite(text: str, node: Any) -> str | None:
        if node.kind != K.ExpressionStatement or _assignment(text, node) is None:
            return None
        e = node.expr
        value = e.right
        while value.kind == K.ParenthesizedExpression:
            value = value.expression
        if value.kind != K.ConditionalExpression:
            return None
        left, sign = _of(text, e.left), e.operatorToken.rawText
        test, yes, no = (_of(text, n) for n in (value.predicate, value.left, value.right))
        return f"begin if ({test}) {left} {sign} {yes}; else {left} {sign} {no}; end"

    return _edit(text, rewrite)


def _inverted(text: str, rng: random.Random) -> str:
    """`if (c) a; else b;` the other way round."""

    def rewrite(text: str, node: Any) -> str | None:
        if node.kind != K.ConditionalStatement or node.elseClause is None:
            return None
        if _is_outermost(node):
            return None
        yes, no = _of(text, node.statement), _of(text, node.elseClause.clause)
        return f"if (!({_of(text, node.predicate)})) begin {no} end else begin {yes} end"

    return _edit(text, rewrite)


def _case_to_if(text: str, rng: random.Random) -> str:
    def rewrite(text: str, node: Any) -> str | None:
        if node.kind != K.CaseStatement or node.caseKeyword.rawText != "case":
            return None
        if node.uniqueOrPriority.rawText:
            return None
        asked, chain, rest = _of(text, node.expr), [], None
        for item in node.items:
            if item.kind == K.DefaultCaseItem:
                rest = _of(text, item.clause)
                continue
            labels = [_of(text, e) for e in item.expressions if not isinstance(e, Token)]
            if any(re.search(r"'[sS]?[bodhBODH]?[\da-fA-F_]*[xzXZ?]", s) for s in labels):
                return None
            test = " || ".join(f"({asked}) == ({s})" for s in labels)
            chain.append(f"if ({test}) begin {_of(text, item.clause)} end")
        last = f" else begin {rest} end" if rest is not None and chain else ""
        return "begin " + " else ".join(chain) + last + " end" if chain else None

    return _edit(text, rewrite)


def _split(text: str, rng: random.Random) -> str:
    """A clocked block for each register."""

    def rewrite(text: str, node: Any) -> str | None:
        if node.kind not in (K.AlwaysBlock, K.AlwaysFFBlock):
            return None
        assignments: list[tuple[int, int, str]] = []
        stops: list[Any] = []

        def visit(n: Any) -> None:
            if isinstance(n, Token):
                return
            if n.kind in _STOPS:
                stops.append(n)
            if n.kind == K.ExpressionStatement:
                e = n.expr
                plain_left: Any = getattr(e, "left", None)
                if e.kind != K.NonblockingAssignmentExpression or plain_left.kind not in (
                    K.IdentifierName, K.IdentifierSelectName
                ):
                    stops.append(n)
                else:
                    name = plain_left.identifier.valueText
                    assignments.append((*_span(n), name))

        node.visit(visit)
        names = sorted({n for _, _, n in assignments})
        if stops or len(names) < 2:
            return None
        start, end = _span(node)
        copies = []
        for name in names:
            copy = text[start:end]
            for a, b, other in sorted(assignments, reverse=True):
                if other != name:
                    copy = copy[: a - start] + ";" + copy[b - start :]
            copies.append(copy)
        return "\n".join(copies)

    return _edit(text, rewrite)


def _through_wires(text: str, rng: random.Random) -> str:
    count = [0]

    def rewrite(text: str, node: Any) -> str | None:
        if node.kind != K.ContinuousAssign:
            return None
        items = [a for a in node.assignments if not isinstance(a, Token)]
        if len(items) != 1 or items[0].left.kind != K.IdentifierName:
            return None
        left, right = _of(text, items[0].left), _of(text, items[0].right)
        if "'" in left:
            return None
        count[0] += 1
        wire = f"through_{count[0]}"
        return (f"wire [$bits({left})-1:0] {wire};\nassign {wire} = {right};\n"
                f"assign {left} = {wire};")

    return _edit(text, rewrite)


def _reordered(text: str, rng: random.Random) -> str:
    """Blocks and assignments of each module in another order, behind the declarations."""

    def rewrite(text: str, node: Any) -> str | None:
        if node.kind != K.ModuleDeclaration:
            return None
        members = [m for m in node.members if m.kind in _MOVED]
        if len(members) < 2:
            return None
        texts = [_of(text, m) for m in members]
        rng.shuffle(texts)
        start, end = _span(node)
        whole = text[start:end]
        for member in reversed(members):
            a, b = _span(member)
            whole = whole[: a - start] + whole[b - start :]
        at = whole.rfind("endmodule")
        return whole[:at] + "\n".join(texts) + "\n" + whole[at:]

    return _edit(text, rewrite)


_WAYS: dict[str, Callable[[str, random.Random], str]] = {
    "operands swapped": _swap,
    "de Morgan": _de_morgan,
    "if to ternary": _to_ternary,
    "ternary to if": _to_if,
    "branches inverted": _inverted,
    "case to if": _case_to_if,
    "blocks split": _split,
    "through wires": _through_wires,
    "items reordered": _reordered,
}
