"""One unit of RTL as registers and an and-inverter graph.

Registers stay what they are: clock, clock edge, asynchronous reset and initial value are facts of
the record. Undefined values are free leaves. What cannot be told exactly is refused with a reason.
"""

from __future__ import annotations

import msgspec

from rtlbench.equivalence.aig import FALSE, Aig, Lit


class CircuitError(Exception):
    """Why a unit cannot be compared."""


class OutOfTimeError(CircuitError):
    """It was not read within the time allowed: another machine might."""


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """One bit of state.

    What others see of it is `value` while `reset` is true, else its leaf `node`.
    """

    node: int
    name: str
    """A name in the source, with its index; empty where it has none."""
    data: Lit
    """What it takes over at its clock edge."""
    clock: str
    """The port that clocks it."""
    rising: bool
    initial: int | None
    reset: Lit = FALSE
    """Asynchronous reset."""
    value: int = 0


class Circuit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit: leaves for its inputs, registers and undefined values; literals for the rest."""

    aig: Aig
    inputs: dict[str, tuple[int, ...]]
    """Leaves of each input port, lowest bit first."""
    outputs: dict[str, tuple[Lit, ...]]
    registers: tuple[Register, ...]
    free: tuple[int, ...]
    """Leaves that may have any value at any time."""
