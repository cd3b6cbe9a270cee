"""Reference model: single-clock FIFO whose read data is registered."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """A list of words, the word read last and two error flags."""

    def setup(self) -> None:
        self.cycles = 220
        if self.p.flushable:
            self.bias = {"flush": 0.04}
        self.power_up()

    def power_up(self) -> None:
        self.words: list[int] = []
        self.dout: int | None = None
        self.overflow = self.underflow = False

    def reset(self) -> None:
        self.power_up()
        self.dout = 0

    def step(self, i: Values) -> None:
        if self.p.flushable and i.flush:
            self.words = []
            self.overflow = self.underflow = False
            return
        full = len(self.words) == self.p.depth
        lost = bool(i.wr) and full and not (self.p.when_full == "swap" and i.rd)
        missed = bool(i.rd) and not self.words
        if i.rd and not missed:
            self.dout = self.words.pop(0)
        if i.wr and not lost:
            self.words.append(i.din)
        sticky = self.p.flags == "sticky"
        self.overflow = lost or (sticky and self.overflow)
        self.underflow = missed or (sticky and self.underflow)

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {
            "dout": self.dout,
            "full": int(len(self.words) == self.p.depth),
            "empty": int(not self.words),
        }
        if self.p.counted:
            shown["count"] = len(self.words)
        if self.p.flags != "none":
            shown["overflow"] = int(self.overflow)
            shown["underflow"] = int(self.underflow)
        return shown

    def directed(self, s: Stimulus) -> None:
        depth = self.p.depth
        s.reset(1)
        self._go(s, 2)
        for extra in (0, 1, 3):
            self._go(s, depth + extra, wr=1)
            self._go(s, 2)
            self._go(s, depth + extra, rd=1)
            self._go(s, 2)
            self._flush(s)
        for level in range(depth + 1):  # both at once at every fill level, past all wraps
            self._flush(s)
            self._go(s, level, wr=1)
            self._go(s, depth + 3, wr=1, rd=1)
            self._go(s, depth + 2, rd=1)
        for write, read in ((0.9, 0.3), (0.3, 0.9), (0.9, 0.8), (0.8, 0.9)):
            s.random(5 * depth, wr=write, rd=read, flush=0.0)
        for level in (0, 1, depth // 2, depth, depth + 1):
            for wr, rd in ((1, 1), (1, 0), (0, 1)):
                self._go(s, depth + 1, rd=1)
                self._go(s, level, wr=1)
                self._flush(s, wr=wr, rd=rd)
                if self.p.reset != "none":
                    self._go(s, 1, wr=wr, rd=rd, rst=1)
                    s.cycle(rst=0, wr=0, rd=0)
                self._go(s, 2, rd=1)
                self._go(s, 2, wr=1)
                self._go(s, 1)

    def _flush(self, s: Stimulus, **requests: int) -> None:
        if self.p.flushable:
            self._go(s, 1, flush=1, **requests)

    def _go(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        """Cycles with new data each, requests only as given."""
        quiet = {"wr": 0, "rd": 0, **({"flush": 0} if self.p.flushable else {})}
        for _ in range(cycles):
            s.cycle(**{**s.draw(), **quiet, "din": s.rng.getrandbits(self.p.width), **inputs})
