"""Reference model: clock divided by an odd number with 50 % duty, using both clock edges."""

from __future__ import annotations

from typing import ClassVar

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Counts edges of the period; the output changes on one kind of edge each way.

    `place` is the number of the last counted edge within the period (1 to N), 0 before the
    first period.
    """

    dual_edge: ClassVar[bool] = True

    def setup(self) -> None:
        self.on_active = self.p.rises == "active"
        self.high = 0
        self.reset()

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.high = 0
        self.place = 0
        self.wait = self.p.start

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        if self.place == 0:
            self.wait -= 1
            if self.wait == 0:
                self.place = 1
        else:
            self.place = self.place % self.p.n_div + 1
        if self.on_active and self.place == 1:
            self.high = 1
        if not self.on_active and self.place == (self.p.n_div + 3) // 2:
            self.high = 0

    def half(self, i: Values) -> None:
        if self.on_active and self.place == (self.p.n_div + 1) // 2:
            self.high = 0
        if not self.on_active and self.place == 1:
            self.high = 1

    def outputs(self, i: Values) -> dict[str, Expected]:
        return {"q": self.high}

    def directed(self, s: Stimulus) -> None:
        period = self.p.n_div
        enable = {"en": 1} if self.p.enable else {}
        for cycles in (3 * period + 2, period // 2 + 1, self.p.start, period):
            s.reset(1)
            s.hold(cycles, **enable)
        if self.p.enable:
            for place in range(1, period + 2):
                s.hold(place, en=1)
                s.hold(2, en=0)
            s.random(5 * period, en=0.7)
