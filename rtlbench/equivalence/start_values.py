"""Text that starts chosen variables at drawn values.

A vector gets its value where it is declared, which happens before any process runs: an edge that
the start itself makes is seen by nobody. Memories and ports are filled by an `initial` right
behind the declaration, before any process that stands behind it. An enumeration starts at one of
its members: a simulator takes no other value for it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyslang.syntax import SyntaxKind

from rtlbench.equivalence.start_state import StateVariable
from rtlbench.errors import HarnessError
from rtlbench.rtl.lexical import PLAIN_NAME
from rtlbench.rtl.renaming import Insertion

_PLAIN = re.compile(PLAIN_NAME)
_STEP = "32'h9E3779B1"
"""Odd, with bits all over: multiples of it fill the words of a memory apart from each other."""
_ITEMS = frozenset({SyntaxKind.ModuleDeclaration, SyntaxKind.GenerateBlock})
_CLOSED = frozenset({SyntaxKind.FunctionDeclaration, SyntaxKind.TaskDeclaration})


@dataclass(frozen=True)
class Started:
    """What starts the variables, and the values for people to read."""

    insertions: tuple[Insertion, ...]
    shown: dict[str, str]
    """Start values by name; memories are left out."""


def start_at(variables: Sequence[StateVariable], seed: str, *, inverted: bool) -> Started:
    """Insertions that start `variables` at bits drawn from `seed`, or at their complement.

    Raises:
        HarnessError: A variable is declared where nothing can start it.
    """
    rng = random.Random(seed)
    insertions: list[Insertion] = []
    shown: dict[str, str] = {}
    for variable in variables:
        symbol, kind = variable.symbol, _word(variable.symbol.type)
        drawn = rng.getrandbits(kind.bitWidth)
        value = _value(kind, drawn, inverted=inverted)
        if symbol.type.isUnpackedArray:
            insertions += _filled(symbol, kind, value)
        else:
            insertions += _started(symbol, value)
            shown.setdefault(variable.name, value)
    return Started(tuple(insertions), shown)


def _word(kind: Any) -> Any:
    while kind.isUnpackedArray:
        kind = kind.arrayElementType
    return kind


def _value(kind: Any, drawn: int, *, inverted: bool) -> str:
    width = kind.bitWidth
    if kind.isEnum:
        members = list(kind.canonicalType)
        member = members[(drawn + inverted) % len(members)]
        return f"{_package(member.syntax)}{_identifier(member.name)}"
    return f"{width}'h{drawn ^ ((1 << width) - 1 if inverted else 0):x}"


def _package(node: Any) -> str:
    """The way to a name that a package declares."""
    while node is not None and node.kind != SyntaxKind.PackageDeclaration:
        node = node.parent
    return "" if node is None else f"{_identifier(node.header.name.valueText)}::"


def _identifier(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else f"\\{name} "


def _started(symbol: Any, value: str) -> list[Insertion]:
    declarator = symbol.syntax
    if declarator.parent.kind == SyntaxKind.DataDeclaration:
        return [(declarator.sourceRange.end.offset, f" = {value} ")]
    behind = _behind(declarator)
    return [(behind, f" initial {_identifier(symbol.name)} = {value}; ")]


def _behind(declarator: Any) -> int:
    """The offset behind the item that declares: for a port of a header, behind the header."""
    node = declarator.parent
    while node.kind not in (SyntaxKind.PortDeclaration, SyntaxKind.DataDeclaration):
        if node.kind in (SyntaxKind.ModuleHeader, SyntaxKind.CompilationUnit):
            break
        node = node.parent
    return int(node.sourceRange.end.offset)


def _filled(symbol: Any, kind: Any, value: str) -> list[Insertion]:
    """An `initial` that fills a memory, each word with bits of its own."""
    loops, index, number = "", "", "32'd1"
    for level, (low, high) in enumerate(_ranges(symbol.type)):
        k = f"rtlbench_k{level}"
        loops += f"for (int {k} = {low}; {k} <= {high}; {k} = {k} + 1) "
        index += f"[{k}]"
        number = f"({number}) * 32'd7919 + {k}"
    if not kind.isEnum:
        copies = -(-kind.bitWidth // 32)
        value = f"{value} ^ {{{copies}{{({number}) * {_STEP}}}}}"
    path, process, labels = _way_in(symbol)
    at = _behind(symbol.syntax) if process is None else process.sourceRange.start.offset
    place = f"{path}{_identifier(symbol.name)}{index}"
    return [*labels, (at, f" initial {loops}{place} = {value}; ")]


def _ranges(kind: Any) -> list[tuple[int, int]]:
    found = []
    while kind.isUnpackedArray:
        found.append((kind.fixedRange.lower, kind.fixedRange.upper))
        kind = kind.arrayElementType
    return found


def _way_in(symbol: Any) -> tuple[str, Any, list[Insertion]]:
    """For what a process declares: the path from outside, the process, labels for the path.

    Raises:
        HarnessError: Nothing can stand beside the process, or it is no process.
    """
    path, labels, node = "", [], symbol.syntax.parent
    while node.kind not in _ITEMS:
        if node.kind == SyntaxKind.SequentialBlockStatement:
            name, label = _label(node)
            path = f"{_identifier(name)}.{path}"
            labels += label
        if node.parent.kind in _ITEMS and path:
            if node.kind not in (SyntaxKind.AlwaysBlock, SyntaxKind.AlwaysFFBlock):
                break
            return path, node, labels
        node = node.parent
        if node.kind in _CLOSED:
            break
    if path or node.kind not in _ITEMS:
        raise HarnessError(f"{symbol.name}: nothing can start it from outside its process")
    return "", None, []


def _label(block: Any) -> tuple[str, list[Insertion]]:
    if block.blockName is not None:
        return block.blockName.name.valueText, []
    at = block.begin.location.offset + len("begin")
    name = f"rtlbench_b{at}"
    return name, [(at, f" : {name} ")]
