"""Reference model: binary up/down counter."""

from __future__ import annotations

from rtlbench.bench.model import Expected, Model, Values
from rtlbench.bench.stimulus import Stimulus


class Reference(Model):
    """Counts modulo 2**width."""

    def setup(self) -> None:
        self.mask = (1 << self.p.width) - 1
        self.q = 0

    def reset(self) -> None:
        self.q = self.p.reset_value

    def step(self, i: Values) -> None:
        if not self.p.enable or i.en:
            self.q = (self.q + (1 if i.up else -1)) & self.mask

    def outputs(self, i: Values) -> dict[str, Expected]:
        return {"q": self.q}

    def directed(self, s: Stimulus) -> None:
        enable = {"en": 1} if self.p.enable else {}
        s.reset(1)
        s.hold(5, **enable, up=0)
        s.hold(min(300, self.mask + 8), **enable, up=1)
