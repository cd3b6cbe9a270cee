"""Reference model: ticks at a fraction of the clock rate."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Keeps the exact sum of all steps; a tick is due whenever it passes a multiple of N."""

    def setup(self) -> None:
        self.modulus = self.p.n_div if self.p.kind == "const" else 1 << self.p.width
        self.cycles = 250
        self.reset()

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.total = 0
        self.ticked = 0

    def step(self, i: Values) -> None:
        self.ticked = 0
        if not self.p.enable or i.en:
            before = self.total // self.modulus
            self.total += self.p.m if self.p.kind == "const" else i.step
            self.ticked = self.total // self.modulus - before

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"tick": self.ticked}
        if self.p.show:
            shown["phase"] = self.total % self.modulus
        return shown

    def directed(self, s: Stimulus) -> None:
        enable = {"en": 1} if self.p.enable else {}
        s.reset(1)
        if self.p.kind == "const":
            s.hold(3 * self.modulus + 2, **enable)
            if self.p.enable:
                s.random(4 * self.modulus, en=0.8)
            return
        top = self.modulus - 1
        for step in (1, 3, top, self.modulus // 2, 0, self.modulus // 2 - 1, top // 3):
            s.reset(1)
            s.hold(min(2 * self.modulus, 90) if step == 1 else 24, **enable, step=step)
            if self.p.enable:
                s.hold(2, en=0)
                s.hold(3, en=1)
