"""Reference model: clock divided by powers of two."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Knows how many edges were counted and works out the level of each square wave."""

    def setup(self) -> None:
        self.counted = 0

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.counted = 0

    def step(self, i: Values) -> None:
        if not self.p.enable or i.en:
            self.counted += 1

    def level(self, half_period: int) -> int:
        """Level of the wave that changes every `half_period` counted edges."""
        ahead = half_period - 1 if self.p.first == "high" else 0
        return (self.counted + ahead) // half_period % 2

    def outputs(self, i: Values) -> dict[str, Expected]:
        if not self.p.taps:
            return {"q": self.level(2 ** (self.p.stages - 1))}
        return {"q": sum(self.level(2**k) << k for k in range(self.p.stages))}

    def directed(self, s: Stimulus) -> None:
        period = 2**self.p.stages
        enable = {"en": 1} if self.p.enable else {}
        s.reset(1)
        s.hold(2 * period + 3, **enable)
        s.reset(2)
        s.hold(period // 2 + 1, **enable)
        if self.p.enable:
            s.hold(3, en=0)
            s.random(2 * period, en=0.7)
