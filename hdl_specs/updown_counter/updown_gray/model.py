"""Reference model: up/down counter in reflected binary Gray code."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Keeps a place in the list of code words, made by reflection."""

    def setup(self) -> None:
        self.words = [0]
        for bit in range(self.p.width):
            self.words += [word | 1 << bit for word in reversed(self.words)]
        self.place = 0

    def power_up(self) -> None:
        self.place = self.p.reset_value

    def reset(self) -> None:
        self.place = self.p.reset_value

    def step(self, i: Values) -> None:
        if self.p.loadable and i.load:
            self.place = self.words.index(i.d)
        elif not self.p.enable or i.en:
            self.place = (self.place + (1 if i.up else -1)) % len(self.words)

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"q": self.words[self.place]}
        if self.p.show_index:
            shown["index"] = self.place
        return shown

    def directed(self, s: Stimulus) -> None:
        on = {"en": 1} if self.p.enable else {}
        off = {"load": 0} if self.p.loadable else {}
        s.reset(1)
        for up in (1, 0, 1):
            s.hold(len(self.words) + 3, **on, **off, up=up)
            if self.p.enable:
                s.hold(2, **off, en=0, up=1 - up)
        if self.p.loadable:
            for word in range(len(self.words)):
                s.cycle(load=1, en=word & 1, d=word, up=word >> 1 & 1)
                s.cycle(load=0, en=1)
            s.random(40, load=0.2, en=0.9)
