"""Golden and candidate as parts of one sequential circuit.

They are treated unlike. Every value that is undefined in the candidate is a free variable: it is
right only if it is right for all of them. The golden is encoded in three values where it holds
anything undefined.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rtlbench.equivalence.aig import FALSE, TRUE, UNKNOWN, Aig, Lit, Rails
from rtlbench.equivalence.circuit import Circuit, InputBit, Step


class Sequential:
    """A graph with latches.

    A latch that is to start at 1 is kept inverted: its literal is then an odd one.
    """

    def __init__(self) -> None:
        self.aig = Aig()
        self.latches: list[tuple[int, Lit]] = []
        """Leaf and next state of each."""
        self.others: list[int] = [self.aig.leaf()]  # one that means nothing: no line is empty
        """Leaves for undefined values."""
        self._places: dict[int, int] = {}
        self._started = self.latch(TRUE)

    def latch(self, next_lit: Lit = FALSE) -> Lit:
        """A latch that starts at 0."""
        leaf = self.aig.leaf()
        self._places[leaf] = len(self.latches)
        self.latches.append((leaf, next_lit))
        return 2 * leaf

    def drive(self, latch: Lit, next_lit: Lit) -> None:
        """Give a latch its next state."""
        self.latches[self._places[latch >> 1]] = (latch >> 1, next_lit ^ (latch & 1))

    def state(self, first: Lit) -> tuple[Lit, Lit]:
        """A latch that starts as `first` says, as (latch, its value at this moment)."""
        if first in (FALSE, TRUE):
            latch = self.latch() ^ first
            return latch, latch
        latch = self.latch()
        return latch, self.aig.mux(self._started, latch, first)

    def free(self) -> Lit:
        """An undefined value."""
        self.others.append(self.aig.leaf())
        return 2 * self.others[-1]

    def forget(self, kept: int) -> None:
        """Take back all latches but the first `kept`."""
        del self.latches[kept:]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What both sides see in one step, as literals."""

    inputs: dict[InputBit, Lit]
    glitch: dict[InputBit, Lit]
    ticks: tuple[Lit, ...]
    """Of each clock: it has an edge at the end of the step."""
    phases: tuple[Lit, ...]
    """Of each clock: it is past its active edge."""


# The candidate ------------------------------------------------------------------------


def start_of(sequential: Sequential, circuit: Circuit, *, declared: bool) -> list[Lit]:
    """Any state; with `declared`, any that agrees with the declared initial values."""
    values = [r.initial if declared else None for r in circuit.registers]
    return [sequential.free() if v is None else v for v in values]


def after_steps(
    sequential: Sequential, step: Step, before: Sequence[Setting], state: Sequence[Lit]
) -> list[Lit]:
    """State after the steps `before`."""
    state = list(state)
    for setting in before:
        lits = _lits(sequential, step, setting, state)
        state = step.aig.copy_into(sequential.aig, step.next, lits)
    return state


def add_candidate(
    sequential: Sequential, step: Step, setting: Setting, first: Sequence[Lit]
) -> dict[str, tuple[Lit, ...]]:
    """Add registers that start as `first` says; gives the outputs."""
    states = [sequential.state(lit) for lit in first]
    leaves = _lits(sequential, step, setting, [now for _, now in states])
    after = step.aig.copy_into(sequential.aig, step.next, leaves)
    for (latch, _), new in zip(states, after, strict=True):
        sequential.drive(latch, new)
    return {
        name: tuple(step.aig.copy_into(sequential.aig, lits, leaves))
        for name, lits in step.outputs.items()
    }


def _lits(
    sequential: Sequential, step: Step, setting: Setting, state: Sequence[Lit]
) -> dict[int, Lit]:
    leaves = _given(step, setting)
    leaves.update(zip(step.state, state, strict=True))
    leaves.update((leaf, sequential.free()) for leaf in step.free)
    return leaves


