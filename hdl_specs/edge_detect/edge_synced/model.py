"""Reference model: synchroniser with an edge detector behind it."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Remembers what the input was at each of the last clock edges, newest first."""

    def setup(self) -> None:
        self.top = (1 << self.p.width) - 1
        self.reset()

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.seen = [self.p.rest * self.top] * (self.p.stages + 2)

    def step(self, i: Values) -> None:
        self.seen = [i.d, *self.seen[:-1]]

    def outputs(self, i: Values) -> dict[str, Expected]:
        late = 1 if self.p.form == "reg" else 0
        new, old = self.seen[self.p.stages - 1 + late], self.seen[self.p.stages + late]
        rise, fall = new & (self.top - old), old & (self.top - new)
        shown: dict[str, Expected]
        if self.p.kind == "split":
            shown = {"rise": rise, "fall": fall}
        else:
            shown = {"pulse": {"rising": rise, "falling": fall, "both": rise | fall}[self.p.kind]}
        if self.p.level:
            shown["q"] = self.seen[self.p.stages - 1]
        return shown

    def directed(self, s: Stimulus) -> None:
        for level in (0, self.top):
            s.reset(1)
            s.hold(self.p.stages + 4, d=level)
            s.cycle(d=self.top - level)
            s.hold(self.p.stages + 4, d=level)
            s.hold(self.p.stages + 4, d=self.top - level)
            s.hold(2, d=level)
            s.hold(self.p.stages + 4, d=self.top - level)
            s.reset_glitches()
        for bit in range(self.p.width):
            s.hold(3, d=1 << bit)
            s.hold(3, d=self.top ^ (1 << bit))
        s.random(40)
