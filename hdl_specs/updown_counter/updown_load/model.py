"""Reference model: binary up/down counter with parallel load."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Counts modulo 2**width; the count is None while it is unknown."""

    def setup(self) -> None:
        self.modulus = 1 << self.p.width
        self.q: int | None = None

    def power_up(self) -> None:
        self.q = None

    def reset(self) -> None:
        self.q = self.p.reset_value

    def step(self, i: Values) -> None:
        enabled = not self.p.enable or i.en
        if self.p.priority == "enable" and not enabled:
            return
        if i.load:
            self.q = i.d
        elif enabled and self.q is not None:
            self.q = (self.q + self.asked_for(i)) % self.modulus

    def asked_for(self, i: Values) -> int:
        """+1, -1 or 0: the step that the direction inputs ask for."""
        if self.p.controls == "pair":
            return int(i.inc - i.dec)
        return 1 if i.up else -1

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"q": self.q}
        if self.p.terminal:
            beyond = None if self.q is None else self.q + self.asked_for(i)
            shown["tc"] = None if beyond is None else int(beyond in (-1, self.modulus))
        return shown

    def directed(self, s: Stimulus) -> None:
        on = {"en": 1} if self.p.enable else {}
        pair = self.p.controls == "pair"
        up = {"inc": 1, "dec": 0} if pair else {"up": 1}
        down = {"inc": 0, "dec": 1} if pair else {"up": 0}
        s.cycle(**on, **up, load=1, d=self.modulus - 3)
        s.hold(min(300, self.modulus + 3), **on, **up, load=0, d=5)
        s.cycle(**on, **up, load=1, d=2)
        s.hold(5, **on, **down, load=0)
        for start in (0, self.modulus // 2, self.modulus - 1):
            for way in (up, down):
                s.cycle(**on, **way, load=1, d=start)
                if pair:
                    s.cycle(**on, load=0, inc=1, dec=1)
                    s.cycle(**on, load=0, inc=0, dec=0)
                if self.p.enable:
                    s.cycle(**way, load=0, en=0)
                    s.cycle(**way, load=1, en=0, d=start ^ 1)
                    s.cycle(**way, load=1, en=1, d=start)
                s.hold(3, **on, **way, load=0)
        if self.p.enable:
            s.random(40, en=0.8, load=0.2)
        else:
            s.random(40, load=0.15)
