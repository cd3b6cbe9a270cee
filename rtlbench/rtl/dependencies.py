"""What a bit of a cell's output depends on.

Followed bit by bit where a cell works bit by bit (logic, multiplexers, registers), from low to
high where carries run, and from all inputs to all outputs otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtlbench.rtl.registers import REGISTER_PREFIXES
from rtlbench.rtl.yosys_json import Bit, YosysCell

_BITWISE = frozenset({"$and", "$or", "$xor", "$xnor", "$not", "$pos", "$_NOT_", "$bwmux"})
_CARRY = frozenset({"$add", "$sub", "$neg", "$alu"})
MEMORY_PREFIX = "$mem"


def is_sequential(cell: YosysCell) -> bool:
    """True for registers and memories."""
    return cell.type.startswith((*REGISTER_PREFIXES, MEMORY_PREFIX))


def sources(cell: YosysCell, index: int) -> Iterator[Bit]:
    """Input bits of `cell` that bit `index` of its output depends on."""
    kind = cell.type
    if kind in _BITWISE or kind.startswith(REGISTER_PREFIXES):
        yield from _aligned(cell, index)
    elif kind in _CARRY:
        yield from _carried(cell, index)
    elif kind == "$mux":
        yield from (cell.connections["A"][index], cell.connections["B"][index])
        yield from cell.connections["S"]
    elif kind == "$pmux":
        width = len(cell.connections["A"])
        yield cell.connections["A"][index]
        yield from cell.connections["B"][index::width]
        yield from cell.connections["S"]
    else:
        yield from _every_input(cell)


def _every_input(cell: YosysCell) -> Iterator[Bit]:
    for port, bits in cell.connections.items():
        if cell.port_directions.get(port) == "input":
            yield from bits


def _aligned(cell: YosysCell, index: int) -> Iterator[Bit]:
    """Bit `index` of wide inputs (the last bit where they are shorter), all of narrow ones."""
    for port, bits in cell.connections.items():
        if cell.port_directions.get(port) != "input":
            continue
        if len(bits) == 1 or port in ("CLK", "EN", "ARST", "SRST", "ALOAD"):
            yield from bits
        else:
            yield bits[min(index, len(bits) - 1)]


def _carried(cell: YosysCell, index: int) -> Iterator[Bit]:
    for port, bits in cell.connections.items():
        if cell.port_directions.get(port) == "input":
            yield from bits[: index + 1]
