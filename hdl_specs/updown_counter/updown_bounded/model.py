"""Reference model: up/down counter between two limits, wrapping or saturating."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Stays between `low` and `high` (both included)."""

    def setup(self) -> None:
        self.range = range(self.p.low, self.p.high + 1)
        self.q = 0

    def reset(self) -> None:
        self.q = self.p.reset_value

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        moved = self.q + (self.p.step if i.up else -self.p.step)
        if moved in self.range:
            self.q = moved
        elif self.p.at_limit == "saturate":
            self.q = self.range[-1] if i.up else self.range[0]
        else:
            self.q = self.range[0] if i.up else self.range[-1]

    def outputs(self, i: Values) -> dict[str, Expected]:
        at_min, at_max = self.q == self.p.low, self.q == self.p.high
        shown: dict[str, Expected] = {"q": self.q}
        if self.p.flags == "cascade":
            counting = not self.p.enable or i.en
            shown["tc"] = int(counting and (at_max if i.up else at_min))
        elif self.p.flags == "limits":
            shown["at_min"], shown["at_max"] = int(at_min), int(at_max)
        return shown

    def directed(self, s: Stimulus) -> None:
        on = {"en": 1} if self.p.enable else {}
        lap = len(self.range) // self.p.step + 3
        s.reset(1)
        s.hold(lap, **on, up=1)
        s.hold(lap, **on, up=0)
        s.hold(lap, **on, up=1)
        self.around_the_ends(s, on)
        s.reset(1)
        s.hold(lap, **on, up=0)
        self.around_the_ends(s, on)

    def around_the_ends(self, s: Stimulus, on: dict[str, int]) -> None:
        """Short runs back and forth, with pauses, from wherever the count is."""
        for length in (1, 1, 2, 3, 2, 4):
            for up in (0, 1):
                s.hold(length, **on, up=up)
                if self.p.enable:
                    s.cycle(en=0, up=up)
                    s.cycle(en=0, up=1 - up)
