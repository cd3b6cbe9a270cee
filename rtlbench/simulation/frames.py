"""Frames: what is applied to every lane at one moment, and what a right answer shows then.

A frame is three numbers, packed from the ports of the Spec: the first port in the highest bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Port, Spec
from rtlbench.simulation.model import Expected


class Frame(msgspec.Struct, frozen=True):
    """Inputs for one moment, and what the outputs must be once they have settled.

    The three numbers are packed: the first port of the Spec lies in the highest bits.
    """

    cycle: int
    inputs: int
    expected: int
    care: int


class Plan(msgspec.Struct, frozen=True):
    """All frames of a Spec, with the widths they are packed to."""

    frames: tuple[Frame, ...]
    input_bits: int
    output_bits: int


def plan_of(spec: Spec, frames: Sequence[Frame]) -> Plan:
    """Frames with the widths of the Spec's ports."""
    widths = (sum(p.width for p in side) for side in (spec.inputs, spec.outputs))
    return Plan(tuple(frames), *widths)


class Packer:
    """Packs the values of one Spec's ports; what it asks of the Spec is asked once."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._outputs = spec.outputs
        self._inputs = [(p, p.role == "clock", _inversion(p)) for p in spec.inputs]

    def inputs(self, values: Mapping[str, int], levels: Mapping[str, int]) -> int:
        """Logical `values` and the `levels` of clocks, by port id, as the ports see them.

        Raises:
            HarnessError: A value is wider than its port.
        """
        packed = 0
        for port, is_clock, inversion in self._inputs:
            value = levels[port.id] if is_clock else values[port.id] ^ inversion
            if value >> port.width:
                raise HarnessError(f"{self._spec.id}: {port.id}={value} is wider than its port")
            packed = (packed << port.width) | value
        return packed

    def outputs(self, shown: Mapping[str, Expected] | None) -> tuple[int, int]:
        """What the model shows, by port id, as (expected, care); None where anything is right.

        Raises:
            HarnessError: The model leaves an output out, or a value does not fit.
        """
        if shown is None:
            return 0, 0
        packed = packed_care = 0
        for port in self._outputs:
            if port.id not in shown:
                raise HarnessError(f"{self._spec.id}: the model gives no output {port.id!r}")
            value, care = _value_and_care(shown[port.id], port)
            packed = (packed << port.width) | value
            packed_care = (packed_care << port.width) | care
        return packed, packed_care


def _inversion(port: Port) -> int:
    """What turns a logical value into the port's: all ones where it is active-low."""
    return (1 << port.width) - 1 if port.active == "low" and port.role != "data" else 0


def _value_and_care(shown: Expected, port: Port) -> tuple[int, int]:
    everything = (1 << port.width) - 1
    if shown is None:
        return 0, 0
    value, care = shown if isinstance(shown, tuple) else (int(shown), everything)
    if value < 0 or value >> port.width:
        raise HarnessError(f"model output {port.id}={value} does not fit {port.width} bits")
    return value & care, care


def unpack(packed: int, ports: tuple[Port, ...]) -> dict[str, int]:
    """Port values by name out of a packed number."""
    values: dict[str, int] = {}
    for port in reversed(ports):
        values[port.name] = packed & ((1 << port.width) - 1)
        packed >>= port.width
    return values
