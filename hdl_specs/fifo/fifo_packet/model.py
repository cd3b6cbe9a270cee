"""Reference model: FIFO whose writes or reads are tentative until confirmed."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Three lists: words read but kept, words that can be read, tentative words."""

    def setup(self) -> None:
        self.cycles = 300
        self.bias = {"commit": 0.25, "discard": 0.08, "free": 0.3, "rewind": 0.1, "wr": 0.6}
        self.spoiling = self.p.overrun == "spoil"
        self.power_up()

    def power_up(self) -> None:
        self.kept: list[int] = []
        self.ready: list[int] = []
        self.tentative: list[int] = []
        self.spoiled = self.dropped = False
        self.dout: int | None = None

    def reset(self) -> None:
        self.power_up()
        self.dout = 0

    @property
    def _full(self) -> bool:
        return bool(len(self.kept + self.ready + self.tentative) == self.p.depth)

    def step(self, i: Values) -> None:
        was_full = self._full
        self._read(i)
        if i.wr and was_full:
            self.spoiled = self.spoiling
        if i.wr and not was_full and not self.spoiled:
            (self.tentative if self.p.tentative_writes else self.ready).append(i.din)
        self.dropped = False
        if not self.p.tentative_writes or not (i.commit or i.discard):
            return
        if not i.discard and not self.spoiled:
            self.ready += self.tentative
        self.dropped = bool(self.spoiled and not i.discard)
        self.tentative = []
        self.spoiled = False

    def _read(self, i: Values) -> None:
        if self.p.tentative_reads and i.rewind:
            self.ready = self.kept + self.ready
            self.kept = []
            return
        if i.rd and self.ready:
            self.dout = self.ready.pop(0)
            self.kept.append(self.dout)
        if not self.p.tentative_reads or i.free:
            self.kept = []

    def outputs(self, i: Values) -> dict[str, Expected]:
        following = self.ready[0] if self.ready else 0
        shown: dict[str, Expected] = {
            "full": int(self._full),
            "dout": following if self.p.show else self.dout,
            "empty": int(not self.ready),
            "count": len(self.ready),
        }
        if self.spoiling:
            shown["dropped"] = int(self.dropped)
        return shown

    def directed(self, s: Stimulus) -> None:
        depth = self.p.depth
        s.reset(1)
        self._go(s, 1)
        if self.p.tentative_writes:
            self._packets(s)
        if self.p.tentative_reads:
            self._replays(s)
        if self.spoiling:
            self._spoils(s)
        for write, read in ((0.9, 0.4), (0.4, 0.9), (0.8, 0.8)):
            s.random(6 * depth, wr=write, rd=read)
        if self.p.reset != "none":
            self._resets(s)

    def _packets(self, s: Stimulus) -> None:
        """Packets of each length, ended in each way, with the buffer at several levels."""
        depth = self.p.depth
        for length in range(depth + 2):
            for level, ends in ((0, "cdb"), (depth // 2, "cd")):
                for kind in ends:
                    self._empty(s)
                    self._go(s, level, wr=1, commit=1)
                    self._go(s, length, wr=1)
                    last = {"commit": int(kind in "cb"), "discard": int(kind in "db")}
                    self._go(s, 1, wr=length & 1, rd=length >> 1 & 1, **last)
                    self._go(s, 1, wr=1)
                    self._go(s, 2, rd=1)
        self._empty(s)
        for end in ({"commit": 1}, {"discard": 1}):
            self._go(s, depth // 2, wr=1)
            self._go(s, 3, rd=1)
            self._go(s, 1, **end)
            self._go(s, 1, wr=1, rd=1, **end)
            self._go(s, depth, wr=1, rd=1, commit=1)

    def _replays(self, s: Stimulus) -> None:
        depth = self.p.depth
        on = {"commit": 1} if self.p.tentative_writes else {}
        for read in range(depth + 1):
            for end in ({"free": 1}, {"rewind": 1}, {"free": 1, "rewind": 1}):
                for rd in (0, 1) if read < 4 else (1,):
                    self._empty(s)
                    self._go(s, depth, wr=1, **on)
                    self._go(s, read, rd=1)
                    self._go(s, 1, wr=1, **on)
                    self._go(s, 1, rd=rd, wr=rd, **on, **end)
                    self._go(s, 1, wr=1, **on)
                    self._go(s, 2, rd=1)
                    self._go(s, 1, rewind=1)
                    self._go(s, 1, rd=1, free=read & 1)

    def _spoils(self, s: Stimulus) -> None:
        depth = self.p.depth
        for level in (0, 2, depth - 1, depth):
            for ends, reads in (("c", 2), ("d", 0), ("b", 2), ("cc", 0), ("dc", 2)):
                if level != 2 or ends != "d":
                    self._empty(s)
                    self._go(s, level, wr=1, commit=1)
                    self._go(s, depth - level, wr=1)
                    self._go(s, 1, wr=1, rd=1)
                    self._go(s, reads, rd=1)
                    self._go(s, reads, wr=1)
                    for k, end in enumerate(ends):
                        last = {"commit": int(end in "cb"), "discard": int(end in "db")}
                        self._go(s, 1, wr=1 - k, **last)
                    self._go(s, 1, wr=1)
                    self._go(s, 1, wr=1, commit=1)
                    self._go(s, 2, rd=1)
            self._empty(s)
            self._go(s, level, wr=1, commit=1)
            self._go(s, depth - level, wr=1)
            for rd in (0, 1):
                self._go(s, 1, wr=1, rd=rd, commit=1)
                self._go(s, 2, rd=1)

    def _resets(self, s: Stimulus) -> None:
        depth = self.p.depth
        on = {"commit": 1} if self.p.tentative_writes else {}
        for level, tentative, read in (
            (0, depth + 1, 0),
            (2, depth, 1),
            (depth, 0, 2),
            (depth, 2, depth),
            (3, 1, 1),
        ):
            for last in ({}, {"wr": 1}, {"rd": 1}, {"wr": 1, **on}):
                self._empty(s)
                self._go(s, level, wr=1, **on)
                self._go(s, tentative, wr=1)
                self._go(s, read, rd=1)
                self._go(s, 1, **last)
                self._go(s, 1, rst=1, **last)
                self._go(s, 1, rst=0)
                self._go(s, 1, wr=1)
                self._go(s, 1, wr=1, **on)
                self._go(s, 3, rd=1)
                self._go(s, depth, wr=1, **on)

    def _empty(self, s: Stimulus) -> None:
        for ends in (("discard", 0), ("free", 1)):
            if ends[0] in s.draw():
                self._go(s, 1, rd=ends[1], **{ends[0]: 1})
        while self.ready:
            self._go(s, 1, rd=1, **({"free": 1} if self.p.tentative_reads else {}))

    def _go(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        """Cycles with new data each, one-bit inputs 0 unless given."""
        for _ in range(cycles):
            quiet = {name: 0 for name in s.draw() if name != "din"}
            s.cycle(**{**quiet, "din": s.rng.getrandbits(self.p.width), **inputs})
