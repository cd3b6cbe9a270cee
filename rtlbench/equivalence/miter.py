"""Two circuits side by side: same inputs, and a bit that is true where they show a difference.

The golden is compared only where its output is known (`sides`).

With a reset, the first cycle of each clock has it asserted and nothing is compared before it has
acted; state before that is free in the candidate and unknown in the golden. These cycles are
folded into the initial state, so that what reset makes constant starts constant. Where the
candidate has a register with a declared initial value that reset leaves alone, the miter starts at
power-up instead, with reset free and comparing from its first assertion on. Without reset it starts
at power-up and compares at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rtlbench.equivalence.aig import FALSE, TRUE, Aig, Lit, Rails
from rtlbench.equivalence.circuit import (
    Circuit,
    CircuitError,
    InputBit,
    Timing,
    needs_halves,
    step_of,
)
from rtlbench.equivalence.sides import (
    Sequential,
    Setting,
    add_candidate,
    add_golden,
    add_shadow,
    after_steps,
    first_golden,
    shadow_start,
    start_of,
)
from rtlbench.records.spec import Spec


class Miter(msgspec.Struct, frozen=True, kw_only=True):
    """A sequential circuit with one output, `bad`; all `latches` start at 0."""

    aig: Aig
    timing: Timing
    choice: tuple[int, ...]
    """Leaves that say which clock has its edge: the first whose leaf is true, else the last."""
    inputs: dict[InputBit, int]
    glitch: dict[InputBit, int]
    reset_inputs: tuple[dict[InputBit, int], ...]
    """Of each step of the reset cycles (`reset_beats`); read in the first step."""
    others: tuple[int, ...]
    """Leaves for undefined values."""
    latches: tuple[tuple[int, Lit], ...]
    bad: Lit
    golden: dict[str, tuple[Rails, ...]]
    candidate: dict[str, tuple[Lit, ...]]
    defined: Lit
    """True once every output bit of the golden has been known; constant where that is sure."""

    @property
    def leaves(self) -> tuple[int, ...]:
        """All inputs of the sequential circuit, in the order of a counterexample."""
        before = [leaf for step in self.reset_inputs for leaf in step.values()]
        inputs = (*self.inputs.values(), *self.glitch.values())
        return (*self.choice, *inputs, *before, *self.others)


def timing_of(spec: Spec, circuits: Sequence[Circuit]) -> Timing:
    """The Spec's clocks, and whether whole cycles do."""
    clocks = tuple(p.name for p in spec.ports if p.role == "clock")
    rising = spec.edge == "posedge"
    return Timing(clocks, rising, any(needs_halves(c, clocks, rising) for c in circuits))


def reset_beats(timing: Timing) -> list[tuple[int, bool]]:
    """The steps of the reset cycles: the clock that has its edge, and whether it is the inactive
    one."""
    halves = (False, True) if timing.halves else (False,)
    return [(c, half) for c in range(len(timing.clocks)) for half in halves] or [(0, False)]


def build_miter(
    spec: Spec, golden: Circuit, candidate: Circuit, outputs: frozenset[str] | None = None
) -> Miter:
    """The miter of two circuits for `spec`.

    Args:
        outputs: Compare these ports only.

    Raises:
        CircuitError: Their ports differ, or there is nothing to compare.
    """
    for side in ("inputs", "outputs"):
        ports = [{n: len(b) for n, b in getattr(c, side).items()} for c in (golden, candidate)]
        if ports[0] != ports[1]:
            raise CircuitError(f"the {side} differ: {ports[0]} and {ports[1]}")
    if not golden.outputs:
        raise CircuitError("there is no output")
    timing = timing_of(spec, (golden, candidate))
    if len(timing.clocks) > 1 and spec.reset == "sync":
        raise CircuitError("the task has several clocks and a synchronous reset")
    builder = _Builder(spec, timing)
    builder.begin(golden, candidate)
    return builder.finish(outputs)


