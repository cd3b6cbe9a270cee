"""Reference model: ring or Johnson counter that steps in both directions."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Keeps a place in the cycle of legal states, and a loaded pattern apart from it."""

    def setup(self) -> None:
        width = self.p.width
        if self.p.kind == "ring":
            self.states = [1 << k for k in range(width)]
        else:
            filling = [(1 << k) - 1 for k in range(width)]
            self.states = filling + [filling[-1] * 2 + 1 - state for state in filling]
        self.q = self.states[0]

    def power_up(self) -> None:
        self.q = self.states[0]

    def reset(self) -> None:
        self.q = self.states[0]

    def step(self, i: Values) -> None:
        if self.p.loadable and i.load:
            self.q = i.d
        elif not self.p.enable or i.en:
            if self.q in self.states:
                place = self.states.index(self.q) + (1 if i.up else -1)
                self.q = self.states[place % len(self.states)]
            else:
                self.q = self.states[0]

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"q": self.q}
        if self.p.phase_width:
            shown["phase"] = self.states.index(self.q)
        return shown

    def directed(self, s: Stimulus) -> None:
        on = {"en": 1} if self.p.enable else {}
        off = {"load": 0} if self.p.loadable else {}
        lap = len(self.states) + 2
        s.reset(1)
        for up in (1, 0, 0, 1, 1):
            s.hold(lap, **on, **off, up=up)
            if self.p.enable:
                s.hold(2, **off, en=0, up=1 - up)
        for length in (1, 2, 3):
            for up in (0, 1):
                s.hold(length, **on, **off, up=up)
        if self.p.loadable:
            for pattern in range(1 << self.p.width):
                s.cycle(load=1, en=pattern & 1, d=pattern, up=pattern >> 1 & 1)
                s.cycle(load=0, en=0)
                s.hold(2, en=1, up=pattern >> 2 & 1)
            s.random(40, load=0.2, en=0.9)
