"""What the syntax tree says of a text, as a set: the order of declarations, statements and ports
plays no part, nor do names.

A feature is a statement, a declaration or an expression with the form of its parts two levels
down; parts whose order means nothing (members of a module, statements of a block, the two sides
of `+`, `&`, `==`, ...) are sorted. How often a feature occurs counts up to a few times.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from rtlbench.dataset.similarity.canonical import tokens
from rtlbench.errors import HarnessError

DEPTH = 3
MAX_COUNT = 4
MAX_NODES = 50_000
_UNORDERED = (
    "ModuleDeclaration AnsiPortList SequentialBlockStatement "
    "AddExpression MultiplyExpression BinaryAndExpression BinaryOrExpression BinaryXorExpression "
    "LogicalAndExpression LogicalOrExpression EqualityExpression InequalityExpression "
    "ParenthesizedEventExpression BinaryEventExpression"
).split()
_THROUGH = frozenset({"ParenthesizedExpression", "SequentialBlockStatement"})
"""Nodes that only hold another together."""


def syntax_features(text: str) -> set[str]:
    """The features of prepared text; empty where slang reads nothing in it."""
    from pyslang import SourceManager

    from rtlbench.rtl.slang import file_members, parse

    try:
        tree = parse(text, SourceManager())
    except HarnessError:
        return set()
    counts: Counter[str] = Counter()
    left = [MAX_NODES]
    for member in file_members(tree):
        _levels(member, counts, left)
    return {f"{f} {k}" for f, n in counts.items() for k in range(min(n, MAX_COUNT))}


def _levels(node: Any, counts: Counter[str], left: list[int]) -> list[str]:
    """The forms of `node` down to 0, 1, ... levels; those of all depths below are counted."""
    from pyslang.parsing import Token

    if isinstance(node, Token):
        return [_word(node)] * DEPTH
    left[0] -= 1
    if left[0] < 0:
        return ["..."] * DEPTH
    kind = node.kind.name
    parts = [_levels(part, counts, left) for part in node if part is not None]
    parts = [p for p in parts if p[0]]
    if kind in _THROUGH and len(parts) == 1:
        return parts[0]
    forms = [kind]
    for depth in range(1, DEPTH):
        inner = [p[depth - 1] for p in parts]
        forms.append(f"{kind}({','.join(sorted(inner) if kind in _UNORDERED else inner)})")
    counts.update(forms[1:])
    return forms


def _word(token: Any) -> str:
    """A token without its name: signs and brackets follow from the node's kind."""
    found = tokens(token.rawText)
    if len(found) != 1 or found[0].kind == "sign":
        return ""
    return "#" if found[0].kind == "name" else found[0].text
