"""Frames: what is applied to every lane at one moment, and what a right answer shows then; and the
plan of a Spec, which is all of them.

A frame is three numbers, packed from the ports of the Spec: the first port in the highest bits. It
changes either one clock or other inputs, never both, so that no right answer can lose a race; two
clocks never have an edge in the same frame. Where nothing changes there is no frame: nothing could
happen in it, since no answer knows the time (the safety Check refuses what could).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cached_property
from typing import overload

import msgspec

from rtlbench.records.spec import Port, Spec

QUICK = 1
"""zlib's level: more takes longer than it saves."""


class Frame(msgspec.Struct, frozen=True):
    """Inputs for one moment, and what the outputs must be once they have settled.

    The three numbers are packed: the first port of the Spec lies in the highest bits.
    """

    cycle: int
    inputs: int
    expected: int
    care: int
    unknown: int = 0
    """Bits of the inputs that are X; they are 0 in `inputs`."""


class Rows(msgspec.Struct, frozen=True):
    """All frames as a simulator reads them, and what it must find in the golden's complement."""

    text: str
    """A line for each frame: inputs, expected, care. Hexadecimal digits, which are read and written
    in a fraction of the time; binary ones where an input is unknown."""
    has_unknown: bool
    first: int
    """The first frame in which an output counts."""
    counting: int
    """In so many frames one does."""


class KeptFrames(Sequence[Frame]):
    """Frames that are made of their rows when they are asked for; no input is unknown."""

    def __init__(self, rows: Rows, cycles: bytes, output_bits: int) -> None:
        self.rows = rows
        self._packed_cycles = cycles
        self._outs = output_bits
        self._every = (1 << output_bits) - 1
        self._line = rows.text.index("\n") + 1

    @staticmethod
    def packed_cycles(frames: Sequence[Frame]) -> bytes:
        """What `cycles` is, for the same frames."""
        digits = f"0{len(f'{max(f.cycle for f in frames):x}')}x"
        return zlib.compress("".join([format(f.cycle, digits) for f in frames]).encode(), QUICK)

    @cached_property
    def _cycles(self) -> bytes:
        return zlib.decompress(self._packed_cycles)

    def __len__(self) -> int:
        return len(self.rows.text) // self._line

    @overload
    def __getitem__(self, at: int) -> Frame: ...

    @overload
    def __getitem__(self, at: slice) -> list[Frame]: ...

    def __getitem__(self, at: int | slice) -> Frame | list[Frame]:
        places = range(len(self))[at]
        return self._frame(places) if isinstance(places, int) else [*map(self._frame, places)]

    def _frame(self, k: int) -> Frame:
        row = int(self.rows.text[k * self._line : (k + 1) * self._line], 16)
        digits = len(self._cycles) // len(self)
        cycle = int(self._cycles[k * digits : (k + 1) * digits], 16)
        every = self._every
        return Frame(cycle, row >> (2 * self._outs), (row >> self._outs) & every, row & every)


class Plan(msgspec.Struct, frozen=True, dict=True):
    """All frames of a Spec, with the widths they are packed to."""

    frames: Sequence[Frame]
    input_bits: int
    output_bits: int
    seconds: float = 0.0
    """CPU time that the golden alone takes to play them, where that was measured."""
    source: str = ""
    """Where the inputs come from, where that is not the harness itself."""
    by_netlist: bool = False
    """Whether the golden itself is simulated as its netlist."""

    @cached_property
    def rows(self) -> Rows:
        """The frames as a simulator reads them."""
        if isinstance(self.frames, KeptFrames):
            return self.frames.rows
        counting = [k for k, frame in enumerate(self.frames) if frame.care]
        has_unknown = any(f.unknown for f in self.frames)
        return Rows(self._text(has_unknown), has_unknown, min(counting, default=0), len(counting))

    def _text(self, has_unknown: bool) -> str:
        outs, width = self.output_bits, self.input_bits + 2 * self.output_bits
        numbers = [
            (f.inputs << (2 * outs)) | ((f.expected & f.care) << outs) | f.care
            for f in self.frames
        ]
        if not has_unknown:
            digits = f"0{-(-width // 4)}x"
            return "".join([f"{format(n, digits)}\n" for n in numbers])
        rows = zip(numbers, self.frames, strict=True)
        lines = [with_unknown(f"{n:0{width}b}", f.unknown, self.input_bits) for n, f in rows]
        return "".join([f"{line}\n" for line in lines])


def plan_of(spec: Spec, frames: Sequence[Frame]) -> Plan:
    """Frames with the widths of the Spec's ports."""
    ins, outs = (sum(p.width for p in side) for side in (spec.inputs, spec.outputs))
    return Plan(frames if isinstance(frames, KeptFrames) else tuple(frames), ins, outs)


def with_unknown(row: str, unknown: int, width: int) -> str:
    """Binary digits of which the first `width` are X where `unknown` has a 1."""
    if not unknown:
        return row
    mask = f"{unknown:0{width}b}"
    return "".join("x" if m == "1" else d for d, m in zip(row, mask, strict=False)) + row[width:]


def unpack(packed: int, ports: tuple[Port, ...]) -> dict[str, int]:
    """Port values by name out of a packed number."""
    values: dict[str, int] = {}
    for port in reversed(ports):
        values[port.name] = packed & ((1 << port.width) - 1)
        packed >>= port.width
    return values
