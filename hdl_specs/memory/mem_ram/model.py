"""Reference model: RAM with write mask, one address or a pipelined read port."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus

Word = tuple[int, int]
"""Value and the bits of it that are known."""


class Reference(Model):
    """Stored words, the output register and the address whose word is still to be delivered."""

    def setup(self) -> None:
        self.bias = {"en": 0.8, "re": 0.7}
        self.every_lane = (1 << self.p.lanes) - 1
        self.top = (1 << self.p.width) - 1
        self.words: list[Word] = [(0, 0)] * (1 << self.p.addr_width)
        self.q: Word = (0, 0)
        self.asked: int | None = None
        self.valid = 0

    def power_up(self) -> None:
        self.setup()

    def reset(self) -> None:
        self.q = (0, self.top)
        self.asked = None
        self.valid = 0

    def step(self, i: Values) -> None:
        enabled = not self.p.enable or bool(i.en)
        if self.p.dual:
            before = list(self.words)
            self._write(i.waddr, i)
            if enabled:
                self._deliver(before if self.p.collision == "old" else self.words)
                self.asked = i.raddr if i.re else None
        elif enabled:
            before = list(self.words)
            self._write(i.addr, i)
            if self.p.collision == "old" or (self.p.collision == "keep" and not i.we):
                self.q = before[i.addr]
            elif self.p.collision == "new":
                self.q = self.words[i.addr]

    def _deliver(self, words: list[Word]) -> None:
        self.valid = int(self.asked is not None)
        if self.asked is not None:
            self.q = words[self.asked]

    def _write(self, address: int, i: Values) -> None:
        if not i.we:
            return
        lanes = i.mask if self.p.lanes > 1 else 1
        size = self.p.width // self.p.lanes
        value, known = self.words[address]
        for k in range(self.p.lanes):
            if lanes >> k & 1:
                bits = ((1 << size) - 1) << (k * size)
                value = (value & ~bits) | (i.d & bits)
                known |= bits
        self.words[address] = (value, known)

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"q": self.q}
        if self.p.dual:
            shown["q_valid"] = self.valid
        return shown

    def directed(self, s: Stimulus) -> None:
        depth, rng = len(self.words), s.rng
        for _ in range(2):
            for k in range(depth):
                self._access(s, k, 1, k, d=rng.randint(0, self.top))
            for k in (*range(depth), *reversed(range(depth))):
                self._access(s, k, 0, (k + 1) % depth)
            s.reset(1)
        for k in range(self.p.width):
            self._access(s, k % depth, 1, k % depth, d=1 << k)
            self._access(s, k % depth, 0, k % depth)
            self._access(s, (k + 1) % depth, 0, k % depth)
        for lanes in range(self.every_lane + 1):
            address = rng.randrange(depth)
            for d in (self.top, 0, rng.randint(0, self.top)):
                self._access(s, address, 1, address, d=d, mask=lanes)
                self._access(s, (address + 1) % depth, 0, address)
                self._access(s, address, 0, address)
        self._pauses(s)
        self._meetings(s)

    def _pauses(self, s: Stimulus) -> None:
        """Edges without enable between a write and a read."""
        if not self.p.enable:
            return
        for we, re in product((0, 1), repeat=2):
            for k in range(4):
                self._access(s, k, 1, k)
                self._access(s, k, we, k, en=0, re=re)
                self._access(s, k, 1 - we, k, en=0, re=re)
                self._access(s, k, 0, k)

    def _meetings(self, s: Stimulus) -> None:
        """Writes in reset; reads and writes of the same words."""
        depth, rng = len(self.words), s.rng
        for _ in range(3):
            self._access(s, 1, 1, 1)
            if self.p.reset != "none":
                s.cycle(**{**s.draw(), "we": 1, "rst": 1})
                s.cycle(rst=0, we=0)
            for k in range(depth):
                self._access(s, k, 0, k)
        for _ in range(120):  # reads and writes of few words meet often
            self._access(
                s,
                rng.choice((1, 2)),
                rng.choice((0, 1)),
                rng.choice((1, 2)),
                en=int(rng.random() < 0.7),
                re=int(rng.random() < 0.7),
                mask=rng.randint(0, self.every_lane),
            )

    def _access(self, s: Stimulus, address: int, we: int, read: int, **more: int) -> None:
        """Write (or not) at one address and read at another, where there is another."""
        wanted = {"en": 1, "we": we, "mask": self.every_lane, "re": 1, **more}
        wanted |= {"addr": address, "waddr": address, "raddr": read}
        drawn = s.draw()
        s.cycle(**{**drawn, **{name: x for name, x in wanted.items() if name in drawn}})
