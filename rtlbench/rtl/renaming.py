"""Candidates' texts as the tools get them: module names apart, bits for X's, lines kept.

`default: y = 'x` says that any value will do there. What a case, `==?` or `inside` compares with
stays as it is: an X is a pattern there. Z stays too: it is what a bus shows that nobody drives.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from pyslang.syntax import SyntaxKind, SyntaxTree

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.scan import Scan, scan
from rtlbench.rtl.slang import elaborate

GOLDEN_PREFIX = f"golden_{secrets.token_hex(6)}_"
"""Of the golden's modules where a candidate's text is beside it, which cannot know this name."""
Insertion: TypeAlias = tuple[int, str]
"""(offset, text)."""


def rename(
    text: str, scanned: Scan, prefix: str, insertions: Sequence[Insertion] = ()
) -> tuple[str, dict[str, str]]:
    """`text` with every module defined in it renamed to `prefix` and a number.

    Args:
        insertions: What else comes into the text; those at one offset end up in reverse order.

    Returns the new text, on the same lines, and the new name by old name.
    """
    new = {name: f"{prefix}{k}" for k, name in enumerate(scanned.modules)}
    edits = [(at, len(raw), new[_plain(raw)]) for at, raw in scanned.names if _plain(raw) in new]
    edits += [(at, 0, added) for at, added in insertions]
    for at, length, replacement in sorted(edits, reverse=True):
        text = text[:at] + replacement + text[at + length :]
    return text, new


def as_hardware(text: str, scanned: Scan) -> str:
    """`text` as synthesis takes it: delays and assertions blanked, case equality plain, columns
    kept."""
    for at in scanned.equalities:
        text = f"{text[: at + 2]} {text[at + 3 :]}"
    for at, length in scanned.delays:
        text = text[:at] + _blanks(text[at : at + length]) + text[at + length :]
    for at, length, left in scanned.assertions:
        text = text[:at] + left + _blanks(text[at + 1 : at + length]) + text[at + length :]
    return text


def _blanks(text: str) -> str:
    return "".join(c if c == "\n" else " " for c in text)


def _plain(raw: str) -> str:
    return raw[1:] if raw.startswith("\\") else raw


def renamed(text: str, scanned: Scan, top: str, prefix: str) -> Unit:
    """A scanned text with every module renamed to `prefix` and a number.

    A package or type at its outermost level may have such a name already: then to another one.
    """
    while scanned.other_members and prefix in text:
        prefix += "_"
    apart, names = rename(text, scanned, prefix)
    return Unit(apart, names[top], scanned.other_members)


def renamed_golden(spec: Spec, prefix: str) -> Unit:
    """The Spec's golden, renamed.

    Raises:
        HarnessError: The golden is not a module that the harness itself would accept.
    """
    return renamed_text(spec.golden, spec.top, prefix, f"{spec.id}: the golden")


def renamed_text(text: str, top: str, prefix: str, what: str) -> Unit:
    """A text that the Checks would accept, renamed; messages call it `what`.

    Raises:
        HarnessError: They would not.
    """
    hardware, scanned = _accepted(text, top, what)
    apart, names = rename(hardware, scanned, prefix)
    return Unit(apart, names[top], scanned.other_members)


@lru_cache(maxsize=256)
def _accepted(text: str, top: str, what: str) -> tuple[str, Scan]:
    """The text as hardware, and its scan; it has several names while a Spec's answers are judged.

    Raises:
        HarnessError: The Checks would not accept it.
    """
    source = prepare(text)
    view = elaborate(source.text, top)
    errors = [view.engine.formatMessage(d) for d in view.errors]
    if source.refusals or errors or view.top is None:
        raise HarnessError(f"{what} does not elaborate: {errors[:1]}")
    scanned = scan(view.tree)
    return as_hardware(source.text, scanned), scanned


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
        token = getattr(node, _LITERALS[node.kind])
        if "x" in token.rawText.lower() and not _is_pattern(node):
            base = node.base.rawText.lower()[-1] if hasattr(node, "base") else "b"
            found.append((token.location.offset, token.rawText, _BASES.get(base, 2)))

    tree.root.visit(lookup_table=dict.fromkeys(_LITERALS, visit))
    return found


def _is_pattern(node: Any) -> bool:
    """Whether it stands where a case item names what it is for."""
    if _is_compared_by_pattern(node):
        return True
    inner, outer = node, node.parent
    while outer is not None and outer.kind != SyntaxKind.StandardCaseItem:
        inner, outer = outer, outer.parent
    return outer is not None and inner.sourceRange.start.offset < outer.colon.location.offset


def _is_compared_by_pattern(node: Any) -> bool:
    """Whether it stands on the right of `==?`, `!=?` or `inside`."""
    inner, outer = node, node.parent
    while outer is not None:
        if outer.kind in _BY_PATTERN:
            right = outer.ranges if outer.kind == SyntaxKind.InsideExpression else outer.right
            at = inner.sourceRange.start.offset
            return bool(right.sourceRange.start.offset <= at < right.sourceRange.end.offset)
        inner, outer = outer, outer.parent
    return False


_BY_PATTERN = frozenset(
    {
        SyntaxKind.InsideExpression,
        SyntaxKind.WildcardEqualityExpression,
        SyntaxKind.WildcardInequalityExpression,
    }
)


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
