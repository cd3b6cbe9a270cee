"""Stimulus: the words in which families and the harness say what is applied to every lane, and the
plan of a Spec made of it.

A clock cycle is three frames: inputs change while the clock rests and combinational outputs
are compared; the active edge; the inactive edge. Now and then inputs also change for a frame
in mid-cycle, which tells a flip-flop from a latch and an asynchronous reset from a
synchronous one.

The reference model is a function of the inputs alone, so stimulus and expected outputs are
computed once a Spec, before any simulator starts, and played back to all lanes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from random import Random
from typing import TypeAlias

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.simulation.coverage import Novelty, Tour
from rtlbench.simulation.driver import Driver, random_value
from rtlbench.simulation.episodes import Episodes
from rtlbench.simulation.frames import Plan, plan_of
from rtlbench.simulation.model import Expected, Model, Moment, load_reference, recorded_for

MAX_CONTROLS = 5
"""At most this many one-bit inputs are tried in every combination (2**5 = 32)."""
PERIODS = ((2, 2), (3, 2), (5, 2), (7, 3), (7, 1))
"""Half periods of the slow and the quick clock, where there are several."""
GLITCHES = 6
"""Reset pulses between clock edges that every plan has, in three places each."""
SETTLE = 12
"""Cycles of steady inputs before and after a reset pulse: filters and counters come to rest."""
DISTURB = 0.1
"""Share of random cycles with inputs that change in mid-cycle and stay so until the next cycle,
and as large a share in which they change back at once."""
MID_RUN_RESET = 0.02
"""Share of random cycles that begin a reset, wherever the design is."""
NEW_RESET = 0.5
"""Chance of a reset at a cycle whose outputs have seldom met one."""
SEEKING = 0.3
"""Share of random cycles whose inputs are the least met of `CHOICES` draws."""
CHOICES = 4
RANDOM_FACTOR = 2
"""Random cycles for each one that a family asks for: they cost less than starting the simulator."""
EPISODES = 2
"""Cycles of moods and meeting events for each random one that a family asks for."""
FEW_INPUT_BITS = 10
"""All words of a combinational design are gone through while it has no more input bits."""
TOUR_CYCLES = 400
"""At most so many cycles go to pairs of state and inputs that all before has left out."""


class Stimulus(Driver):
    """Builds the frames of one Spec by running its reference model.

    Inputs are named by port id and given as logical values (1 asserts an active-low enable).
    """

    def __init__(self, spec: Spec, model: Model, rng: random.Random) -> None:
        super().__init__(spec, model, rng)
        self.data = tuple(p for p in spec.inputs if p.role in ("enable", "data"))
        self.is_plain = len(self.clocks) == 1 and not model.dual_edge
        self._tour = Tour(model, self.data) if self.is_plain else None

    # What families call -------------------------------------------------------------

    @property
    def now(self) -> dict[str, Expected]:
        """The outputs that the model shows for the present inputs."""
        return self.model.outputs(self._values)

    def cycle(self, **inputs: int) -> None:
        """One clock cycle with `inputs`; inputs not named keep their value.

        With several clocks each has one cycle, in an order drawn anew.
        """
        self._set(inputs)
        self._frame()
        self._active_edge()
        self._inactive_edge()
        self._cycle += 1

    def tick(self, clock: str, **inputs: int) -> None:
        """One cycle of `clock` alone; the other clocks rest."""
        self._set(inputs)
        self._frame()
        self._rise(clock)
        self._fall(clock)
        self._cycle += 1

    def run(self, edges: int, periods: Mapping[str, int], **bias: float) -> None:
        """`edges` active edges, the clocks running free with `periods` and drawn phases.

        Each clock's own inputs are drawn anew when it comes to rest. Edges that fall together
        are taken one after the other, in an order drawn anew: a design with several clocks may
        not depend on it.
        """
        due = {c: self.rng.randrange(2 * periods[c]) for c in self.clocks}
        done = 0
        while done < edges:
            now = min(due.values())
            clock = self.rng.choice([c for c in self.clocks if due[c] == now])
            due[clock] += periods[clock]
            if self._levels[clock] == self._resting:
                self._rise(clock)
                done += 1
            else:
                self._fall(clock)
                self._set(self._draw_for(clock, bias))
                self._frame()
        self._come_to_rest()
        self._cycle += 1

    def hold(self, cycles: int, **inputs: int) -> None:
        """`cycles` clock cycles with the same inputs."""
        for _ in range(cycles):
            self.cycle(**inputs)

    def play(self, moments: Sequence[Moment]) -> int:
        """Inputs and clock edges as they were recorded; at the end the clocks rest.

        Returns:
            The place of the frame that shows what the last moment led to.
        """
        for moment in moments:
            self._set(moment.inputs)
            self._frame()
            if moment.edge == "active":
                self._active_edge(moment.clock)
            elif moment.edge == "inactive":
                self._inactive_edge(moment.clock)
            self._cycle += moment.edge == "active"
        last = len(self.frames) - 1
        self._come_to_rest()
        return last

    def glitch(self, **inputs: int) -> None:
        """Change inputs for a moment while the clock rests, then put them back."""
        self._glitch(inputs)

    def reset(self, cycles: int = 2) -> None:
        """Assert reset for `cycles` clock cycles with random inputs, then release it."""
        if self._reset is None:
            return
        for _ in range(cycles):
            self.cycle(**self.draw(), **{self._reset: 1})
        self._set({self._reset: 0})

    def random(self, cycles: int, **bias: float) -> None:
        """`cycles` clock cycles of random inputs; `bias` is the chance of a 1 by input."""
        for _ in range(cycles):
            self.cycle(**self.draw(bias))

    def draw(self, bias: Mapping[str, float] | None = None) -> dict[str, int]:
        """Random values for all inputs but clock and reset."""
        chances = {**self.model.bias, **(bias or {})}
        return {
            p.id: random_value(p, chances.get(p.id, 0.5), self._values[p.id], self.rng)
            for p in self.data
        }

    # The parts every plan has -------------------------------------------------------

    def power_up_and_reset(self) -> None:
        """Cycles before reset (nothing compared), reset, and every control combination."""
        if self._reset is not None:
            self.random(2)
            self.reset(3)
        self.control_combinations()

    def control_combinations(self) -> None:
        """Each combination of the one-bit inputs, held for three cycles."""
        controls = [p.id for p in self.data if p.width == 1][:MAX_CONTROLS]
        for levels in product((0, 1), repeat=len(controls)):
            for _ in range(3):
                self.cycle(**{**self.draw(), **dict(zip(controls, levels, strict=True))})

    def reset_glitches(self) -> None:
        """Reset pulses between clock edges: they act at once, or must do nothing at all."""
        if self._reset is None or not self.clocks:
            return
        for _ in range(GLITCHES):
            self.random(4, **{p.id: 0.9 for p in self.data if p.role == "enable"})
            self.glitch(**{self._reset: 1})
            self.random(2)
            self._set({})
            self._frame()
            self._active_edge()
            self._glitch({self._reset: 1})
            self._inactive_edge()
        for _ in range(GLITCHES // 2):
            steady = self.draw()
            self.hold(SETTLE, **steady)
            self.glitch(**{self._reset: 1})
            self.hold(SETTLE, **steady)
        self.reset(1)

    def random_with_events(self, cycles: int) -> None:
        """Random cycles with resets in mid-run and changes of inputs in mid-cycle."""
        if len(self.clocks) > 1:
            self._random_phases(cycles)
        novelty = Novelty(self.model, self.data, cycles)
        for _ in range(cycles):
            self._reset_in_run(novelty)
            self._set(self._draw_new(novelty))
            self._frame()
            if self.clocks:
                self._active_edge()
                self._disturb()
                self._inactive_edge()
            self._cycle += 1

    def all_words(self) -> None:
        """Every combination of the inputs, where nothing is clocked and they are few."""
        if self.clocks or sum(p.width for p in self.data) > FEW_INPUT_BITS:
            return
        for words in product(*(range(1 << p.width) for p in self.data)):
            self.cycle(**{p.id: word for p, word in zip(self.data, words, strict=True)})

    def by_kind(self, cycles: int, rng: Random) -> None:
        """Corners of data, then `cycles` cycles of moods and of events that meet."""
        if self.is_plain:
            episodes = Episodes(self, self.model, rng)
            if self._reset is not None:
                self.reset(1)
            episodes.give_corners()
            episodes.run(cycles)

    def tour(self, cycles: int) -> None:
        """Where the model is small, at most `cycles` cycles of what no state of it has met yet."""
        if self._tour is not None:
            self._tour.run(self, cycles)

    def _reset_model(self) -> None:
        super()._reset_model()
        if self._tour is not None:
            self._tour.moved()

    def _step(self, clock: str) -> None:
        if self._tour is None:
            super()._step(clock)
            return
        before = self._tour.here()
        super()._step(clock)
        self._tour.went(before, {p.id: self._values[p.id] for p in self.data})

    def _reset_in_run(self, novelty: Novelty) -> None:
        """Now and then a reset; more often where one has not acted yet."""
        if self._reset is None:
            return
        chance = self.rng.random()
        new = chance < NEW_RESET and self._known and novelty.take_reset(self.now)
        if new or chance < MID_RUN_RESET:
            self.reset(self.rng.choice((1, 1, 2)))

    def _draw_new(self, novelty: Novelty) -> dict[str, int]:
        """Random inputs, in part of the cycles those that the present state has met the least."""
        if not self._known:
            return self.draw()
        state = novelty.state(self.now)
        seeks = self.rng.random() < SEEKING
        drawn = novelty.least_met(state, [self.draw() for _ in range(CHOICES if seeks else 1)])
        novelty.met(state, drawn)
        return drawn

    def _random_phases(self, cycles: int) -> None:
        """Clocks of several ratios and phases, data rates high and low on either side."""
        for faster in self.clocks:
            for ratio in PERIODS:
                slow, quick = ratio
                periods = {c: quick if c == faster else slow for c in self.clocks}
                rates = {p.id: self.rng.choice((0.2, 0.5, 0.9)) for p in self.data}
                self.run(max(20, cycles // (len(PERIODS) * 2)), periods, **rates)
                self.reset(1)

    def _disturb(self) -> None:
        """Now and then change the inputs in mid-cycle, for a moment or until the other edge."""
        chance = self.rng.random()
        if chance < MID_RUN_RESET and self._reset is not None:
            self._glitch({**self.draw(), self._reset: 1})
        elif chance < DISTURB:
            self._set(self.draw())
            self._frame()
        elif chance < 2 * DISTURB:
            self._glitch(self.draw())

    # Values -------------------------------------------------------------------------

    def _draw_for(self, clock: str, bias: Mapping[str, float]) -> dict[str, int]:
        """Random values for the inputs of one clock."""
        drawn = self.draw(bias)
        return {p.id: drawn[p.id] for p in self.data if p.clock in ("", clock)}


PlanPart: TypeAlias = tuple[str, Callable[[], object]]
"""The name of a part of a plan, and what makes its frames."""


def stimulus_for(spec: Spec, seed: int = 0) -> Stimulus:
    """Stimulus of `spec`, without any frames yet.

    Raises:
        HarnessError: The Spec has no reference model.
    """
    if spec.reference is None:
        raise HarnessError(f"{spec.id}: no reference model to make stimulus from")
    model = load_reference(spec.reference)(spec.params)
    return Stimulus(spec, model, random.Random(f"{spec.id}/{seed}"))


def parts_of(
    stimulus: Stimulus, seed: int = 0, times: int = RANDOM_FACTOR
) -> Iterator[PlanPart]:
    """The parts of a plan in their order: power-up and reset, the family's directed part,
    glitches, random cycles, a tour of what they left out, what is recorded beside the family, then
    the rare things by their kind."""
    spec, model = stimulus.spec, stimulus.model
    opening: list[PlanPart] = [
        ("opening", stimulus.power_up_and_reset),
        ("directed", partial(model.directed, stimulus)),
    ]
    # Without reset, what power-up leaves is seen before anything else acts.
    yield from reversed(opening) if spec.reset == "none" else opening
    yield "glitches", stimulus.reset_glitches
    yield "random", partial(stimulus.random_with_events, times * model.cycles)
    yield "tour", partial(stimulus.tour, TOUR_CYCLES)
    for recorded in recorded_for(spec.reference or "", spec.id):
        yield "recorded", partial(stimulus.play, recorded.moments)
    yield "words", stimulus.all_words
    rng = Random(f"{spec.id}/{seed}/by kind")
    yield "by kind", partial(stimulus.by_kind, EPISODES * model.cycles, rng)


def build_plan(spec: Spec, seed: int = 0, times: int = RANDOM_FACTOR) -> Plan:
    """All frames of `spec`, part by part.

    The same Spec and seed give the same plan on every machine.

    Args:
        times: So many times as many random cycles as the family asks for.

    Raises:
        HarnessError: The Spec has no reference model, or the model breaks its contract.
    """
    stimulus = stimulus_for(spec, seed)
    for _, give in parts_of(stimulus, seed, times):
        give()
    return plan_of(spec, stimulus.frames)
