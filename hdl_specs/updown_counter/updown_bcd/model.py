"""Reference model: decimal up/down counter, shown in BCD."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Keeps the count as a plain number from 0 to 9 or 99."""

    def setup(self) -> None:
        self.modulus = 10**self.p.digits
        self.count = 0

    def reset(self) -> None:
        self.count = self.p.reset_value

    def step(self, i: Values) -> None:
        if self.p.loadable and i.load:
            digits = [min(9, i.d >> 4 * k & 15) for k in range(self.p.digits)]
            self.count = sum(digit * 10**k for k, digit in enumerate(digits))
        elif not self.p.enable or i.en:
            self.count = (self.count + (1 if i.up else -1)) % self.modulus

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"q": int(str(self.count), 16)}
        if self.p.cascade:
            counting = not self.p.enable or i.en
            end = self.modulus - 1 if i.up else 0
            shown["rollover"] = int(counting and self.count == end)
        return shown

    def directed(self, s: Stimulus) -> None:
        on = {"en": 1} if self.p.enable else {}
        off = {"load": 0} if self.p.loadable else {}
        s.reset(1)
        for up in (1, 0):
            s.hold(self.modulus + 12, **on, **off, up=up)
        if self.p.loadable:
            self.loads(s)
        for length in (3, 5, 4, 8):
            for up in (0, 1):
                s.hold(length, **on, **off, up=up)
                if self.p.enable:
                    s.hold(2, **off, en=0, up=1 - up)

    def loads(self, s: Stimulus) -> None:
        """Every value of each digit, decimal or not, and steps from the loaded values."""
        for low in range(16):
            s.cycle(load=1, en=0, d=low * 16 + 15 - low)
            s.cycle(load=1, en=1, d=(15 - low) * 16 + low)
            s.hold(2, load=0, en=1, up=low & 1)
        for d in (0x00, 0x99, 0x09, 0x90, 0xA0, 0x0A, 0xFF):
            for up in (0, 1):
                s.cycle(load=1, d=d, up=up)
                s.cycle(load=0, en=0)
                s.hold(2, load=0, en=1)
        s.random(40, load=0.15, en=0.9)