class _Builder:
    """Holds what the two sides share while the miter is made."""

    def __init__(self, spec: Spec, timing: Timing) -> None:
        self.timing = timing
        self.made = Sequential()
        self.aig = self.made.aig
        self.choice = tuple(self.aig.leaf() for _ in timing.clocks[1:])
        self.inputs: dict[InputBit, int] = {}
        self.glitch: dict[InputBit, int] = {}
        self.reset_inputs: list[dict[InputBit, int]] = []
        reset = spec.port_of_role("reset")
        self.reset = (reset.name, 0) if reset else None
        self.asserted = int(reset.active == "high") if reset else 0
        self.immediate = spec.reset == "async"

    def begin(self, golden: Circuit, candidate: Circuit) -> None:
        """Both sides, from the state in which comparing begins."""
        steps = step_of(golden, self.timing), step_of(candidate, self.timing)
        self.inputs = {key: self.aig.leaf() for key in steps[0].inputs}
        bits = [key for step in steps for key in step.glitch]
        self.glitch = {key: self.aig.leaf() for key in dict.fromkeys(bits)}
        self.setting = self._running()
        made, before = self.made, self._reset_cycles()
        start = start_of(made, candidate, declared=not before)
        first = after_steps(made, steps[1], before, start)
        if before and _remembers(candidate, first):
            self.reset_inputs, before = [], []
            start = first = start_of(made, candidate, declared=True)
        known = first_golden(made, steps[0], golden, before)
        self.golden = add_golden(made, steps[0], self.setting, known)
        self.candidate = add_candidate(made, steps[1], self.setting, first)
        if any(is1 != is0 ^ 1 for bits in self.golden.values() for is1, is0 in bits):
            alike = shadow_start(made, golden, candidate, start, declared=not before)
            self.shadow = add_shadow(made, steps[0], self.setting, before, alike)
        else:
            self.shadow = {n: tuple(is1 for is1, _ in b) for n, b in self.golden.items()}

    def _running(self) -> Setting:
        """Inputs and clocks run free."""
        ticks: list[Lit] = []
        none_before = TRUE
        for leaf in self.choice:
            ticks.append(self.aig.conj(none_before, 2 * leaf))
            none_before = self.aig.conj(none_before, 2 * leaf ^ 1)
        if self.timing.clocks:
            ticks.append(none_before)
        return Setting(
            inputs={key: 2 * leaf for key, leaf in self.inputs.items()},
            glitch={key: 2 * leaf for key, leaf in self.glitch.items()},
            ticks=tuple(ticks),
            phases=tuple(self._phase(tick) for tick in ticks),
        )

    def _phase(self, tick: Lit) -> Lit:
        if not self.timing.halves:
            return FALSE
        phase = self.made.latch()
        self.made.drive(phase, self.aig.mux(tick, phase ^ 1, phase))
        return phase

    def _reset_cycles(self) -> list[Setting]:
        """One cycle of each clock with reset asserted and the other inputs free."""
        if self.reset is None:
            return []
        found = []
        for clock, half in reset_beats(self.timing):
            leaves = {key: self.aig.leaf() for key in self.inputs if key != self.reset}
            self.reset_inputs.append(leaves)
            inputs = {**{k: 2 * leaf for k, leaf in leaves.items()}, self.reset: self.asserted}
            ticks = tuple(int(k == clock) for k, _ in enumerate(self.timing.clocks))
            phases = tuple(tick & half for tick in ticks)
            found.append(Setting(inputs=inputs, glitch=inputs, ticks=ticks, phases=phases))
        return found

    def finish(self, outputs: frozenset[str] | None) -> Miter:
        """The miter that compares `outputs`."""
        compared = [n for n in self.golden if outputs is None or n in outputs]
        known = [self.aig.disj(*r) for n in compared for r in self.golden[n]]
        enabled = self._comparing()
        return Miter(
            aig=self.aig,
            timing=self.timing,
            choice=self.choice,
            inputs=self.inputs,
            glitch=self.glitch,
            reset_inputs=tuple(self.reset_inputs),
            others=tuple(self.made.others),
            bad=self.aig.conj(enabled, self._difference(compared)),
            golden=self.golden,
            candidate=self.candidate,
            defined=self._all_seen(known, enabled),
            latches=tuple(self.made.latches),
        )

    def _difference(self, compared: Sequence[str]) -> Lit:
        """A bit that is known, is so in the shadow too (it always is), and not in the candidate."""
        differ = []
        for name in compared:
            sides = self.golden[name], self.shadow[name], self.candidate[name]
            for (is1, is0), value, shown in zip(*sides, strict=True):
                differ.append(self.aig.conj(is1, self.aig.conj(value, shown ^ 1)))
                differ.append(self.aig.conj(is0, self.aig.conj(value ^ 1, shown)))
        return self.aig.any_of(differ)

    def _comparing(self) -> Lit:
        """True from the moment reset has acted."""
        if self.reset is None or self.reset_inputs:
            return TRUE
        now = 2 * self.inputs[self.reset] ^ (not self.asserted)
        acted = self.made.latch()
        if self.immediate:
            seen = self.aig.disj(acted, now)
            self.made.drive(acted, seen)
            return seen
        edge = self.aig.any_of(phase ^ 1 for phase in self.setting.phases)
        self.made.drive(acted, self.aig.disj(acted, self.aig.conj(now, edge)))
        return acted

    def _all_seen(self, known: Sequence[Lit], enabled: Lit) -> Lit:
        seen = []
        for lit in known:
            if lit != TRUE:
                latch = self.made.latch()
                now = self.aig.disj(latch, self.aig.conj(lit, enabled))
                self.made.drive(latch, now)
                seen.append(now)
        return self.aig.all_of(seen)


def _remembers(circuit: Circuit, first: Sequence[Lit]) -> bool:
    """True where reset leaves something of a declared initial value."""
    pairs = zip(circuit.registers, first, strict=True)
    return any(r.initial is not None and lit not in (FALSE, TRUE) for r, lit in pairs)
