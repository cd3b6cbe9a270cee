"""`$bits` and its kin where Icarus asks too early: in ranges, parameters and generate conditions.

Icarus 11 elaborates those before the signals that they ask about, and takes 0 for an answer
without a word. slang knows the answer; it is written in its place.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from pyslang import SourceManager
from pyslang.ast import SymbolKind
from pyslang.syntax import SyntaxKind

from rtlbench.rtl.elaboration_size import TooLargeError
from rtlbench.rtl.slang import TooDeepError, elaborate, parse

QUERY = re.compile(r"\$(?:bits|size|left|right|low|high|increment)\b\s*\(")
PREFIX = f"rtlbench_answer_{secrets.token_hex(6)}_"
"""No text can know it."""
_LATE = frozenset(
    {
        SyntaxKind.AlwaysBlock, SyntaxKind.AlwaysCombBlock, SyntaxKind.AlwaysFFBlock,
        SyntaxKind.AlwaysLatchBlock, SyntaxKind.InitialBlock, SyntaxKind.ContinuousAssign,
        SyntaxKind.FunctionDeclaration, SyntaxKind.TaskDeclaration,
    }
)  # fmt: skip
"""Where Icarus knows the signals by the time it asks."""
_Asked = tuple[int, int, str, int, bool]
"""Offset, length, module, offset of its end, and whether Icarus asks late enough."""


def answered(text: str) -> tuple[str, int | None]:
    """`text` with answers for queries, on the same lines; and the offset of one that has none."""
    if QUERY.search(text) is None:
        return text, None
    try:
        return _answered(text)
    except (TooDeepError, TooLargeError):
        return text, None  # no text of a candidate's: those have been elaborated


def _answered(text: str) -> tuple[str, int | None]:
    asked = _asked(text)
    with_answers = text
    for k, (at, length, _, end, _) in reversed(list(enumerate(asked))):
        query = text[at : at + length].replace("\n", " ")
        with_answers = f"{with_answers[:end]}localparam {PREFIX}{k} = {query}; {with_answers[end:]}"
    values = _values(with_answers)
    unknown = None
    for k, (at, length, _, _, late) in reversed(list(enumerate(asked))):
        found = values.get(f"{PREFIX}{k}", set())
        (value, *others) = found or {None}
        if value is not None and not others:
            lines = "\n" * text.count("\n", at, at + length)
            text = f"{text[:at]}{value}{lines}{text[at + length :]}"
        elif not late:
            unknown = at
    return text, unknown


def _asked(text: str) -> list[_Asked]:
    """Queries in modules, in order; none that stands in another."""
    found: list[_Asked] = []
    root: Any = parse(text, SourceManager()).root

    def visit(node: Any) -> None:
        start, end = node.sourceRange.start.offset, node.sourceRange.end.offset
        if QUERY.match(text, start) and not any(a <= start < a + n for a, n, *_ in found):
            found.extend(_placed(node, start, end - start))

    root.visit(lookup_table={SyntaxKind.InvocationExpression: visit})
    return sorted(found)


def _placed(node: Any, start: int, length: int) -> list[_Asked]:
    late, outer = False, node.parent
    while outer is not None and outer.kind != SyntaxKind.ModuleDeclaration:
        late = late or outer.kind in _LATE
        outer = outer.parent
    if outer is None:
        return []
    name = str(outer.header.name.valueText)
    return [(start, length, name, outer.endmodule.location.offset, late)]


def _values(text: str) -> dict[str, set[int | None]]:
    """What each answer is, in all instances; None where it is not known."""
    view = elaborate(text, None)
    values: dict[str, set[int | None]] = {}

    def visit(node: Any) -> None:
        symbol: Any
        for symbol in node:
            if str(symbol.name).startswith(PREFIX):
                values.setdefault(str(symbol.name), set()).add(_number(symbol.value))

    view.compilation.getRoot().visit(lookup_table={SymbolKind.InstanceBody: visit})
    return values


def _number(value: Any) -> int | None:
    try:
        return int(value.value)
    except (TypeError, ValueError, AttributeError):
        return None
