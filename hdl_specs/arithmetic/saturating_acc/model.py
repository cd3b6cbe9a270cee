"""Reference model: accumulator that stays at the ends of its range."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The sum as a plain number, and the overflow flag."""

    def setup(self) -> None:
        self.cycles = 250
        self.bias = {"clr": 0.1, "en": 0.85, "clr_ovf": 0.3}
        self.largest = (1 << (self.p.width - int(self.p.signed_ops))) - 1
        self.smallest = 0
        if self.p.signed_ops:
            self.smallest = -self.largest - int(not self.p.symmetric)
        self.power_up()

    def power_up(self) -> None:
        self.sum = 0
        self.flag = 0

    def reset(self) -> None:
        self.power_up()

    def operand(self, i: Values) -> int:
        """What is added at an edge, with its sign."""
        amount: int = i.d
        if self.p.signed_ops and amount >> (self.p.dwidth - 1):
            amount -= 1 << self.p.dwidth
        if self.p.scaled:
            amount *= 2**i.sh
        return -amount if self.p.subtract and i.sub else amount

    def step(self, i: Values) -> None:
        limited = self._accumulate(i)
        if self.p.flag == "pulse" or limited:
            self.flag = int(limited)
        elif self.p.flag == "sticky" and i.clr_ovf:
            self.flag = 0

    def _accumulate(self, i: Values) -> bool:
        if self.p.clearing == "zero" and i.clr:
            self.sum = 0
            return False
        if self.p.enable and not i.en:
            return False
        base = 0 if self.p.clearing == "restart" and i.clr else self.sum
        exact = base + self.operand(i)
        self.sum = min(max(exact, self.smallest), self.largest)
        return self.sum != exact

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"acc": self.sum % (1 << self.p.width)}
        if self.p.flag != "none":
            shown["ovf"] = self.flag
        return shown

    def directed(self, s: Stimulus) -> None:
        modulus = 1 << self.p.dwidth
        top = modulus // 2 - 1 if self.p.signed_ops else modulus - 1
        self._run(s, 3, d=1)
        for end in (1, -1):
            self._drive(s, end * top, 2 + 2 * self.largest // top)
            for nudge in (0, 1, -1, -1, 1, 1, 2, -2, -3, 2, 1, 1, 0, -1, 1):
                self._drive(s, end * nudge, 1)
            self._drive(s, -end, 3)
            if self.p.enable:
                for _ in range(3):
                    s.cycle(**{**s.draw(), "en": 0, "d": top})
            if self.p.clearing != "none":
                self._clears(s, end * top)
            s.reset(1)
        for amount, scale in product((1, top, top + 1, modulus - 1, modulus // 3), range(4)):
            extra = {"sh": scale} if self.p.scaled else {}
            for _ in range(3):
                self._run(s, 1, **extra, d=amount % modulus)
        if self.p.flag == "sticky":
            for clear in (0, 1, 0, 1, 1, 0):
                self._drive(s, top, 3, clr_ovf=clear)
                self._drive(s, -1, 2, clr_ovf=clear)
                if self.p.enable:
                    s.cycle(**{**s.draw(), "en": 0, "clr_ovf": clear})
        self._run(s, 60)

    def _clears(self, s: Stimulus, amount: int) -> None:
        """Clear with and without enable, at an end of the range and away from it."""
        for level, back in product((1, 0), (0, 3)):
            self._drive(s, amount, 3 + 2 * self.largest // abs(amount))
            self._drive(s, -1 if amount > 0 else 1, back)
            on = {"en": level} if self.p.enable else {}
            s.cycle(**{**s.draw(), **on, "clr": 1, "d": 1 + back})
            self._drive(s, amount, 1)

    def _drive(self, s: Stimulus, amount: int, cycles: int, **extra: int) -> None:
        """Add a signed amount, by subtraction where only that can go down."""
        inputs = {"sh": 0} if self.p.scaled else {}
        if self.p.subtract:
            down = amount < 0 if not self.p.signed_ops else bool(s.rng.getrandbits(1))
            inputs["sub"] = int(down)
            amount = -amount if down else amount
        elif not self.p.signed_ops:
            amount = max(amount, 0)
        self._run(s, cycles, **inputs, d=amount % (1 << self.p.dwidth), **extra)

    def _run(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        steady = {"en": 1} if self.p.enable else {}
        if self.p.clearing != "none":
            steady["clr"] = 0
        for _ in range(cycles):
            s.cycle(**{**s.draw(), **steady, **inputs})
