"""Reference model: linear feedback shift register, Fibonacci or Galois."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The state as a list of bits, lowest first, moved on one bit at a time."""

    def setup(self) -> None:
        self.bias = {"load": 0.06, "en": 0.8}
        self.tapped = [k for k in range(self.p.width) if (self.p.taps >> k) & 1]
        self.state = self._split(self.p.seed)

    def power_up(self) -> None:
        self.state = self._split(self.p.seed)

    def reset(self) -> None:
        self.state = self._split(self.p.seed)

    def step(self, i: Values) -> None:
        if self.p.loadable and i.load:
            self.state = self._split(self.p.seed if self.p.guard and i.d == 0 else i.d)
        elif not self.p.enable or i.en:
            for _ in range(self.p.steps):
                self._advance()

    def _advance(self) -> None:
        leaving = self.state[-1] if self.p.direction == "left" else self.state[0]
        entering = 0
        if self.p.kind == "fibonacci":
            ones = sum(self.state[k] for k in self.tapped)
            entering = (ones + (self.p.gate == "XNOR")) % 2
        if self.p.direction == "left":
            self.state = [entering, *self.state[:-1]]
        else:
            self.state = [*self.state[1:], entering]
        if self.p.kind == "galois" and leaving:
            for k in self.tapped:
                self.state[k] = 1 - self.state[k]

    def outputs(self, i: Values) -> dict[str, Expected]:
        return {"q": sum(bit << k for k, bit in enumerate(self.state))}

    def _split(self, value: int) -> list[int]:
        return [(value >> k) & 1 for k in range(self.p.width)]

    def directed(self, s: Stimulus) -> None:
        width = self.p.width
        on = {"en": 1} if self.p.enable else {}
        off = {"en": 0} if self.p.enable else {}
        quiet = {"load": 0} if self.p.loadable else {}
        s.reset(1)
        s.hold(min(520, (1 << width) + 5), **on, **quiet)
        if self.p.loadable:
            ones = (1 << width) - 1
            for value in (0, ones, *(1 << k for k in range(width)), s.rng.randint(1, ones)):
                s.cycle(**(on if value % 3 else off), load=1, d=value)
                s.cycle(**off, load=0, d=value ^ 1)
                s.hold(4, **on, load=0, d=value ^ 1)
        if self.p.reset != "none":
            for load in ({"load": 1, "d": 6}, {"load": 0}) if self.p.loadable else ({},):
                for controls in (on, off):
                    s.cycle(**controls, **load, rst=1)
                    s.cycle(**on, **quiet, rst=0)
        s.random(40, en=0.6)
