"""Reference model: edge detector for an input that is synchronous to the clock."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Compares each bit with its previous sample; `previous` is None while unknown."""

    def setup(self) -> None:
        self.bits = range(self.p.width)
        self.bias = {"en": 0.75}
        self.previous: int | None = None
        self.shown: dict[str, Expected] = {}

    def power_up(self) -> None:
        self.previous = None
        self.shown = self.compare(0)

    def reset(self) -> None:
        self.previous = self.p.rest * ((1 << self.p.width) - 1)
        self.shown = self.compare(self.previous)

    def compare(self, level: int) -> dict[str, Expected]:
        """The outputs that say how `level` differs from the previous sample."""
        names = ("rise", "fall") if self.p.kind == "split" else ("pulse",)
        if self.previous is None:
            return dict.fromkeys(names)
        rise = fall = 0
        for bit in self.bits:
            was, now = self.previous >> bit & 1, level >> bit & 1
            rise += (now > was) << bit
            fall += (now < was) << bit
        if self.p.kind == "split":
            return {"rise": rise, "fall": fall}
        return {"pulse": {"rising": rise, "falling": fall, "both": rise + fall}[self.p.kind]}

    def look(self, i: Values) -> dict[str, Expected]:
        """What the comparison says, nothing being reported without enable."""
        enabled = not self.p.enable or i.en
        return self.compare(i.d if enabled or self.previous is None else self.previous)

    def step(self, i: Values) -> None:
        self.shown = self.look(i)
        if not self.p.enable or i.en:
            self.previous = i.d

    def outputs(self, i: Values) -> dict[str, Expected]:
        return self.shown if self.p.form == "reg" else self.look(i)

    def directed(self, s: Stimulus) -> None:
        run = {"en": 1} if self.p.enable else {}
        top = (1 << self.p.width) - 1
        for level in (0, top):
            s.reset(1)
            s.hold(3, **run, d=level)
        for level in (0, top, 0, top, top, 0, 0):
            s.cycle(**run, d=level)
        for bit in self.bits:
            s.hold(2, d=1 << bit)
            s.hold(2, d=top ^ (1 << bit))
        if self.p.enable:
            for level in (0, top):
                s.hold(2, en=1, d=level)
                s.hold(2, en=0, d=top - level)
                s.cycle(en=0, d=level)
                s.hold(2, en=0, d=top - level)
                s.hold(3, en=1, d=top - level)
        s.reset_glitches()
        s.random(40)
