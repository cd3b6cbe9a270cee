"""Reference model: pulse-width modulator, edge- or centre-aligned, with or without dead time."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The levels of the cycles that are left of a half or whole period, and those that were."""

    def setup(self) -> None:
        self.cycles = 250
        self.bias = {"en": 0.97}
        self.power_up()

    def power_up(self) -> None:
        self.levels: list[int] = []
        self.second_half: list[int] = []
        self.first = 0
        self.past: list[int | None] = [None] * self.p.dead

    def reset(self) -> None:
        self.power_up()

    @property
    def level(self) -> int | None:
        """1 with an active pulse, 0 with an inactive one, None in the idle state."""
        return self.levels[0] if self.levels else None

    def step(self, i: Values) -> None:
        self.past = [*self.past, self.level][1:]
        self.first = 0
        if self.p.enable and not i.en:
            self.levels = self.second_half = []
            return
        self.levels = self.levels[1:]
        if self.levels:
            return
        if self.second_half:
            self.levels, self.second_half = self.second_half, []
            if self.p.twice:
                self.levels = self.cycles_of(len(self.levels), i.duty)
        else:
            self._begin(i)

    def _begin(self, i: Values) -> None:
        length = i.top + 1 if self.p.programmable else self.p.period
        self.first = 1
        self.levels = self.cycles_of(length, i.duty)
        if self.p.centred:
            self.second_half = self.levels
            self.levels = self.levels[::-1]

    @staticmethod
    def cycles_of(length: int, duty: int) -> list[int]:
        """The levels of cycles that begin with a pulse."""
        return [int(k < duty) for k in range(length)]

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"first": self.first}
        if self.p.dead:
            seen = {*self.past, self.level}
            return {**shown, "hi": int(seen == {1}), "lo": int(seen == {0})}
        active = int(self.level == 1)
        if self.p.polarity == "port":
            active ^= i.inv
        shown["pwm"] = active ^ int(self.p.polarity == "low")
        return shown

    def directed(self, s: Stimulus) -> None:
        self._run(s, 2)
        largest = (1 << self.p.width) - 1
        if self.p.programmable:
            for top, duty in ((0, 0), (0, 1), (1, 1), (2, 1), (largest, largest), (largest, 1)):
                self._period(s, duty, top)
                self._period(s, duty, top)
            for duty in range(9):
                self._period(s, duty, 6)
            for top in (3, 9, 4, largest, 3):  # longer and shorter than the period before
                self._period(s, 3, top)
        else:
            for duty in range(largest + 1):
                self._period(s, duty)
                if duty % 4 == 0:
                    self._period(s, duty)
        for duty in (0, largest, 0, 1, largest, 2):
            self._period(s, duty, 7)
        if self.p.enable:
            for moment in range(0, 26, 1 + self.p.period // 16):
                self._period(s, 4, 7)
                self._run(s, moment, duty=5)
                self._stop(s, 1 + moment % 4)
        for k in range(5):
            self._run(s, 3 + 4 * k, duty=5)
            s.reset(1)
            self._period(s, 3, 5)

    def _stop(self, s: Stimulus, cycles: int) -> None:
        for _ in range(cycles):
            s.cycle(**{**s.draw(), "en": 0})

    def _period(self, s: Stimulus, duty: int, top: int = 0) -> None:
        """From the edge that begins a period on, with other values in mid-period."""
        while len(self.levels) > 1 or self.second_half:
            self._run(s, 1)
        asked = {"top": top} if self.p.programmable else {}
        self._run(s, 1, duty=duty, **asked)
        while len(self.levels) > 1:
            self._run(s, 1)
        if self.p.centred:
            self._run(s, 1, duty=min(duty + (duty & 2), (1 << self.p.width) - 1))

    def _run(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        """Cycles with these inputs; a duty or period that a narrow port cannot carry is cut."""
        on = {"en": 1} if self.p.enable else {}
        cut = {name: min(value, (1 << self.p.width) - 1) for name, value in inputs.items()}
        for _ in range(cycles):
            s.cycle(**{**s.draw(), **on, **cut})
