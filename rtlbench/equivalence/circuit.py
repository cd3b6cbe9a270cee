"""One unit of RTL as registers and an and-inverter graph, and what one clock edge does to it.

Registers stay what they are: clock, clock edge, asynchronous reset and initial value are facts of
the record. Undefined values are free leaves. What cannot be told exactly is refused with a reason.

A step is what can happen between two clock edges that matter, in the way the stimulus applies
inputs: first, inputs that asynchronous resets depend on may take other values for a moment
(`glitch`); then all inputs take the step's values and outputs settle; then the edge of one clock
comes: two clocks never have an edge at the same moment. Where both designs only know the active
edge a step is a clock cycle; otherwise it is half of one, and the clock's `phase` is true in the
half that ends with the inactive edge.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rtlbench.equivalence.aig import FALSE, Aig, Lit


class CircuitError(Exception):
    """Why a unit cannot be compared."""


class OutOfTimeError(CircuitError):
    """It was not read within the time allowed: another machine might."""


class CircuitRegister(msgspec.Struct, frozen=True, kw_only=True):
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
    registers: tuple[CircuitRegister, ...]
    free: tuple[int, ...]
    """Leaves that may have any value at any time."""

    def is_built_like(self, other: Circuit) -> bool:
        """Whether both are the same, gate by gate, once registers of one name are taken for one.

        Where that cannot be seen at once, the answer is False.
        """
        if self is other:
            return True
        own, others = _named(self), _named(other)
        if _shape(self) != _shape(other) or not len(own) == len(others) == len(self.registers):
            return False
        if {n: _facts(r) for n, r in own.items()} != {n: _facts(r) for n, r in others.items()}:
            return False
        leaves = {others[n].node: 2 * r.node for n, r in own.items()}
        pairs = zip(_leaves(other), _leaves(self), strict=True)
        leaves.update((theirs, 2 * ours) for theirs, ours in pairs)
        found = other.aig.find_in(self.aig, _roots(other, list(own)), leaves)
        return found == _roots(self, list(own))


def _named(circuit: Circuit) -> dict[str, CircuitRegister]:
    return {r.name: r for r in circuit.registers}


def _facts(register: CircuitRegister) -> tuple[str, bool, int | None, int]:
    """All of a register but its functions."""
    return register.clock, register.rising, register.initial, register.value


def _shape(circuit: Circuit) -> tuple[dict[str, int], dict[str, int], int, int]:
    inputs, outputs = ({n: len(b) for n, b in s.items()} for s in (circuit.inputs, circuit.outputs))
    return inputs, outputs, len(circuit.free), len(circuit.registers)


def _leaves(circuit: Circuit) -> list[int]:
    """All but the registers'; of undefined values the first is taken for the first."""
    return [*(n for k in sorted(circuit.inputs) for n in circuit.inputs[k]), *circuit.free]


def _roots(circuit: Circuit, names: Sequence[str]) -> list[Lit]:
    named = _named(circuit)
    found = [lit for n in names for lit in (named[n].data, named[n].reset)]
    return found + [lit for n in sorted(circuit.outputs) for lit in circuit.outputs[n]]


InputBit = tuple[str, int]
"""Port and bit."""