def _given(step: Step, setting: Setting) -> dict[int, Lit]:
    """What is the same for either side, and always known."""
    leaves = {leaf: setting.inputs[key] for key, leaf in step.inputs.items()}
    leaves.update((leaf, setting.glitch[key]) for key, leaf in step.glitch.items())
    leaves.update(zip(step.ticks, setting.ticks, strict=True))
    leaves.update(zip(step.phases, setting.phases, strict=True))
    return leaves


# The golden ---------------------------------------------------------------------------


def first_golden(
    sequential: Sequential, step: Step, circuit: Circuit, before: Sequence[Setting]
) -> list[Rails]:
    """The same for the golden: what is not declared or reset is unknown."""
    if not before:
        declared = [r.initial for r in circuit.registers]
        return [UNKNOWN if d is None else _sure(d) for d in declared]
    state = [UNKNOWN for _ in circuit.registers]
    for setting in before:
        state = step.aig.rails_into(sequential.aig, step.next, _rails(step, setting, state))
    return state


def add_golden(
    sequential: Sequential, step: Step, setting: Setting, first: Sequence[Rails]
) -> dict[str, tuple[Rails, ...]]:
    """Add the golden's registers: one latch where it is always known, else two.

    Which is found by assuming as many as can be known and taking back what does not hold
    after a step, until the rest is inductive.
    """
    known = {k for k, (is1, is0) in enumerate(first) if is1 == is0 ^ 1}
    while True:
        kept = len(sequential.latches)
        states = [_rail_state(sequential, f, k in known) for k, f in enumerate(first)]
        leaves = _rails(step, setting, [now for _, now in states])
        after = step.aig.rails_into(sequential.aig, step.next, leaves)
        lost = {k for k in known if after[k][0] != after[k][1] ^ 1}
        if not lost:
            break
        known -= lost
        sequential.forget(kept)
    for (latches, _), new in zip(states, after, strict=True):
        for latch, lit in zip(latches, new, strict=False):
            sequential.drive(latch, lit)
    return {
        name: tuple(step.aig.rails_into(sequential.aig, lits, leaves))
        for name, lits in step.outputs.items()
    }


def add_shadow(
    sequential: Sequential,
    step: Step,
    setting: Setting,
    before: Sequence[Setting],
    start: Sequence[Lit],
) -> dict[str, tuple[Lit, ...]]:
    """Add the golden once more, in two values; gives its outputs.

    It has one of the behaviours that three values stand for, so it shows every value that is
    known. Where `start` is as undefined as the candidate's, a candidate that is built like the
    golden is seen at once to do the same.
    """
    return add_candidate(sequential, step, setting, after_steps(sequential, step, before, start))


def shadow_start(
    sequential: Sequential,
    golden: Circuit,
    candidate: Circuit,
    start: Sequence[Lit],
    *,
    declared: bool,
) -> list[Lit]:
    """The candidate's `start` for the registers of the golden, by name; the others are free.

    With `declared`, what the golden declares goes before: known values must not be lost.
    """
    named = {r.name: lit for r, lit in zip(candidate.registers, start, strict=True) if r.name}
    found = []
    for register in golden.registers:
        if declared and register.initial is not None:
            found.append(register.initial)
        else:
            found.append(named[register.name] if register.name in named else sequential.free())
    return found


def _rails(step: Step, setting: Setting, state: Sequence[Rails]) -> dict[int, Rails]:
    leaves = {leaf: _sure(lit) for leaf, lit in _given(step, setting).items()}
    leaves.update(zip(step.state, state, strict=True))
    leaves.update((leaf, UNKNOWN) for leaf in step.free)
    return leaves


def _rail_state(sequential: Sequential, first: Rails, known: bool) -> tuple[tuple[Lit, ...], Rails]:
    """Latches (one or two), and the pair that they show at this moment."""
    is1 = sequential.state(first[0])
    if known:
        return (is1[0],), _sure(is1[1])
    is0 = sequential.state(first[1])
    return (is1[0], is0[0]), (is1[1], is0[1])


def _sure(lit: Lit) -> Rails:
    return lit, lit ^ 1
