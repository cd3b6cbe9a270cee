"""Reference model: register with a buffer in front of it."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Buffer and output as lists of fields, the least significant first."""

    def setup(self) -> None:
        self.top = (1 << self.p.width) - 1
        self.buffer: list[int] = []
        self.shown: list[int] = []
        self.waiting = False

    def reset(self) -> None:
        value = self.p.reset_value
        self.buffer = [value >> k * self.p.width & self.top for k in range(self.p.fields)]
        self.shown = list(self.buffer)
        self.waiting = False

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        if i.commit and self.p.together == "old":
            self.transfer()
        if i.write:
            self.buffer[i.sel if self.p.fields == 2 else 0] = i.d
            self.waiting = True
        if i.commit and self.p.together == "new":
            self.transfer()

    def transfer(self) -> None:
        """The buffer's contents take effect."""
        self.shown = list(self.buffer)
        self.waiting = False

    def word(self, fields: list[int]) -> int:
        """`fields` as one number."""
        return sum(field << k * self.p.width for k, field in enumerate(fields))

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"q": self.word(self.shown)}
        if self.p.readback:
            shown["buffered"] = self.word(self.buffer)
        if self.p.pending:
            shown["pending"] = int(self.waiting)
        return shown

    def directed(self, s: Stimulus) -> None:
        on = {"en": 1} if self.p.enable else {}
        actions = list(product((0, 1), repeat=2))
        s.reset(1)
        s.cycle(**on, write=0, commit=1, d=self.top)
        for first, second, third in product(actions, repeat=3):
            for write, commit in (first, second, third):
                s.cycle(**{**s.draw(), **on, "write": write, "commit": commit})
            s.cycle(**{**s.draw(), **on, "write": 0, "commit": 1})
        if self.p.enable:
            for write, commit in actions:
                s.cycle(**{**s.draw(), "en": 1, "write": 1, "commit": write})
                s.cycle(**{**s.draw(), "en": 0, "write": write, "commit": commit})
                s.cycle(**{**s.draw(), "en": 1, "write": 0, "commit": 0})
                s.cycle(**{**s.draw(), "en": 1, "write": 0, "commit": 1})
        for k in range(self.p.width):
            for sel in range(self.p.fields):
                half = {"sel": sel} if self.p.fields == 2 else {}
                s.cycle(**on, **half, write=1, commit=0, d=1 << k)
                s.cycle(**on, **half, write=0, commit=1, d=self.top)
        s.cycle(**on, write=1, commit=0, d=self.top)
        s.reset(1)
        s.hold(2, **on, write=0, commit=0)
        s.cycle(**on, write=0, commit=1)
        s.hold(2, **on, write=0, commit=0)
