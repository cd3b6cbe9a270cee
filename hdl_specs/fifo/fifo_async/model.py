"""Reference model: FIFO between two clocks, flags late by two-stage synchronizers."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """How many words were ever written and read, and what each side has heard of the other."""

    def setup(self) -> None:
        self.cycles = 200
        self.reset()

    def reset(self) -> None:
        self.words: list[int] = []
        self.written = self.taken = 0
        self.heard_by_writer = [0, 0]
        self.heard_by_reader = [0, 0]
        self.room_used = self.words_seen = 0
        self.dout = 0

    def edge(self, clock: str, i: Values) -> None:
        if clock == "wclk":
            if i.wr and self.room_used < self.p.depth:
                self.words.append(i.din)
                self.written += 1
            first, second = self.heard_by_writer
            self.room_used = self.written - second
            self.heard_by_writer = [self.taken, first]
        else:
            if i.rd and self.words_seen:
                self.dout = self.words.pop(0)
                self.taken += 1
            first, second = self.heard_by_reader
            self.words_seen = second - self.taken
            self.heard_by_reader = [self.written, first]

    def outputs(self, i: Values) -> dict[str, Expected]:
        head = self.words[0] if self.words_seen else 0
        shown: dict[str, Expected] = {
            "full": int(self.room_used == self.p.depth),
            "dout": head if self.p.show else self.dout,
            "empty": int(not self.words_seen),
        }
        if self.p.counted:
            shown["wcount"] = self.room_used
            shown["rcount"] = self.words_seen
        return shown

    def directed(self, s: Stimulus) -> None:
        depth = self.p.depth
        s.reset(1)
        for extra in range(3):  # one side at a time, all the way
            self._write(s, depth + 1 + extra)
            self._read(s, 4, rd=0)
            self._read(s, depth + 1 + extra)
            self._write(s, 4, wr=0)
            self._read(s, 4)
        for level in (1, 2, depth // 2, depth - 1, depth):
            self._write(s, level)
            self._read(s, 5, rd=0)
            self._read(s, 1)
            self._write(s, 5, wr=0)
            self._write(s, depth)
            self._read(s, depth + 2)
            self._write(s, 2)
            self._read(s, 6)
            self._write(s, 4, wr=0)
        self._write(s, depth + 1)
        for _ in range(depth + 2):  # full, and one word leaves at a time
            self._read(s, 1)
            self._write(s, 4)
            self._read(s, 1, rd=0)
        self._read(s, depth + 4)
        for _ in range(depth + 2):  # empty, and one word comes at a time
            self._write(s, 1)
            self._read(s, 4)
        for wclk, rclk, writes, reads in (
            (1, 1, 0.95, 0.95),
            (2, 7, 0.9, 0.9),
            (7, 2, 0.9, 0.9),
            (3, 4, 0.9, 0.4),
            (4, 3, 0.4, 0.9),
        ):
            s.run(4 * depth + 20, {"wclk": wclk, "rclk": rclk}, wr=writes, rd=reads)
        for level in (1, depth // 2, depth):
            self._write(s, level)
            self._read(s, 4, rd=0)
            self._read(s, 1)
            s.glitch(rst=1)
            self._read(s, 2)
            self._write(s, depth)
            s.tick("wclk", wr=1, rst=1)
            s.tick("rclk", rd=1)
            s.tick("wclk", wr=0, rst=0)
            self._read(s, 4)
            self._write(s, 2)
            self._read(s, 5)

    def _write(self, s: Stimulus, cycles: int, wr: int = 1) -> None:
        for _ in range(cycles):
            s.tick("wclk", wr=wr, din=s.rng.getrandbits(self.p.width), rd=s.rng.randint(0, 1))

    def _read(self, s: Stimulus, cycles: int, rd: int = 1) -> None:
        for _ in range(cycles):
            s.tick("rclk", rd=rd, din=s.rng.getrandbits(self.p.width), wr=s.rng.randint(0, 1))
