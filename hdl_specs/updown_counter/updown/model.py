"""Reference model: binary up/down counter."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Counts modulo 2**width; may remember for one cycle that it wrapped."""

    def setup(self) -> None:
        self.mask = (1 << self.p.width) - 1
        self.q = 0
        self.wrapped = False

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.q = self.p.reset_value
        self.wrapped = False

    def step(self, i: Values) -> None:
        self.wrapped = False
        if not self.p.enable or i.en:
            exact = self.q + (1 if i.up else -1)
            self.q = exact & self.mask
            self.wrapped = self.q != exact

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"q": self.q}
        if self.p.wrap_flag:
            shown["wrapped"] = int(self.wrapped)
        return shown

    def directed(self, s: Stimulus) -> None:
        enable = {"en": 1} if self.p.enable else {}
        s.reset(1)
        s.hold(5, **enable, up=0)
        s.hold(min(300, self.mask + 8), **enable, up=1)
        s.hold(12, **enable, up=0)
        for _ in range(4):
            s.hold(8, **enable, up=1)
            s.hold(8, **enable, up=0)
            if self.p.enable:
                s.hold(2, en=0)
        for _ in range(2):
            s.hold(self.q + 1, **enable, up=0)
            s.reset(1)
