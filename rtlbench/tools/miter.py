"""Two circuits side by side: same inputs, and a bit that is true where they show a difference.

Golden and candidate are treated unlike. Every value that is undefined in the candidate is a free
variable: it is right only if it is right for all of them. The golden is encoded in three values
where it holds anything undefined, and is compared only where its output is known.

With a reset, the first cycle has it asserted and nothing is compared before it has acted; state
before that cycle is free in the candidate and unknown in the golden. That cycle is folded into
the initial state, so that what reset makes constant starts constant. Where the candidate has a
register with a declared initial value that reset leaves alone, the miter starts at power-up
instead (`from_reset=False`), with reset free and comparing from its first assertion on. Without
reset it starts at power-up and compares at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from rtlbench.spec import Spec
from rtlbench.tools.aig import FALSE, TRUE, UNKNOWN, Aig, Lit, Rails
from rtlbench.tools.circuit import Circuit, CircuitError, Register
from rtlbench.tools.step import InputBit, Step, Timing, needs_halves, step_of


class Miter(msgspec.Struct, frozen=True, kw_only=True):
    """A sequential circuit with one output, `bad`; all `latches` start at 0."""

    aig: Aig
    timing: Timing
    inputs: dict[InputBit, int]
    glitch: dict[InputBit, int]
    reset_inputs: tuple[dict[InputBit, int], ...]
    """Of each step of the reset cycle before the first step; read in the first step."""
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
        return (*self.inputs.values(), *self.glitch.values(), *before, *self.others)


def timing_of(spec: Spec, circuits: Sequence[Circuit]) -> Timing:
    """Whether whole cycles do."""
    port = spec.port_of_role("clock")
    clock, rising = port.name if port else None, spec.edge == "posedge"
    return Timing(clock, rising, any(needs_halves(c, clock, rising) for c in circuits))


def build_miter(
    spec: Spec, golden: Circuit, candidate: Circuit, outputs: frozenset[str] | None = None
) -> Miter:
    """The miter of two circuits for `spec`.

    Args:
        outputs: Compare these ports only.

    Raises:
        CircuitError: Their ports differ.
    """
    for side in ("inputs", "outputs"):
        ports = [{n: len(b) for n, b in getattr(c, side).items()} for c in (golden, candidate)]
        if ports[0] != ports[1]:
            raise CircuitError(f"the {side} differ: {ports[0]} and {ports[1]}")
    if not golden.outputs:
        raise CircuitError("there is no output")
    timing = timing_of(spec, (golden, candidate))
    builder = _Builder(spec, timing, outputs)
    builder.begin(golden, candidate)
    return builder.finish()


class _Builder:
    """Holds what the two sides share while the miter is made."""

    def __init__(self, spec: Spec, timing: Timing, outputs: frozenset[str] | None) -> None:
        self.outputs = outputs
        self.timing = timing
        self.aig = Aig()
        self.others: list[int] = [self.aig.leaf()]  # one that means nothing: no line is empty
        self.latches: list[tuple[int, Lit]] = []
        self.inputs: dict[InputBit, int] = {}
        self.glitch: dict[InputBit, int] = {}
        self.reset_inputs: list[dict[InputBit, int]] = []
        self.started = self._latch(TRUE)
        self.phase: Lit = FALSE
        if timing.halves:
            self.phase = self._latch(FALSE)
            self._step_latch(self.phase, self.phase ^ 1)
        reset = spec.port_of_role("reset")
        self.reset = (reset.name, 0) if reset else None
        self.asserted = int(reset.active == "high") if reset else 0
        self.immediate = spec.reset == "async"
        self.from_reset = False

    # Latches ------------------------------------------------------------------------

    def _latch(self, next_lit: Lit) -> Lit:
        """A latch that starts at 0."""
        leaf = self.aig.leaf()
        self.latches.append((leaf, next_lit))
        return 2 * leaf

    def _step_latch(self, latch: Lit, next_lit: Lit) -> None:
        """Give a latch its next state; a literal that is inverted stands for one starting at 1."""
        for k, (leaf, _) in enumerate(self.latches):
            if leaf == latch >> 1:
                self.latches[k] = (leaf, next_lit ^ (latch & 1))

    def _state(self, first: Lit) -> tuple[Lit, Lit]:
        """A latch that starts as `first` says, as (latch, its value at this moment)."""
        if first in (FALSE, TRUE):
            latch = self._latch(FALSE) ^ first
            return latch, latch
        latch = self._latch(FALSE)
        return latch, self.aig.mux(self.started, latch, first)

    def _free(self) -> Lit:
        self.others.append(self.aig.leaf())
        return 2 * self.others[-1]

    # The way ------------------------------------------------------------------------

    def begin(self, golden: Circuit, candidate: Circuit) -> None:
        steps = step_of(golden, self.timing), step_of(candidate, self.timing)
        self.inputs = {key: self.aig.leaf() for key in steps[0].inputs}
        bits = [key for step in steps for key in step.glitch]
        self.glitch = {key: self.aig.leaf() for key in dict.fromkeys(bits)}
        self.from_reset = self.reset is not None
        first_golden = self._first_rails(steps[0], golden)
        first_candidate = self._first_lits(steps[1], candidate)
        if self.from_reset and self._remembers(candidate, first_candidate):
            self.from_reset = False
            self.reset_inputs = []
            first_golden = self._first_rails(steps[0], golden)
            first_candidate = self._first_lits(steps[1], candidate)
        self.golden = self._add_golden(steps[0], first_golden)
        self.candidate = self._add_candidate(steps[1], first_candidate)

    def _remembers(self, circuit: Circuit, first: Sequence[Lit]) -> bool:
        """True where reset leaves something of a declared initial value."""
        pairs = zip(circuit.registers, first, strict=True)
        return any(r.initial is not None and lit not in (FALSE, TRUE) for r, lit in pairs)

    def finish(self) -> Miter:
        compared = [n for n in self.golden if self.outputs is None or n in self.outputs]
        known = [self.aig.disj(*r) for n in compared for r in self.golden[n]]
        enabled = self._comparing()
        return Miter(
            aig=self.aig,
            timing=self.timing,
            inputs=self.inputs,
            glitch=self.glitch,
            reset_inputs=tuple(self.reset_inputs),
            others=tuple(self.others),
            bad=self.aig.conj(enabled, self._difference(compared)),
            golden=self.golden,
            candidate=self.candidate,
            defined=self._all_seen(known, enabled),
            latches=tuple(self.latches),
        )

    def _difference(self, compared: Sequence[str]) -> Lit:
        differ = []
        for name in compared:
            for (is1, is0), shown in zip(self.golden[name], self.candidate[name], strict=True):
                differ.append(self.aig.conj(is1, shown ^ 1))
                differ.append(self.aig.conj(is0, shown))
        return self.aig.any_of(differ)

    def _comparing(self) -> Lit:
        """True from the moment reset has acted."""
        if self.from_reset or self.reset is None:
            return TRUE
        now = 2 * self.inputs[self.reset] ^ (not self.asserted)
        acted = self._latch(FALSE)
        edge = TRUE if not self.timing.halves else self.phase ^ 1
        self._step_latch(acted, self.aig.disj(acted, now if self.immediate
                                              else self.aig.conj(now, edge)))
        return self.aig.disj(acted, now) if self.immediate else acted

    def _all_seen(self, known: Sequence[Lit], enabled: Lit) -> Lit:
        seen = []
        for lit in known:
            if lit != TRUE:
                latch = self._latch(FALSE)
                now = self.aig.disj(latch, self.aig.conj(lit, enabled))
                self._step_latch(latch, now)
                seen.append(now)
        return self.aig.all_of(seen)

    # Initial state ------------------------------------------------------------------

    def _reset_steps(self) -> list[dict[InputBit, int]]:
        """Leaves for the inputs of the reset cycle, made once for both sides."""
        if not self.reset_inputs:
            for _ in range(2 if self.timing.halves else 1):
                leaves = {key: self.aig.leaf() for key in self.inputs if key != self.reset}
                self.reset_inputs.append(leaves)
        return self.reset_inputs

    def _forced(self, before: Mapping[InputBit, int]) -> dict[InputBit, Lit]:
        assert self.reset is not None
        return {**{key: 2 * leaf for key, leaf in before.items()}, self.reset: self.asserted}

    def _first_lits(self, step: Step, circuit: Circuit) -> list[Lit]:
        if not self.from_reset:
            return [self._at_power_up(r) for r in circuit.registers]
        state = [self._free() for _ in circuit.registers]
        for half, before in enumerate(self._reset_steps()):
            leaves = self._lits(step, self._forced(before), state, TRUE if half else FALSE)
            state = step.aig.copy_into(self.aig, step.next, leaves)
        return state

    def _at_power_up(self, register: Register) -> Lit:
        return self._free() if register.initial is None else register.initial

    def _first_rails(self, step: Step, circuit: Circuit) -> list[Rails]:
        if not self.from_reset:
            return [_declared(r) for r in circuit.registers]
        state = [UNKNOWN for _ in circuit.registers]
        for half, before in enumerate(self._reset_steps()):
            leaves = self._rails(step, self._forced(before), state, TRUE if half else FALSE)
            state = step.aig.rails_into(self.aig, step.next, leaves)
        return state

    # Leaves of a step ---------------------------------------------------------------

    def _lits(
        self, step: Step, inputs: Mapping[InputBit, Lit], state: Sequence[Lit], phase: Lit
    ) -> dict[int, Lit]:
        """Leaves with no glitch and new undefined values."""
        leaves = {leaf: inputs[key] for key, leaf in step.inputs.items()}
        leaves.update((leaf, inputs[key]) for key, leaf in step.glitch.items())
        leaves.update(zip(step.state, state, strict=True))
        leaves.update((leaf, self._free()) for leaf in step.free)
        leaves[step.phase] = phase
        return leaves

    def _rails(
        self, step: Step, inputs: Mapping[InputBit, Lit], state: Sequence[Rails], phase: Lit
    ) -> dict[int, Rails]:
        leaves = {leaf: _sure(inputs[key]) for key, leaf in step.inputs.items()}
        leaves.update((leaf, _sure(inputs[key])) for key, leaf in step.glitch.items())
        leaves.update(zip(step.state, state, strict=True))
        leaves.update((leaf, UNKNOWN) for leaf in step.free)
        leaves[step.phase] = _sure(phase)
        return leaves

    def _now(self) -> dict[InputBit, Lit]:
        return {key: 2 * leaf for key, leaf in self.inputs.items()}

    def _glitched(self, step: Step) -> dict[int, Lit]:
        return {leaf: 2 * self.glitch[key] for key, leaf in step.glitch.items()}

    # The two sides ------------------------------------------------------------------

    def _add_candidate(self, step: Step, first: Sequence[Lit]) -> dict[str, tuple[Lit, ...]]:
        made = [self._state(lit) for lit in first]
        leaves = self._lits(step, self._now(), [now for _, now in made], self.phase)
        leaves.update(self._glitched(step))
        for (latch, _), new in zip(
            made, step.aig.copy_into(self.aig, step.next, leaves), strict=True
        ):
            self._step_latch(latch, new)
        return {
            n: tuple(step.aig.copy_into(self.aig, lits, leaves)) for n, lits in step.outputs.items()
        }

    def _add_golden(self, step: Step, first: Sequence[Rails]) -> dict[str, tuple[Rails, ...]]:
        """The golden's state: one latch where it is always known, else two.

        Which is found by assuming as many as can be known and taking back what does not hold
        after a step, until the rest is inductive.
        """
        known = {k for k, (is1, is0) in enumerate(first) if is1 == is0 ^ 1}
        while True:
            kept = len(self.latches)
            made = [self._rail_state(f, k in known) for k, f in enumerate(first)]
            leaves = self._rails(step, self._now(), [now for _, now in made], self.phase)
            leaves.update((leaf, _sure(lit)) for leaf, lit in self._glitched(step).items())
            after = step.aig.rails_into(self.aig, step.next, leaves)
            lost = {k for k in known if after[k][0] != after[k][1] ^ 1}
            if not lost:
                break
            known -= lost
            del self.latches[kept:]
        for (latches, _), new in zip(made, after, strict=True):
            for latch, lit in zip(latches, new, strict=False):
                self._step_latch(latch, lit)
        return {
            n: tuple(step.aig.rails_into(self.aig, lits, leaves))
            for n, lits in step.outputs.items()
        }

    def _rail_state(self, first: Rails, known: bool) -> tuple[tuple[Lit, ...], Rails]:
        """Latches (one or two), and the pair that they show at this moment."""
        is1 = self._state(first[0])
        if known:
            return (is1[0],), _sure(is1[1])
        is0 = self._state(first[1])
        return (is1[0], is0[0]), (is1[1], is0[1])


def _sure(lit: Lit) -> Rails:
    return lit, lit ^ 1


def _declared(register: Register) -> Rails:
    return UNKNOWN if register.initial is None else _sure(register.initial)
