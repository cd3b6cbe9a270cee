"""Reference model: FIFO with level flags at fixed, hysteretic or applied thresholds."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """A list of words; flags that are remembered where they are more than its length."""

    def setup(self) -> None:
        self.cycles = 250
        self.bias = {"clear_peak": 0.1}
        self.power_up()

    def power_up(self) -> None:
        self.words: list[int] = []
        self.dout: int | None = None
        self.nearly_full = False
        self.nearly_empty = True
        self.peak = 0

    def reset(self) -> None:
        self.power_up()
        self.dout = 0

    def step(self, i: Values) -> None:
        p = self.p
        room = len(self.words) < p.depth or (p.when_full == "swap" and i.rd)
        if i.rd and self.words:
            self.dout = self.words.pop(0)
            arrived = i.wr and room
        else:
            arrived = i.wr and len(self.words) < p.depth
        if arrived:
            self.words.append(i.din)
        level = len(self.words)
        if p.mode == "inputs":
            self.nearly_full = level >= i.full_at
            self.nearly_empty = level <= i.empty_at
        elif p.mode == "hysteresis":
            if level >= p.high:
                self.nearly_full = True
            if level <= p.high_back:
                self.nearly_full = False
            if level <= p.low:
                self.nearly_empty = True
            if level >= p.low_back:
                self.nearly_empty = False
        if p.peaked:
            self.peak = level if i.clear_peak else max(level, self.peak)

    def outputs(self, i: Values) -> dict[str, Expected]:
        level = len(self.words)
        if self.p.mode == "fixed":
            nearly_full, nearly_empty = level >= self.p.high, level <= self.p.low
        else:
            nearly_full, nearly_empty = self.nearly_full, self.nearly_empty
        oldest = self.words[0] if self.words else 0
        shown: dict[str, Expected] = {
            "dout": oldest if self.p.show else self.dout,
            "full": int(level == self.p.depth),
            "almost_full": int(nearly_full),
            "almost_empty": int(nearly_empty),
            "empty": int(level == 0),
            "count": level,
        }
        if self.p.peaked:
            shown["peak"] = self.peak
        return shown

    def directed(self, s: Stimulus) -> None:
        depth = self.p.depth
        s.reset(1)
        self._go(s, 1)
        for _ in range(2):
            self._go(s, depth + 2, wr=1)
            self._go(s, 2, wr=1, rd=1)
            self._go(s, 1, wr=1)
            self._go(s, depth + 3, rd=1)
            self._go(s, 2, wr=1, rd=1)
            self._go(s, 2, rd=1)
        for level in range(depth + 1):  # turn round at each level, both ways
            self._go(s, level, wr=1)
            self._go(s, 2)
            self._go(s, 3, wr=1, rd=1)
            self._go(s, 2, rd=1)
            self._go(s, depth, wr=1)
            self._go(s, depth - level, rd=1)
            self._go(s, 1)
            self._go(s, 2, wr=1)
            self._go(s, depth + 1, rd=1)
        for write, read in ((0.9, 0.3), (0.3, 0.9), (0.8, 0.6), (0.6, 0.8)):
            s.random(4 * depth, wr=write, rd=read)
        if self.p.mode == "inputs":
            self._thresholds(s)
        if self.p.peaked:
            self._peaks(s)
        if self.p.reset != "none":
            for level in (1, depth // 2, depth):
                for wr, rd in ((0, 0), (1, 0), (0, 1), (1, 1)):
                    self._go(s, depth + 1, rd=1)
                    self._go(s, level, wr=1)
                    self._go(s, 1, wr=wr, rd=rd, rst=1)
                    s.cycle(rst=0, wr=0, rd=0)
                    self._go(s, 1, rd=1)
                    self._go(s, 2, wr=1)

    def _thresholds(self, s: Stimulus) -> None:
        """Thresholds around each level, with the level at rest and in motion."""
        depth = self.p.depth
        top = (1 << depth.bit_length()) - 1
        for level in range(depth + 1):
            self._go(s, depth + 1, rd=1)
            self._go(s, level, wr=1)
            for near in range(max(0, level - 1), min(level + 1, top) + 1):
                for requests in ({}, {"wr": 1}, {"rd": 1}):
                    self._go(s, 1, full_at=near, empty_at=near, **requests)
            self._go(s, 1, full_at=0, empty_at=0)
            self._go(s, 1, full_at=top, empty_at=top)

    def _peaks(self, s: Stimulus) -> None:
        for level in range(1, self.p.depth):
            self._go(s, self.p.depth + 1, rd=1)
            self._go(s, 1, clear_peak=1)
            self._go(s, level, wr=1)
            for requests in ({"rd": 1}, {"wr": 1, "rd": 1}, {"wr": 1}, {}):
                self._go(s, 1, clear_peak=1, **requests)
                self._go(s, 1)
            self._go(s, 1, wr=1)

    def _go(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        """Cycles with new data each, one-bit inputs 0 unless given."""
        quiet = {"wr": 0, "rd": 0, **({"clear_peak": 0} if self.p.peaked else {})}
        for _ in range(cycles):
            s.cycle(**{**s.draw(), **quiet, "din": s.rng.getrandbits(self.p.width), **inputs})
