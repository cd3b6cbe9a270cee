"""Reference model: binary to BCD conversion, combinational or over several cycles."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The number in conversion with the cycles it still takes, the number that waits, and the
    last number that was finished."""

    def setup(self) -> None:
        self.cycles = 240
        self.bias = {"start": 0.25, "en": 0.85}
        self.power_up()

    def power_up(self) -> None:
        self.left = 0
        self.number = self.result = 0
        self.waiting: int | None = None
        self.done = 0

    def reset(self) -> None:
        self.power_up()

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        self.done = 0
        if self.left:
            if i.start and self.p.queue:
                self.waiting = i.bin
            self.left -= 1
            if self.left == 0:
                self.done, self.result = 1, self.number
                if self.waiting is not None:
                    self._begin(self.waiting)
        elif i.start:
            self._begin(i.bin)

    def _begin(self, number: int) -> None:
        self.number, self.left = number, self.p.width
        self.waiting = None

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {}
        number = i.bin
        if self.p.clocked:
            number = self.result
            shown = {"busy": int(self.left > 0), "done": self.done}
        too_large = number >= 10**self.p.digits
        text = "9" * self.p.digits if too_large else str(number)
        shown["bcd"] = int(text.rjust(self.p.digits, "f" if self.p.blank else "0"), 16)
        if self.p.overflow:
            shown["ovf"] = int(too_large)
        return shown

    def directed(self, s: Stimulus) -> None:
        top = (1 << self.p.width) - 1
        if not self.p.clocked:
            for number in range(top + 1):
                s.cycle(bin=number)
            return
        limit = 10**self.p.digits
        special = (0, 9, 10, 11, 19, 59, 99, 100, 101, 199, 200, limit - 1, limit, limit + 1)
        numbers = [k for k in (*special, top, top // 2, top // 2 + 1) if k <= top]
        for k, number in enumerate(numbers):
            self._run(s, 1, start=1, bin=number)
            while self.left:
                self._run(s, 1, start=0)
            self._run(s, k % 3, start=0)
        self._run(s, 4 * self.p.width, start=1)
        self._run(s, 2 * self.p.width + 4, start=0)
        most = min(99, top)
        for moment in range(self.p.width + 3):  # a second and a third start at every moment
            for third in (0, 1):
                self._run(s, 1, start=1, bin=s.rng.randint(0, most))
                self._run(s, moment, start=0)
                self._run(s, 1, start=1, bin=s.rng.randint(0, most))
                self._run(s, max(0, self.p.width - 3 - moment + third), start=0)
                self._run(s, 2, start=third, bin=s.rng.randint(0, most))
                self._run(s, 3 * self.p.width if self.p.queue else 5, start=0)
        for moment in range(self.p.width + 2):
            self._run(s, 1, start=1)
            self._run(s, moment, start=0)
            if self.p.enable and moment % 3:
                s.cycle(**{**s.draw(), "en": 0, "start": moment & 1})
            else:
                self._run(s, 1, start=1)
                s.reset(1)
            self._run(s, self.p.width + 3, start=0)

    def _run(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        on = {"en": 1} if self.p.enable else {}
        for _ in range(cycles):
            s.cycle(**{**s.draw(), **on, **inputs})
