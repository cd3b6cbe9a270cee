"""Reference model: ROM with contents by a formula, read directly, clocked or in bursts."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """What is still to be delivered: words on their way, or addresses of a burst."""

    def setup(self) -> None:
        self.depth = 1 << self.p.addr_width
        self.bias = {"start": 0.5, "ready": 0.6, "en": 0.8}
        self.power_up()

    def power_up(self) -> None:
        self.coming: list[int | None] = [None] * self.p.latency
        self.burst: list[int] = []

    def reset(self) -> None:
        self.coming = [0] * self.p.latency
        self.burst = []

    def word(self, k: int) -> int:
        """Contents of address `k`."""
        value: int = self.p.square * k * k + self.p.factor * k + self.p.offset
        value %= 1 << self.p.width
        return value

    def step(self, i: Values) -> None:
        if self.p.mode == "registered":
            if not self.p.enable or i.en:
                self.coming = [*self.coming[1:], self.word(i.addr)]
            return
        if self.burst and i.ready:
            self.burst.pop(0)
            if not self.burst and i.start:
                self.burst = self.addresses(i)
        elif not self.burst and i.start:
            self.burst = self.addresses(i)

    def addresses(self, i: Values) -> list[int]:
        """All addresses of the burst that the inputs ask for."""
        block = 8 if i.wrap else self.depth
        base = i.addr - i.addr % block
        way = -1 if i.down else 1
        return [base + (i.addr + way * k) % block for k in range(i.len + 1)]

    def outputs(self, i: Values) -> dict[str, Expected]:
        if self.p.mode == "combinational":
            return {"q": self.word(i.addr)}
        if self.p.mode == "registered":
            return {"q": self.coming[0]}
        return {
            "q": self.word(self.burst[0]) if self.burst else 0,
            "valid": int(bool(self.burst)),
            "last": int(len(self.burst) == 1),
        }

    def directed(self, s: Stimulus) -> None:
        if self.p.mode == "burst":
            self._bursts(s)
            return
        on = {"en": 1} if self.p.enable else {}
        for k in range(self.depth):
            s.cycle(**on, addr=k)
        for k in reversed(range(0, self.depth, 3)):
            s.cycle(**on, addr=k)
            if self.p.enable:
                for _ in range(k % 3):
                    s.cycle(**{**s.draw(), "en": 0})
        for k in range(6):
            s.cycle(**on, addr=s.rng.randrange(self.depth))
            s.reset(1 + k % 2)
            for _ in range(3):
                s.cycle(**on, addr=s.rng.randrange(self.depth))

    def _bursts(self, s: Stimulus) -> None:
        ends = (0, 7, 8, self.depth - 1, self.depth - 8, 11)
        for wrap, down, first in product((0, 1), (0, 1), ends):
            asked = {"addr": first, "len": 7, "wrap": wrap, "down": down}
            s.cycle(**asked, start=1, ready=down)
            while self.burst:
                s.cycle(**{**s.draw(), "start": wrap & int(len(self.burst) > 1), "ready": 1})
            s.cycle(**{**s.draw(), "start": 0})
        for length, pause in product(range(8), range(3)):
            s.cycle(**{**s.draw(), "start": 1, "len": length})
            while self.burst:
                for _ in range(pause):
                    s.cycle(**{**s.draw(), "start": pause & 1, "ready": 0})
                s.cycle(**{**s.draw(), "start": 0, "ready": 1})
        for length in (0, 0, 1, 0, 0, 2, 1, 1, 0, 7, 0):  # without gaps
            s.cycle(**{**s.draw(), "start": 1, "len": length, "ready": 1})
            while len(self.burst) > 1:
                s.cycle(**{**s.draw(), "start": 1, "ready": 1})
        for k in range(self.depth):
            while self.burst:
                s.cycle(**{**s.draw(), "start": 0, "ready": 1})
            s.cycle(**{**s.draw(), "start": 1, "addr": k, "len": k % 3})
        for k in range(8):
            s.cycle(**{**s.draw(), "start": 1, "len": 7})
            s.random(k, start=0, ready=1)
            s.reset(1)
            s.cycle(**{**s.draw(), "start": 0})