class Timing(msgspec.Struct, frozen=True):
    """The clocks, as both designs are to see them."""

    clocks: tuple[str, ...]
    """Their ports."""
    rising: bool
    """True when the active edge is the rising one."""
    halves: bool
    """True when a step is half a clock cycle."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """The step of one circuit; `next` and `outputs` are functions of the leaves before them."""

    aig: Aig
    state: tuple[int, ...]
    inputs: dict[InputBit, int]
    glitch: dict[InputBit, int]
    free: tuple[int, ...]
    ticks: tuple[int, ...]
    """Of each clock: true in a step that ends with its edge."""
    phases: tuple[int, ...]
    next: tuple[Lit, ...]
    outputs: dict[str, tuple[Lit, ...]]


def needs_halves(circuit: Circuit, clocks: Sequence[str], rising: bool) -> bool:
    """True when the inactive edge, or the level of a clock, matters to the circuit."""
    levels = {circuit.inputs[c][0] for c in clocks if c in circuit.inputs}
    shown = [lit for lits in circuit.outputs.values() for lit in lits]
    other_edge = any(r.rising != rising for r in circuit.registers)
    return other_edge or not levels.isdisjoint(circuit.aig.support(shown))


def step_of(circuit: Circuit, timing: Timing) -> Step:
    """The step of `circuit` under `timing`."""
    aig = Aig()
    ports = circuit.inputs.items()
    inputs = {(n, k): aig.leaf() for n, nodes in ports if n not in timing.clocks
              for k, _ in enumerate(nodes)}
    free = tuple(aig.leaf() for _ in circuit.free)
    state = tuple(aig.leaf() for _ in circuit.registers)
    ticks, phases = (tuple(aig.leaf() for _ in timing.clocks) for _ in range(2))
    leaves = {circuit.inputs[n][k]: 2 * leaf for (n, k), leaf in inputs.items()}
    leaves.update((node, 2 * leaf) for node, leaf in zip(circuit.free, free, strict=True))
    for clock, phase in zip(timing.clocks, phases, strict=True):
        if clock in circuit.inputs:
            level = (2 * phase ^ (not timing.rising)) if timing.halves else FALSE
            leaves[circuit.inputs[clock][0]] = level
    leaves.update((r.node, 2 * q) for r, q in zip(circuit.registers, state, strict=True))
    glitch, held = _after_glitch(circuit, aig, leaves)
    leaves.update((r.node, lit) for r, lit in zip(circuit.registers, held, strict=True))
    edges = _edges(timing, aig, ticks, phases)
    outputs = {
        n: tuple(circuit.aig.copy_into(aig, lits, leaves)) for n, lits in circuit.outputs.items()
    }
    return Step(
        aig=aig,
        state=state,
        inputs=inputs,
        glitch=glitch,
        free=free,
        ticks=ticks,
        phases=phases,
        next=_next(circuit, aig, leaves, edges),
        outputs=outputs,
    )


def _edges(
    timing: Timing, aig: Aig, ticks: Sequence[int], phases: Sequence[int]
) -> dict[tuple[str, bool], Lit]:
    """By clock and whether the edge rises: the step ends with it."""
    found: dict[tuple[str, bool], Lit] = {}
    for clock, tick, phase in zip(timing.clocks, ticks, phases, strict=True):
        past = 2 * phase if timing.halves else FALSE
        found[clock, timing.rising] = aig.conj(2 * tick, past ^ 1)
        found[clock, not timing.rising] = aig.conj(2 * tick, past)
    return found


def _seen(circuit: Circuit, register: CircuitRegister) -> Lit:
    return circuit.aig.mux(register.reset, register.value, 2 * register.node)


def _after_glitch(
    circuit: Circuit, aig: Aig, leaves: dict[int, Lit]
) -> tuple[dict[InputBit, int], list[Lit]]:
    """State after a moment of other inputs, and the leaves that stand for these."""
    seen = [_seen(circuit, r) for r in circuit.registers]
    used = circuit.aig.support([r.reset for r in circuit.registers])
    glitch: dict[InputBit, int] = {}
    moment = dict(leaves)
    for name, nodes in circuit.inputs.items():
        for k, node in enumerate(nodes):
            if node in used:
                glitch[name, k] = aig.leaf()
                moment[node] = 2 * glitch[name, k]
    return glitch, circuit.aig.copy_into(aig, seen, moment)


def _next(
    circuit: Circuit, aig: Aig, leaves: dict[int, Lit], edges: dict[tuple[str, bool], Lit]
) -> tuple[Lit, ...]:
    registers = circuit.registers
    data = [circuit.aig.mux(r.reset, r.value, r.data) for r in registers]
    taken = circuit.aig.copy_into(aig, data, leaves)
    kept = circuit.aig.copy_into(aig, [_seen(circuit, r) for r in registers], leaves)
    return tuple(
        aig.mux(edges[register.clock, register.rising], new, old)
        for register, new, old in zip(registers, taken, kept, strict=True)
    )
