"""Reference model: one-cycle tick every N cycles."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Counts down the edges that are still missing until the tick."""

    def setup(self) -> None:
        self.bias = {"restart": 0.04, "en": 0.8}
        self.cycles = max(160, 3 * self.p.n_div)
        self.reset()

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.missing = self.p.n_div
        self.ticked = False

    def step(self, i: Values) -> None:
        self.ticked = False
        if self.p.restart and i.restart:
            self.missing = self.p.n_div
        elif not self.p.enable or i.en:
            self.missing -= 1
            if self.missing == 0:
                self.ticked = True
                self.missing = self.p.n_div

    def outputs(self, i: Values) -> dict[str, Expected]:
        if self.p.form == "reg":
            return {"tick": int(self.ticked)}
        enabled = not self.p.enable or i.en
        return {"tick": int(enabled and self.missing == 1)}

    def directed(self, s: Stimulus) -> None:
        period = self.p.n_div
        run = {"en": 1} if self.p.enable else {}
        if self.p.restart:
            run["restart"] = 0
        s.reset(1)
        s.hold(2 * period + 2, **run)
        s.reset(1)
        if self.p.enable:
            for more in (period - 2, 1, 1, 1):
                s.hold(more, **run)
                s.hold(2, **{**run, "en": 0})
            for _ in range(2 * period):
                s.cycle(**{**run, "en": int(s.rng.random() < 0.7)})
        if self.p.restart:
            for place in (1, period - 2, period - 1, period, period + 1):
                for enabled in (0, 1):
                    s.cycle(**{**run, "restart": 1})
                    s.hold(place, **run)
                    pause = {"en": enabled} if self.p.enable else {}
                    s.cycle(**{**run, "restart": 1, **pause})
                    s.hold(3, **run)
            s.hold(period + 1, **run)
        if self.p.reset == "async":
            for ahead in (2, 3, 4, 4, 4, 5, 6, 7, 7, 8):
                s.reset(1)
                s.hold(period - ahead, **run)
                s.reset_glitches()
