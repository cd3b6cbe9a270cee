"""Cells of Yosys's netlists: the records of `write_json`, registers, and what a bit depends on.

Bits are numbers; constants are the strings "0", "1", "x" and "z". What a cell's output depends on
is followed bit by bit where a cell works bit by bit (logic, multiplexers, registers), from low to
high where carries run, and from all inputs to all outputs otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

Bit: TypeAlias = int | str


class YosysPort(msgspec.Struct, frozen=True):
    """A port in Yosys's JSON."""

    direction: str
    bits: list[Bit]


class YosysCell(msgspec.Struct, frozen=True):
    """A cell in Yosys's JSON."""

    type: str
    parameters: dict[str, str]
    connections: dict[str, list[Bit]]
    port_directions: dict[str, str] = {}
    attributes: dict[str, str | int] = {}


class YosysNet(msgspec.Struct, frozen=True):
    """A named net in Yosys's JSON."""

    bits: list[Bit]
    attributes: dict[str, str | int] = {}


class YosysModule(msgspec.Struct, frozen=True):
    """A module in Yosys's JSON."""

    ports: dict[str, YosysPort]
    cells: dict[str, YosysCell]
    netnames: dict[str, YosysNet]


class YosysDesign(msgspec.Struct, frozen=True):
    """What `write_json` writes."""

    modules: dict[str, YosysModule]


REGISTER_PREFIXES = ("$dff", "$adff", "$sdff", "$aldff", "$sr", "$ff", "$_DFF", "$_SDFF", "$dffsr")


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that a flip-flop cell states outright."""

    cell: str
    """Yosys's cell type, e.g. `$adffe`."""
    width: int
    rising: bool
    """True when it acts on the rising edge of `clock`."""
    clock: Bit
    q: tuple[Bit, ...]
    d: tuple[Bit, ...]
    enable: Bit | None = None
    enable_high: bool = True
    reset: Bit | None = None
    reset_kind: Literal["none", "sync", "async"] = "none"
    reset_high: bool = True


def register_of(cell: YosysCell) -> Register | None:
    """The facts of a flip-flop cell; None where it has no clock."""
    parts = cell.connections
    if "CLK" not in parts or "Q" not in parts:
        return None
    kind: Literal["none", "sync", "async"] = "none"
    reset: Sequence[Bit] = ()
    high = True
    for port, what in (("ARST", "async"), ("ALOAD", "async"), ("SRST", "sync"), ("CLR", "async")):
        if port in parts:
            kind, reset = what, parts[port]  # type: ignore[assignment]
            high = _flag(cell, f"{port}_POLARITY")
    return Register(
        cell=cell.type,
        width=len(parts["Q"]),
        rising=_flag(cell, "CLK_POLARITY"),
        clock=parts["CLK"][0],
        q=tuple(parts["Q"]),
        d=tuple(parts.get("D", ())),
        enable=parts["EN"][0] if "EN" in parts else None,
        enable_high=_flag(cell, "EN_POLARITY"),
        reset=reset[0] if reset else None,
        reset_kind=kind,
        reset_high=high,
    )


def _flag(cell: YosysCell, parameter: str) -> bool:
    return cell.parameters.get(parameter, "1").endswith("1")


_BITWISE = frozenset({"$and", "$or", "$xor", "$xnor", "$not", "$pos", "$_NOT_", "$bwmux"})
_CARRY = frozenset({"$add", "$sub", "$neg", "$alu"})
_NARROW = frozenset({"CLK", "EN", "ARST", "SRST", "ALOAD"})
MEMORY_PREFIX = "$mem"
_SEQUENTIAL = (*REGISTER_PREFIXES, MEMORY_PREFIX)


def is_sequential(cell: YosysCell) -> bool:
    """True for registers and memories."""
    return cell.type.startswith(_SEQUENTIAL)


def sources(cell: YosysCell, index: int) -> list[Bit]:
    """Input bits of `cell` that bit `index` of its output depends on."""
    kind, ports = cell.type, cell.connections
    if kind in _BITWISE or kind.startswith(REGISTER_PREFIXES):
        return [b for port, bits in _inputs(cell) for b in _aligned(port, bits, index)]
    if kind in _CARRY:
        return [b for _, bits in _inputs(cell) for b in bits[: index + 1]]
    if kind == "$mux":
        return [ports["A"][index], ports["B"][index], *ports["S"]]
    if kind == "$pmux":
        return [ports["A"][index], *ports["B"][index :: len(ports["A"])], *ports["S"]]
    return [b for _, bits in _inputs(cell) for b in bits]


def _inputs(cell: YosysCell) -> list[tuple[str, list[Bit]]]:
    given = cell.port_directions
    return [(port, bits) for port, bits in cell.connections.items() if given.get(port) == "input"]


def _aligned(port: str, bits: list[Bit], index: int) -> list[Bit]:
    """Bit `index` of a wide input (the last bit where it is shorter), all of a narrow one."""
    if len(bits) == 1 or port in _NARROW:
        return bits
    return bits[index : index + 1] or bits[-1:]
