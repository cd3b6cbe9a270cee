"""Reference model: timer with a compare unit."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The count, edges since the last counting edge, and the compare value with its buffer."""

    def setup(self) -> None:
        self.cycles = 160
        self.bias = {"en": 0.9, "wr": 0.06, "ack": 0.2}
        self.modulus = 1 << self.p.width
        self.power_up()

    def power_up(self) -> None:
        self.count = self.edges = 0
        self.compare = self.buffer = self.modulus - 1
        self.y = self.flag = 0

    def reset(self) -> None:
        self.power_up()

    def step(self, i: Values) -> None:
        value = i.cmp if self.p.compare == "port" else self.compare
        match = zeroed = False
        if not self.p.enable or i.en:
            self.edges += 1
            if self.edges % self.p.prescale == 0:
                match = self.count == value
                self.count = (self.count + 1) % self.modulus
                if match and self.p.ctc:
                    self.count = 0
                zeroed = self.count == 0
        self._write(i, zeroed)
        if self.p.action == "pulse":
            self.y = int(match)
        elif match:
            action = i.act if self.p.action == "choose" else 1
            self.y = (self.y, 1 - self.y, 0, 1)[action]
        if self.p.flagged and (match or i.ack):
            self.flag = int(match)

    def _write(self, i: Values, zeroed: bool) -> None:
        if self.p.compare == "port":
            return
        if i.wr:
            self.buffer = i.wd
        if zeroed or self.p.compare == "register":
            self.compare = self.buffer

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"count": self.count, "y": self.y}
        if self.p.flagged:
            shown["flag"] = self.flag
        return shown

    def directed(self, s: Stimulus) -> None:
        lap = self.modulus * self.p.prescale
        self._run(s, lap + 5, cmp=self.modulus - 1)
        for value in (0, 1, self.modulus // 2, self.modulus - 2, self.modulus - 1):
            self._run(s, 1, wr=1, wd=value, cmp=value)
            self._run(s, lap + 2, cmp=value)
        for value, moment in product((5, 2, 0), range(0, 8 * self.p.prescale, 2 * self.p.prescale)):
            self._run(s, 1, wr=1, wd=value)
            self._run(s, moment + value % 2)
            self._pause(s)
            self._run(s, 1, wr=1, wd=(value + moment) % 7, ack=1)
            self._run(s, 2, ack=moment & 1)
        for value in (3, 4):  # writes at each moment near a match
            for early in range(2 * self.p.prescale + 2):
                self._until(s, value - 1, early)
                self._run(s, 1, wr=1, wd=5 - value % 2, ack=early & 1)
                self._run(s, 5 * self.p.prescale, ack=1 - (early & 1))
                self._run(s, 1, wr=1, wd=value)
        for k in range(4):
            self._run(s, 7 + k, cmp=k)
            s.reset(1)
            self._run(s, 7, cmp=k)

    def _until(self, s: Stimulus, count: int, more: int) -> None:
        """Run until the counter stands at `count`, and some cycles more."""
        for _ in range(self.modulus * self.p.prescale):
            if self.count == count:
                break
            self._run(s, 1)
        self._run(s, more)

    def _pause(self, s: Stimulus) -> None:
        """Edges without enable, at which only writes and acknowledgements act."""
        if self.p.enable:
            for level in (0, 1):
                self._run(s, 1, en=0, ack=level, wr=level, wd=6)
                self._run(s, 8 * self.p.prescale)

    def _run(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        wanted = {"en": 1, "wr": 0, "ack": 0, **inputs}
        for _ in range(cycles):
            drawn = s.draw()
            s.cycle(**{**drawn, **{name: x for name, x in wanted.items() if name in drawn}})
