"""Literals with X in them, and the same text with bits in their place.

`default: y = 'x` says that any value will do there. What a case compares with stays as it is: an
X is a pattern there. Z stays too: it is what a bus shows that nobody drives.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from pyslang.parsing import Token
from pyslang.syntax import SyntaxKind, SyntaxTree

_LITERALS = {
    SyntaxKind.IntegerVectorExpression: "value",
    SyntaxKind.UnbasedUnsizedLiteralExpression: "literal",
}
_BASES = {"b": 2, "o": 8, "h": 16}
Literal = tuple[int, str, int]
"""Offset, digits, and what a digit may be below."""


def unknown_literals(tree: SyntaxTree) -> list[Literal]:
    """Every literal with an X that is not compared with in a case."""
    found: list[Literal] = []

    def visit(node: Any) -> None:
        if isinstance(node, Token) or node.kind not in _LITERALS:
            return
        token = getattr(node, _LITERALS[node.kind])
        if "x" in token.rawText.lower() and not _is_pattern(node):
            base = node.base.rawText.lower()[-1] if hasattr(node, "base") else "b"
            found.append((token.location.offset, token.rawText, _BASES.get(base, 2)))

    tree.root.visit(visit)
    return found


def _is_pattern(node: Any) -> bool:
    """Whether it stands where a case item names what it is for."""
    inner, outer = node, node.parent
    while outer is not None and outer.kind != SyntaxKind.StandardCaseItem:
        inner, outer = outer, outer.parent
    return outer is not None and inner.sourceRange.start.offset < outer.colon.location.offset


def with_bits(text: str, literals: Sequence[Literal], seed: str, *, inverted: bool) -> str:
    """`text`, as long as before, with digits drawn from `seed` for every X in `literals`."""
    rng = random.Random(seed)
    for at, raw, base in literals:
        digits = ""
        for digit in raw:
            drawn = rng.randrange(base)
            known = f"{base - 1 - drawn if inverted else drawn:x}"
            digits += known if digit in "xX" else digit
        text = text[:at] + digits + text[at + len(raw) :]
    return text
