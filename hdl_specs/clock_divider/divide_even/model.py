"""Reference model: clock divided by an even number, 50 % duty."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Remembers how far it is into the period of the divided clock."""

    def setup(self) -> None:
        self.half_period = self.p.n_div // 2
        self.bias = {"restart": 0.04}
        self.place = 0

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.place = 0

    def step(self, i: Values) -> None:
        if self.p.restart and i.restart:
            self.place = 0
        elif not self.p.enable or i.en:
            self.place = (self.place + 1) % self.p.n_div

    def outputs(self, i: Values) -> dict[str, Expected]:
        first_half = self.place < self.half_period
        return {"q": self.p.level if first_half else 1 - self.p.level}

    def directed(self, s: Stimulus) -> None:
        run = {"en": 1} if self.p.enable else {}
        if self.p.restart:
            run["restart"] = 0
        s.reset(1)
        s.hold(2 * self.p.n_div + 3, **run)
        s.reset(1)
        s.hold(self.half_period + 1, **run)
        if self.p.enable:
            s.hold(3, **{**run, "en": 0})
            for _ in range(3 * self.half_period):
                s.cycle(**{**run, "en": int(s.rng.random() < 0.7)})
        if self.p.restart:
            self.restarts(s, run)

    def restarts(self, s: Stimulus, run: dict[str, int]) -> None:
        """Restarts at the telling places of the period, with and without enable."""
        for place in (1, self.half_period - 1, self.half_period, self.p.n_div - 1, self.p.n_div):
            for enabled in (0, 1):
                s.hold(place, **run)
                s.cycle(**{**run, "restart": 1, **({"en": enabled} if self.p.enable else {})})
        s.hold(self.p.n_div + 1, **run)
