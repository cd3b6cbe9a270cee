"""Stimulus by kind, for all families: what blind draws seldom meet.

Three kinds of rare thing are sought, whatever a design does. Corners of data: every word of an
input where there are few, extremes where there are many, each given once by each control and then
left alone until the design repeats itself. Moods and commands: for a while each input keeps to a
habit of its own (never, seldom, always, one word for long), or one command is given and left
alone, so that waits run out, errors happen and the next command follows. Events that meet: the
reference model is asked what the next edge will show, and where it shows something new, inputs
are chosen that this event has not met in pairs.

Limit: for models with one clock that act on one edge.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Hashable, Iterator, Mapping
from itertools import combinations, product
from typing import TYPE_CHECKING, TypeAlias

from rtlbench.records.spec import Port
from rtlbench.simulation.coverage import outline
from rtlbench.simulation.model import SETTINGS, Model, Values, registers

if TYPE_CHECKING:
    from rtlbench.simulation.stimulus import Stimulus

Inputs: TypeAlias = dict[str, int]

CORNER_CYCLES = 500
"""At most so many cycles go to corners of data."""
LONGEST_RUN = 300
"""Cycles that a design is left alone with one word, unless it repeats itself sooner."""
MOST_WORDS = 400
"""Combinations of corners and controls that are given; drawn where there are more."""
EPISODE = (6, 45)
"""Cycles of one mood, from and to."""
SMALL = 0.35
"""Share of words below 4, of which something may come soon; as many are corners."""
COMMANDS = 0.6
"""Share of episodes that are one command and its consequences."""
USUAL = 0.5
"""Chance that an input's habit in a mood is what its family says."""
RATES = (0.0, 0.0, 0.1, 0.5, 0.9, 1.0)
"""Habits of a control."""
ENABLED = (1.0, 1.0, 1.0, 0.9, 0.5)
"""Habits of an enable: a design that stands still shows nothing."""
VARIANTS = 8
"""Inputs that are weighed where an event is near."""


def corners(port: Port) -> list[int]:
    """Words at the ends and in the middle of what a port can hold."""
    top = (1 << port.width) - 1
    return sorted({0, 1, top >> 1, (top >> 1) + 1, top - 1, top})


