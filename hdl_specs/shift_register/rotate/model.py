"""Reference model: circular shift register with parallel load."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """A ring of bits; rotation moves bit k to place (k +- amount) modulo the width."""

    def setup(self) -> None:
        self.bias = {"load": 0.12}
        self.content = self.p.start_value

    def power_up(self) -> None:
        self.content = self.p.start_value

    def reset(self) -> None:
        self.content = self.p.start_value

    def step(self, i: Values) -> None:
        enabled = not self.p.enable or i.en == 1
        if i.load and (enabled or not self.p.load_needs_enable):
            self.content = i.d
        elif enabled:
            self.content = self._rotated(self._direction(i))

    def _direction(self, i: Values) -> str:
        if self.p.direction != "input":
            return str(self.p.direction)
        other = "left" if self.p.high == "right" else "right"
        return str(self.p.high) if i.dir else other

    def _rotated(self, direction: str) -> int:
        move = self.p.amount if direction == "left" else -self.p.amount
        places = range(self.p.width)
        return sum(((self.content >> k) & 1) << ((k + move) % self.p.width) for k in places)

    def outputs(self, i: Values) -> dict[str, Expected]:
        return {"q": self.content}

    def directed(self, s: Stimulus) -> None:
        width = self.p.width
        on = {"en": 1} if self.p.enable else {}
        off = {"en": 0} if self.p.enable else {}
        ways = [{"dir": 0}, {"dir": 1}] if self.p.direction == "input" else [{}]
        s.reset(1)
        for way in ways:
            s.hold(2 * width, **on, **way, load=0, d=0)
            for value in (1, 1 << (width - 1), s.rng.getrandbits(width)):
                s.cycle(**on, **way, load=1, d=value)
                s.hold(width + 1, **on, **way, load=0, d=0)
                s.hold(2, **off, **way, load=0, d=0)
                s.cycle(**off, **way, load=1, d=s.rng.getrandbits(width))
                s.hold(2, **on, **way, load=0, d=0)
        if self.p.reset != "none":
            for load in (1, 0):
                for controls in (on, off):
                    s.cycle(**controls, load=load, d=s.rng.getrandbits(width), rst=1)
                    s.cycle(**on, load=0, rst=0)
        s.random(60, en=0.7, load=0.1)
