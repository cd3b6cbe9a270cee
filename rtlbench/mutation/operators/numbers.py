"""Values: off by one, wraps, other arithmetic, widths, the order of bits, shifts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rtlbench.mutation.design import (
    ASSIGNMENTS,
    COMPARISONS,
    LITERALS,
    Design,
    K,
    Node,
    Proposal,
    propose,
    replace,
    replace_token,
)

_BASES = {"b": 2, "o": 8, "d": 10, "h": 16}
_FORMS = {"b": "b", "o": "o", "d": "d", "h": "x"}
_SIZED = re.compile(r"(\d+)?\s*'\s*([sS]?)([bodhBODH])\s*([0-9a-fA-F_]+)\Z")


def value_of(text: str) -> int | None:
    """The value of a number without x or z; None for anything else."""
    if text.replace("_", "").isdigit():
        return int(text.replace("_", ""))
    found = _SIZED.match(text)
    if found is None:
        return None
    try:
        return int(found[4].replace("_", ""), _BASES[found[3].lower()])
    except ValueError:
        return None


def rewritten(text: str, value: int) -> str | None:
    """The number `text` with another value, wrapped to its width; None where it has no room."""
    if text.replace("_", "").isdigit():
        return str(value) if value >= 0 else None
    found = _SIZED.match(text)
    if found is None:
        return None
    width = int(found[1] or 32)
    base = found[3].lower()
    return f"{found[1] or ''}'{found[2]}{found[3]}{value % (1 << width):{_FORMS[base]}}"


_SELECTS = (K.BitSelect, K.SimpleRangeSelect, K.AscendingRangeSelect, K.DescendingRangeSelect)


def off_by_one_limit(design: Design) -> Iterator[Proposal]:
    """A number that something is compared with, loaded with or made of is one too far or short."""
    for node in design.of(*COMPARISONS):
        for side in (node.left, node.right):
            yield from _off_by_one(design, side, "limit")
    for node in design.of(K.ParameterDeclaration):
        if not _is_coded(design, node):
            for value in design.within(node, K.EqualsValueClause):
                yield from _off_by_one(design, value.expr, "constant")
    for node in design.of(*ASSIGNMENTS):
        if not design.in_reset(node) and (value_of(design.source_text(node.right)) or 0) > 1:
            yield from _off_by_one(design, node.right, "value")


def _is_coded(design: Design, node: Node) -> bool:
    """Whether constants are mere names of states, several in one declaration."""
    return len(list(design.within(node, K.Declarator))) > 1


def _off_by_one(design: Design, node: Node, what: str) -> Iterator[Proposal]:
    if node.kind not in LITERALS:
        return
    literal = design.source_text(node)
    number = value_of(literal)
    for step in (1, -1) if number is not None else ():
        assert number is not None
        changed = rewritten(literal, number + step)
        if changed is not None and value_of(changed) != number:
            yield propose(f"the {what} {literal} is {changed}", replace(node, changed))


def off_by_one_index(design: Design) -> Iterator[Proposal]:
    """An index or a bound of a select is one too high or too low."""
    start, _ = design.body
    for select in design.of(*_SELECTS):
        if select.sourceRange.start.offset < start or select.parent.kind != K.ElementSelect:
            continue
        for number in design.within(select, *LITERALS):
            for proposal in _off_by_one(design, number, "index"):
                yield propose(f"{proposal.description} in `{design.short(select.parent.parent)}`",
                              *proposal.edits)


def _wraps(design: Design) -> Iterator[Node]:
    """`if (count == 9) ... else ...`: conditions that compare for equality with a constant."""
    for node in design.of(K.ConditionalStatement, K.ConditionalExpression):
        compared = list(design.within(node.predicate, *COMPARISONS))
        has_else = node.kind == K.ConditionalExpression or node.elseClause is not None
        if compared and has_else and not design.is_reset_test(node):
            yield node


def wrap_missing(design: Design) -> Iterator[Proposal]:
    """What happens at a limit happens never: the count runs on."""
    for node in _wraps(design):
        is_statement = node.kind == K.ConditionalStatement
        other = node.elseClause.clause if is_statement else node.right
        description = f"nothing happens at `{design.short(node.predicate)}`"
        text = design.source_text(other)
        yield propose(description, replace(node, text if is_statement else f"({text})"))


def wrap_wrong(design: Design) -> Iterator[Proposal]:
    """The count goes on from another value."""
    for node in _wraps(design):
        if node.kind == K.ConditionalExpression:
            yield from _off_by_one(design, node.left, "value after the limit")
            continue
        for change in design.within(node.statement, *ASSIGNMENTS):
            yield from _off_by_one(design, change.right, "value after the limit")


def step_wrong(design: Design) -> Iterator[Proposal]:
    """Counting by another step."""
    for node in design.of(K.AddExpression, K.SubtractExpression):
        if not design.in_loop_header(node):  # there it would be endless
            yield from _off_by_one(design, node.right, "step")


_OTHERS: dict[str, tuple[str, ...]] = {
    "+": ("-",),
    "-": ("+",),
    "&": ("|", "^"),
    "|": ("&", "^"),
    "^": ("&", "|"),
    "&&": ("||",),
    "||": ("&&",),
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
}
_BINARY = (
    K.AddExpression, K.SubtractExpression, K.BinaryAndExpression, K.BinaryOrExpression,
    K.BinaryXorExpression, K.LogicalAndExpression, K.LogicalOrExpression, K.EqualityExpression,
    K.InequalityExpression, K.LessThanExpression, K.LessThanEqualExpression,
    K.GreaterThanExpression, K.GreaterThanEqualExpression,
)  # fmt: skip
_NEGATIONS = (K.UnaryLogicalNotExpression, K.UnaryBitwiseNotExpression)
_REDUCTIONS = {
    K.UnaryBitwiseAndExpression: "|",
    K.UnaryBitwiseOrExpression: "&",
    K.UnaryBitwiseXorExpression: "|",
}
_BOUNDS: dict[str, tuple[str, ...]] = {"<": ("<=",), "<=": ("<",), ">": (">=",), ">=": (">",)}
"""In the header of a loop any other change makes it endless."""


def operator_changed(design: Design) -> Iterator[Proposal]:
    """One operator stands for another."""
    for node in design.of(*_BINARY):
        token = node.operatorToken
        others = _OTHERS[token.rawText]
        for other in _BOUNDS.get(token.rawText, ()) if design.in_loop_header(node) else others:
            description = f"`{design.short(node)}` is written with {other}"
            yield propose(description, replace_token(token, other))
    for node in design.of(*_REDUCTIONS):
        description = f"`{design.short(node)}` is written with {_REDUCTIONS[node.kind]}"
        yield propose(description, replace_token(node.operatorToken, _REDUCTIONS[node.kind]))


def negation_missing(design: Design) -> Iterator[Proposal]:
    """A negation is left out."""
    tested = [test.predicate for test in design.reset_tests]
    for node in design.of(*_NEGATIONS):
        if any(design.source_text(t) == design.source_text(node) for t in tested):
            continue  # that is a reset of the wrong polarity
        description = f"`{design.short(node)}` is not negated"
        yield propose(description, replace_token(node.operatorToken, ""))


_OTHER_SHIFT = {"<<": ">>", ">>": "<<", "<<<": ">>>", ">>>": "<<"}
_SHIFTS = (
    K.LogicalShiftLeftExpression, K.LogicalShiftRightExpression,
    K.ArithmeticShiftLeftExpression, K.ArithmeticShiftRightExpression,
)  # fmt: skip


def width_wrong(design: Design) -> Iterator[Proposal]:
    """A signal inside has a bit too few or too many."""
    for node in design.of(K.DataDeclaration):
        names = ", ".join(d.name.valueText for d in design.within(node, K.Declarator))
        for bound in design.within(node.type, K.SimpleRangeSelect):
            literal = design.source_text(bound.left)
            high = value_of(literal)
            for step in (-1, 1) if high is not None else ():
                assert high is not None
                text = rewritten(literal, high + step)
                if text is not None:
                    low = design.source_text(bound.right)
                    description = f"`{names}` is declared [{text}:{low}]"
                    yield propose(description, replace(bound.left, text))


def bits_reordered(design: Design) -> Iterator[Proposal]:
    """The parts of a concatenation stand in the wrong order."""
    for node in design.of(K.ConcatenationExpression):
        parts = [design.source_text(e) for e in _elements(node)]
        if len(parts) < 2:
            continue
        turned = [*parts[1:], parts[0]]
        for order in (parts[::-1], turned) if len(parts) > 2 else (parts[::-1],):
            text = "{" + ", ".join(order) + "}"
            yield propose(f"`{design.short(node)}` is {text}", replace(node, text))


def _elements(node: Node) -> list[Node]:
    return [e for e in node.expressions if hasattr(e, "sourceRange")]


def shift_reversed(design: Design) -> Iterator[Proposal]:
    """A shift goes the other way."""
    for node in design.of(*_SHIFTS):
        other = _OTHER_SHIFT[node.operatorToken.rawText]
        description = f"`{design.short(node)}` shifts the other way"
        yield propose(description, replace_token(node.operatorToken, other))
