"""Stimulus for a Spec of which nothing is known but a reference in Verilog: drawn without a model.

Few inputs of a combinational task are tried in every combination. Else: a reset, every combination
of the one-bit inputs, then inputs at random with resets in mid-run, and changes between the edges
of the clock. A step changes a clock or other inputs, never both, so that no answer can lose a race.
The same Spec and seed give the same steps on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import product

from rtlbench.records.spec import Port, Spec
from rtlbench.simulation.driver import random_value
from rtlbench.simulation.listening import Step

EXHAUSTIVE_BITS = 12
"""Combinational tasks with so many input bits are tried in every combination."""
COMBINATIONS = 2000
"""Random inputs for one with more."""
CYCLES = 800
NARROW_BITS, NARROW_CYCLES = 4, 2400
"""With few inputs beside clock and reset, what matters is what came before: a detector of a
sequence is right or wrong by one run of bits in hundreds."""
MAX_CONTROLS = 5
HELD = 3
"""Cycles for which each combination of one-bit inputs is held."""
RESET_CYCLES = 3
MID_RUN_RESET = 0.02
MID_CYCLE = 0.1
"""Share of cycles in which inputs change between the edges too."""
EACH_ALONE = 0.5
"""Share of resets in mid-run that are one side's alone, where there are several."""
STEADY = 0.15
"""Share of cycles that keep their inputs."""


def drawn_steps(spec: Spec, seed: int) -> list[Step]:
    """The steps; each is compared."""
    rng = random.Random(f"{spec.id}/{seed}")
    made = _Clocked(spec, rng) if spec.clocks else _Combinational(spec, rng)
    return [Step(digits, True) for digits in made.steps()]


class _Combinational:
    def __init__(self, spec: Spec, rng: random.Random) -> None:
        self.inputs, self.rng = spec.inputs, rng
        self.values = {p.name: 0 for p in spec.inputs}

    def digits(self) -> str:
        """The present inputs, the first port first."""
        return "".join(f"{self.values[p.name]:0{p.width}b}" for p in self.inputs)

    def draw(self, ports: tuple[Port, ...]) -> None:
        """Random values for `ports`."""
        for port in ports:
            self.values[port.name] = random_value(port, 0.5, self.values[port.name], self.rng)

    def steps(self) -> Iterator[str]:
        """All inputs one after the other."""
        width = sum(p.width for p in self.inputs)
        if width <= EXHAUSTIVE_BITS:
            every = list(range(1 << width))
            self.rng.shuffle(every)  # what remembers shows
            yield from (f"{k:0{width}b}" for k in (*range(1 << width), *every))
            return
        for value in ("0", "1"):
            yield value * width
        for _ in range(COMBINATIONS):
            self.draw(self.inputs)
            yield self.digits()


class _Clocked(_Combinational):
    def __init__(self, spec: Spec, rng: random.Random) -> None:
        super().__init__(spec, rng)
        self.clocks = tuple(p.name for p in spec.inputs if p.role == "clock")
        self.data = tuple(p for p in spec.inputs if p.role in ("data", "enable"))
        self.resets = tuple(p for p in spec.inputs if p.role == "reset")
        self.resting = 0 if spec.edge == "posedge" else 1
        for name in self.clocks:
            self.values[name] = self.resting
        self._set_reset(asserted=False)

    def _set_reset(self, *resets: Port, asserted: bool) -> None:
        for reset in resets or self.resets:
            self.values[reset.name] = int(asserted == (reset.active == "high"))

    def steps(self) -> Iterator[str]:
        """Opening, combinations of controls, then whatever comes."""
        yield self.digits()
        yield from self._reset_for(RESET_CYCLES)
        yield from self._controls()
        is_narrow = sum(p.width for p in self.data) <= NARROW_BITS
        for _ in range(NARROW_CYCLES if is_narrow else CYCLES):
            yield from self._any_cycle()

    def _cycle(self) -> Iterator[str]:
        """Inputs as they are now, then an active edge of every clock, in an order drawn anew."""
        yield self.digits()
        for name in self.rng.sample(self.clocks, len(self.clocks)):
            self.values[name] = 1 - self.resting
            yield self.digits()
            if self.rng.random() < MID_CYCLE:
                self.draw(self.data)
                yield self.digits()
            self.values[name] = self.resting
            yield self.digits()

    def _reset_for(self, cycles: int, *resets: Port) -> Iterator[str]:
        """All of them, where none is named."""
        if not self.resets:
            return
        self._set_reset(*resets, asserted=True)
        for _ in range(cycles):
            self.draw(self.data)
            yield from self._cycle()
        self._set_reset(asserted=False)

    def _controls(self) -> Iterator[str]:
        names = [p.name for p in self.data if p.width == 1][:MAX_CONTROLS]
        for levels in product((0, 1), repeat=len(names)):
            given: Mapping[str, int] = dict(zip(names, levels, strict=True))
            for _ in range(HELD):
                self.draw(self.data)
                self.values.update(given)
                yield from self._cycle()

    def _some_resets(self) -> tuple[Port, ...]:
        """One alone or all. Of two clocks' sides all: nothing says what one alone would do."""
        may = len(self.resets) > 1 and len(self.clocks) == 1
        alone = may and self.rng.random() < EACH_ALONE
        return (self.rng.choice(self.resets),) if alone else self.resets

    def _any_cycle(self) -> Iterator[str]:
        chance = self.rng.random()
        if chance < MID_RUN_RESET:
            yield from self._reset_for(self.rng.choice((1, 2)), *self._some_resets())
        elif chance < 2 * MID_RUN_RESET and self.resets:
            # Between the edges: it acts at once, or not at all.
            self._set_reset(*self._some_resets(), asserted=True)
            yield self.digits()
            self._set_reset(asserted=False)
        elif chance > STEADY:
            self.draw(self.data)
        yield from self._cycle()