class Episodes:
    """Gives a Stimulus its cycles by kind; draws by a generator of its own."""

    def __init__(self, stimulus: Stimulus, model: Model, rng: random.Random) -> None:
        self._stimulus = stimulus
        self._model = model
        self._rng = rng
        self._controls = [p for p in stimulus.data if p.width == 1]
        self._wide = [p for p in stimulus.data if p.width > 1]
        self._commands = [p.id for p in self._controls if p.role != "enable"] or [""]
        self._flags = {p.id for p in stimulus.spec.outputs if p.width == 1}
        self._enabled = {p.id: 1 for p in self._controls if p.role == "enable"}
        self._met: set[Hashable] = set()

    def give_corners(self, cycles: int = CORNER_CYCLES) -> None:
        """Give each corner by each control, then leave the design alone."""
        left, seen = cycles, set[str]()
        for given, alone in self._corner_words():
            if left <= 0:
                return
            self._stimulus.cycle(**given)
            left -= 1
            for _ in range(min(left, LONGEST_RUN)):
                state = registers(self._model)
                if state in seen:
                    break
                seen.add(state)
                self._stimulus.cycle(**alone)
                left -= 1

    def _corner_words(self) -> Iterator[tuple[Inputs, Inputs]]:
        """Inputs that give a combination of corners, and those that leave it alone."""
        if not self._wide:
            return
        others = [p.id for p in self._controls if p.role != "enable"]
        quiet = {**dict.fromkeys(others, 0), **self._enabled}
        ways = [{name: 1} for name in others] or [{}]
        words = [
            (dict(zip([p.id for p in self._wide], w, strict=True)), way)
            for w in product(*(reversed(corners(p)) for p in self._wide))
            for way in ways
        ] if 6 ** len(self._wide) * len(ways) <= 1 << 14 else []
        if len(words) > MOST_WORDS:
            words = self._rng.sample(words, MOST_WORDS)
        for word, way in words:
            yield {**quiet, **word, **way}, {**quiet, **word}

    def run(self, cycles: int) -> None:
        """Commands that are left alone, and moods, by turns; inputs that meet events in both."""
        left = cycles
        while left > 0:
            length = min(left, self._rng.randint(*EPISODE))
            left -= length
            if self._rng.random() < COMMANDS:
                self._command(length)
            else:
                self._mood(length)

    def _command(self, cycles: int) -> None:
        """Some controls at once, with words of their own, then nothing but what meets events."""
        given = {p.id: int(self._rng.random() < 0.2) for p in self._controls}
        command = self._rng.choice(self._commands)
        given |= {command: 1} if command else {}
        words = {p.id: self._word(p) for p in self._wide}
        self._stimulus.cycle(**{**given, **words, **self._enabled})
        alone = {**dict.fromkeys(given, 0), **words, **self._enabled}
        for _ in range(cycles - 1):
            self._stimulus.cycle(**self._choose(alone))

    def _mood(self, cycles: int) -> None:
        """Each input keeps to a habit of its own."""
        usual = {p.id: self._model.bias.get(p.id, 0.5) for p in self._controls}
        habits = {
            name: rate if self._rng.random() < USUAL else self._rng.choice(RATES)
            for name, rate in usual.items()
        }
        habits |= {name: self._rng.choice(ENABLED) for name in self._enabled}
        kept = {p.id: self._word(p) for p in self._wide if self._rng.random() < 0.5}
        for _ in range(cycles):
            self._stimulus.cycle(**self._choose(self._draw(habits, kept)))

    def _draw(self, habits: dict[str, float], kept: Inputs) -> Inputs:
        drawn = {name: int(self._rng.random() < rate) for name, rate in habits.items()}
        return {**drawn, **{p.id: kept.get(p.id, self._word(p)) for p in self._wide}}

    def _word(self, port: Port) -> int:
        top = (1 << port.width) - 1
        style = self._rng.random()
        if style < SMALL:
            return self._rng.randint(0, min(3, top))
        return self._rng.choice(corners(port)) if style < 2 * SMALL else self._rng.randint(0, top)

    def _choose(self, drawn: Inputs) -> Inputs:
        """`drawn`, or where an event is near, the variant of it with the most pairs of inputs that
        this event has not met."""
        if not self._stimulus.is_known:
            return drawn
        now = self._shown(self._model, self._stimulus.values)
        after = self._shown_after(drawn)
        event = (now, after)
        if after == now:
            return drawn
        variants = [drawn, *(self._variant(drawn) for _ in range(VARIANTS))]
        pairs = [self._pairs(event, v) - self._met for v in variants]
        best = max(range(len(variants)), key=lambda k: len(pairs[k]))
        self._met |= pairs[best]
        return variants[best]

    def _pairs(self, event: Hashable, inputs: Inputs) -> set[Hashable]:
        """Each two inputs with what they hold, wide ones as 0, the largest or between."""
        levels = [
            (p.id, 0 if not inputs[p.id] else 1 if inputs[p.id] == (1 << p.width) - 1 else 2)
            for p in self._stimulus.data
        ]
        return {(event, *pair) for pair in combinations(levels, 2)} | {(event, x) for x in levels}

    def _variant(self, drawn: Inputs) -> Inputs:
        """`drawn` with some controls the other way, or another word."""
        changed = dict(drawn)
        for port in self._controls:
            if self._rng.random() < 0.35:
                changed[port.id] ^= 1
        for port in self._wide:
            if self._rng.random() < 0.3:
                changed[port.id] = self._word(port)
        return changed

    def _shown_after(self, inputs: Inputs) -> Hashable:
        """The outputs' outline after an edge with these inputs."""
        ahead = copy.copy(self._model)
        for name, value in vars(self._model).items():
            if name not in SETTINGS and not isinstance(value, int | str | None):
                setattr(ahead, name, copy.deepcopy(value))
        values = Values({**self._stimulus.values, **inputs})
        ahead.edge(self._stimulus.clocks[0], values)
        return self._shown(ahead, values)

    def _shown(self, model: Model, inputs: Mapping[str, int]) -> Hashable:
        """The outline of the outputs of one bit, or of all where there are none."""
        shown = outline(model.outputs(Values(inputs)))
        return tuple(each for each in shown if each[0] in self._flags) or shown
