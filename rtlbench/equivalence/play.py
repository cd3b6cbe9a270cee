"""Plays a circuit clock cycle by clock cycle, in many lanes at once.

A lane is a run of its own: other inputs, another state at power-up. All lanes lie in one integer a
node of the graph, so that a cycle of 256 lanes costs as much as one of a few.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from rtlbench.equivalence.aig import Lit
from rtlbench.equivalence.circuit import Circuit


def planes_of(values: Sequence[int], width: int) -> list[int]:
    """One integer a bit, with a lane a place: what `values` are, one a lane."""
    digits = [format(v, f"0{width}b") for v in reversed(values)]
    return [int("".join(column), 2) for column in zip(*digits, strict=True)][::-1]


def values_of(planes: Sequence[int], lanes: int) -> list[int]:
    """The value of each lane."""
    if not planes:
        return [0] * lanes
    digits = [format(p, f"0{lanes}b") for p in reversed(planes)]
    return [int("".join(column), 2) for column in zip(*digits, strict=True)][::-1]


class Player:
    """A circuit in a state; every register has its edge in each cycle."""

    def __init__(self, circuit: Circuit, lanes: int, rng: random.Random) -> None:
        self.circuit = circuit
        self.lanes = lanes
        self._rng = rng
        self._all = (1 << lanes) - 1
        self._values = [0] * len(circuit.aig)
        registers = circuit.registers
        roots = [lit for bits in circuit.outputs.values() for lit in bits]
        roots += [lit for r in registers for lit in (r.data, r.reset)]
        pairs = ((n, circuit.aig.fanins(n)) for n in circuit.aig.cone(roots))
        self._gates = [(n, *f) for n, f in pairs if f is not None]
        self.state = [
            self.drawn() if r.initial is None else -r.initial & self._all for r in registers
        ]

    def drawn(self) -> int:
        """A bit of each lane, at random."""
        return self._rng.getrandbits(self.lanes)

    def cycle(self, inputs: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
        """What the outputs show under `inputs`, as planes, before the edge that ends the cycle.

        Args:
            inputs: The planes of each input port but the clocks.
        """
        values = self._values
        for name, nodes in self.circuit.inputs.items():
            for node, plane in zip(nodes, inputs.get(name, [0] * len(nodes)), strict=True):
                values[node] = plane
        for node in self.circuit.free:
            values[node] = self.drawn()
        for register, plane in zip(self.circuit.registers, self.state, strict=True):
            values[register.node] = plane
        for node, a, b in self._gates:
            values[node] = self._of(a) & self._of(b)
        shown = {n: [self._of(lit) for lit in lits] for n, lits in self.circuit.outputs.items()}
        self.state = [
            self._reset(r.reset, r.value, self._of(r.data)) for r in self.circuit.registers
        ]
        return shown

    def _of(self, lit: Lit) -> int:
        plane = self._values[lit >> 1]
        return plane ^ self._all if lit & 1 else plane

    def _reset(self, reset: Lit, value: int, data: int) -> int:
        mask = self._of(reset)
        return (data & ~mask) | (mask if value else 0)
