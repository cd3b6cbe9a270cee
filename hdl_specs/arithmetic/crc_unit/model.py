"""Reference model: CRC as the remainder of a division of polynomials."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Remainder of the message so far, its highest power in the highest bit; None if unknown."""

    def setup(self) -> None:
        self.bias = {"clr": 0.08, "en": 0.8, "last": 0.25}
        self.ones = (1 << self.p.width) - 1
        self.generator = (1 << self.p.width) | self.p.poly
        self.remainder: int | None = None
        self.result = self.fresh = 0
        if self.p.frames:
            self.reset()

    def power_up(self) -> None:
        self.setup()

    def reset(self) -> None:
        self._begin()
        self.result = self.fresh = 0

    def _begin(self) -> None:
        self.remainder = self.ones if self.p.ones else 0

    def _add(self, data: int, bits: int) -> None:
        order = range(bits) if self.p.reflected else reversed(range(bits))
        for k in order:
            if self.remainder is not None:
                bit = (data >> k) & 1
                product = (self.remainder << 1) ^ (bit << self.p.width)
                self.remainder = min(product, product ^ self.generator)

    @property
    def shown(self) -> int | None:
        """The CRC as it is put out."""
        if self.remainder is None:
            return None
        value = self.remainder
        if self.p.reflected:
            value = int(f"{value:0{self.p.width}b}"[::-1], 2)
        return value ^ self.ones if self.p.invert else value

    def step(self, i: Values) -> None:
        self.fresh = 0
        if self.p.clearing and i.clr:
            self._begin()
        elif not self.p.enable or i.en:
            if not self.p.frames:
                self._add(i.d, self.p.bits)
                return
            self._add(i.d >> 8, 8)
            if not i.half:
                self._add(i.d & 0xFF, 8)
            if i.last:
                self.result, self.fresh = self.shown or 0, 1
                self._begin()

    def outputs(self, i: Values) -> dict[str, Expected]:
        if self.p.frames:
            return {"crc": self.result, "crc_valid": self.fresh}
        return {"crc": self.shown}

    def directed(self, s: Stimulus) -> None:
        s.random(4, clr=0, en=1)
        if self.p.clearing:
            s.cycle(**{**s.draw(), "clr": 1})
        self._texts(s)
        for length in range(1, 5):
            for half in (0, 1):
                if self.p.frames:
                    self._message(s, length, half)
        if self.p.frames:
            for _ in range(12):  # one-word messages, one directly behind the other
                s.cycle(**{**s.draw(), "en": 1, "last": 1})
        for _ in range(6):
            s.random(5, clr=0, en=1, last=0)
            s.reset(1)
            s.random(3, clr=0, en=1, last=1)

    def _texts(self, s: Stimulus) -> None:
        """Single ones, and the usual check message again and again."""
        for bit in range(self.p.bits):
            self._data(s, 1 << bit)
            self._data(s, 0)
        for _ in range(3):
            if self.p.bits == 1:
                for k in range(72):
                    self._data(s, (b"123456789"[k // 8] >> (7 - k % 8)) & 1)
            for letter in b"123456789":
                self._data(s, letter << 8 if self.p.frames else letter % (1 << self.p.bits))
            if self.p.clearing:
                for en in (0, 1):
                    s.cycle(**{**s.draw(), "clr": 1, "en": en})
                    self._data(s, 1)

    def _data(self, s: Stimulus, data: int) -> None:
        inputs = {"clr": 0} if self.p.clearing else {}
        if self.p.frames:
            inputs |= {"half": 0, "last": int(s.rng.random() < 0.1)}
        s.cycle(**{**s.draw(), **inputs, "en": 1, "d": data})

    def _message(self, s: Stimulus, length: int, half: int) -> None:
        """A message with pauses, in which half and last have no effect."""
        for k in range(length):
            last = int(k == length - 1)
            s.cycle(**{**s.draw(), "en": 1, "half": half & last, "last": last})
            s.cycle(**{**s.draw(), "en": 0, "last": k & 1})
            s.cycle(**{**s.draw(), "en": 0, "last": 1, "half": 1})
