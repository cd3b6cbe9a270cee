"""Reference model: divider with a start input that takes several cycles."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Holds the operands and the number of cycles that are left; divides at the end."""

    def setup(self) -> None:
        self.cycles = 220
        self.bias = {"start": 0.3 if self.p.while_busy == "ignore" else 0.12, "en": 0.85}
        self.half_range = 1 << (self.p.width - 1)
        self.power_up()

    def power_up(self) -> None:
        self.left = 0
        self.operands = (0, 1)
        self.done = 0
        self.result = (0, 0, 0)

    def reset(self) -> None:
        self.power_up()

    def number(self, raw: int) -> int:
        """What an operand stands for."""
        negative = self.p.signed_ops and raw >= self.half_range
        return raw - 2 * self.half_range if negative else raw

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        self.done = 0
        idle = self.left == 0
        if i.start and (idle or self.p.while_busy == "restart"):
            self.operands = (self.number(i.a), self.number(i.b))
            fixed = self.p.duration == "fixed"
            self.left = self.p.width if fixed else max(1, abs(self.operands[0]).bit_length())
        elif not idle:
            self.left -= 1
            if self.left == 0:
                self.done = 1
                self.result = self._divide(*self.operands)

    def _divide(self, a: int, b: int) -> tuple[int, int, int]:
        whole = 2 * self.half_range
        if b == 0:
            return whole - 1, a % whole, 1
        quotient = abs(a) // abs(b)
        if (a < 0) != (b < 0):
            quotient = -quotient
        return quotient % whole, (a - quotient * b) % whole, 0

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"busy": int(self.left > 0), "done": self.done}
        shown["q"], shown["r"], zero = self.result
        if self.p.zero_flag:
            shown["dz"] = zero
        return shown

    def directed(self, s: Stimulus) -> None:
        w, rng = self.p.width, s.rng
        top, middle = (1 << w) - 1, self.half_range
        self._run(s, 3, start=0)
        pairs = [(a, b) for a in (0, 1, middle - 1, middle, top) for b in (0, 1, 2, middle, top)]
        pairs += [(1 << k, 0) for k in range(w)] + [((2 << k) - 1, 3) for k in range(w)]
        pairs += [(top, middle - 1), (middle, 3), (middle + 1, top - 1), (7, top - 1)]
        pairs += [(rng.randint(0, top), rng.randint(1, middle)) for _ in range(12)]
        for k, (a, b) in enumerate(pairs):
            self._run(s, 1, start=1, a=a, b=b)
            while self.left:
                self._run(s, 1, start=0)
            self._run(s, k % 3, start=0)
        ignoring = self.p.while_busy == "ignore"
        for _ in range(6 * (w + 1)):  # start held, or in the cycle of done
            self._run(s, 1, start=int(ignoring or self.left == 0), a=rng.randint(1, top))
        self._run(s, w + 2, start=0)
        for moment in range(w + 3):  # a second start at every moment
            self._run(s, 1, start=1, a=top - (moment & 1), b=rng.randint(0, 3))
            self._run(s, moment, start=0)
            self._run(s, 1, start=1, a=rng.randint(0, top), b=rng.randint(1, 5))
            self._run(s, w + 3, start=0)
        for moment in range(w + 2):
            self._run(s, 1, start=1, a=middle + 1, b=2)
            self._run(s, moment, start=0)
            if self.p.enable:
                for start in (0, 1):
                    s.cycle(**{**s.draw(), "en": 0, "start": start})
            else:
                s.reset(1)
            self._run(s, w + 2, start=0)
        if self.p.reset != "none":
            self._run(s, 1, start=1, a=top, b=1)
            self._run(s, 2, start=0)
            s.cycle(rst=1, start=1)
            s.cycle(rst=0, start=0)
            self._run(s, w + 2, start=0)

    def _run(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        on = {"en": 1} if self.p.enable else {}
        for _ in range(cycles):
            s.cycle(**{**s.draw(), **on, **inputs})
