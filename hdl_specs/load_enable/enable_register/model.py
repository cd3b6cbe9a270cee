"""Reference model: register with clock enable, and where asked for a clear and a valid flag."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Holds the last word stored; None while nothing is known of it."""

    def setup(self) -> None:
        self.word: int | None = None
        self.stored = False

    def power_up(self) -> None:
        self.word = None

    def reset(self) -> None:
        self.word = self.p.reset_value
        self.stored = False

    def step(self, i: Values) -> None:
        if self.p.clearing != "none" and i.clr and (i.en or self.p.clearing == "always"):
            self.word, self.stored = 0, False
        elif i.en:
            self.word, self.stored = i.d, True

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"q": self.word}
        if self.p.valid:
            shown["valid"] = int(self.stored)
        return shown

    def directed(self, s: Stimulus) -> None:
        top = (1 << self.p.width) - 1
        clear = {"clr": 0} if self.p.clearing != "none" else {}
        for word in (top, 0, *(1 << k for k in range(self.p.width))):
            s.cycle(**clear, en=1, d=word)
            s.hold(2, **clear, en=0, d=top ^ word)
        s.reset(1)
        s.hold(2, **clear, en=0, d=top)
        s.cycle(**clear, en=1, d=top)
        s.reset(1)
        if clear:
            for en in (0, 1):
                s.cycle(clr=0, en=1, d=top)
                s.cycle(clr=1, en=en, d=1)
                s.hold(2, clr=0, en=0, d=top)
                s.reset(1)
                s.cycle(clr=1, en=en, d=top)
                s.cycle(clr=0, en=0, d=top)
            s.random(60, en=0.6, clr=0.25)
