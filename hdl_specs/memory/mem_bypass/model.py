"""Reference model: register file with bypass, one or two writers and marks."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Register contents (None where never written), the marked ones, and what is read."""

    def setup(self) -> None:
        self.depth = 1 << self.p.addr_width
        self.cycles = 300
        self.bias = {"flush": 0.08, "mark": 0.4}
        self.words: list[int | None] = [None] * self.depth
        if self.p.zero_word:
            self.words[0] = 0
        self.marked: set[int] = set()
        self.selected = 0
        self.loaded: int | None = None

    def power_up(self) -> None:
        self.setup()

    def reset(self) -> None:
        self.marked = set()
        self.selected = 0
        self.loaded = 0

    def writes(self, i: Values) -> dict[int, int]:
        """What the inputs ask to be written: data by address."""
        asked: dict[int, int] = {}
        if i.we:
            asked[i.waddr] = i.wdata
        if self.p.writers == 2 and i.we2:
            asked[i.waddr2] = i.wdata2
        if self.p.zero_word:
            asked.pop(0, None)
        return asked

    def step(self, i: Values) -> None:
        asked = self.writes(i)
        for address, data in asked.items():
            self.words[address] = data
        if self.p.read != "combinational" and i.re:
            self.selected = i.raddr
            self.loaded = self.words[i.raddr]
        if self.p.scoreboard:
            self.marked = set() if i.flush else self.marked - set(asked)
            if i.mark and not (self.p.zero_word and i.maddr == 0):
                self.marked.add(i.maddr)

    def outputs(self, i: Values) -> dict[str, Expected]:
        if self.p.read == "registered":
            return {"rdata": self.loaded}
        if self.p.read == "follow":
            return {"rdata": self.words[self.selected]}
        asked = self.writes(i)
        shown: dict[str, Expected] = {"rdata": asked.get(i.raddr, self.words[i.raddr])}
        if self.p.scoreboard:
            shown["ok"] = int(i.raddr not in self.marked or i.raddr in asked)
            shown["free"] = int(not self.marked)
        return shown

    def directed(self, s: Stimulus) -> None:
        for port in ("", "2")[: self.p.writers]:
            for k in range(self.depth):
                self._do(s, **{f"we{port}": 1, f"waddr{port}": k}, raddr=k)
            for k in range(self.depth):
                self._do(s, raddr=k)
                self._do(s, raddr=(k + 1) % self.depth)
            s.reset(1)
        for first, second, read in product((0, 1), (0, 1), (0, 1, 2)):
            for a, b in ((1, 1), (1, 2), (2, 1), (0, 0), (0, 1), (self.depth - 1, 1)):
                target = (a, b, 3)[read]
                self._do(s, we=first, waddr=a, we2=second, waddr2=b, raddr=target)
                self._do(s, raddr=target)
                self._do(s, we=first, waddr=a, we2=second, waddr2=b, re=0, raddr=target)
                self._do(s, re=0, raddr=3 - read)
        for bit in range(self.p.width):
            self._do(s, we=1, waddr=1, wdata=1 << bit, raddr=1)
        if self.p.scoreboard:
            self._marks(s)
        for _ in range(4):
            self._do(s, we=1, waddr=1, re=1, raddr=1, mark=1, maddr=2)
            if self.p.reset != "none":
                self._do(s, rst=1, we=1, waddr=1, we2=1, waddr2=2, raddr=1)
                self._do(s, rst=0, re=0, raddr=2)
            self._do(s, re=0, raddr=1)
            self._do(s, raddr=1)
            self._do(s, raddr=2)
        for _ in range(200):
            few = {name: s.rng.randrange(3) for name in ("waddr", "waddr2", "raddr", "maddr")}
            drawn = s.draw()
            s.cycle(**{**drawn, **{name: x for name, x in few.items() if name in drawn}})

    def _marks(self, s: Stimulus) -> None:
        for k in range(self.depth):
            self._do(s, mark=1, maddr=k, raddr=k)
            self._do(s, raddr=k)
            self._do(s, raddr=(k + 1) % self.depth)
        for k in range(self.depth):
            self._do(s, **{("we", "we2")[k & 1]: 1, ("waddr", "waddr2")[k & 1]: k}, raddr=k)
            self._do(s, raddr=k)
        choices = product((0, 1), repeat=4)
        for mark, flush, first, second in choices:  # all at the same register, and at others
            for a, b, c in ((1, 1, 1), (1, 2, 3), (2, 2, 1), (1, 2, 1), (1, 2, 2), (0, 0, 0)):
                self._do(s, mark=1, maddr=c, raddr=c)
                asked = {"we": first, "waddr": a, "we2": second, "waddr2": b}
                self._do(s, **asked, mark=mark, maddr=c, flush=flush, raddr=c)
                self._do(s, raddr=c)
                self._do(s, flush=1, raddr=a)

    def _do(self, s: Stimulus, **wanted: int) -> None:
        """A cycle in which nothing happens but what is named (and a read)."""
        wanted = {"we": 0, "we2": 0, "mark": 0, "flush": 0, "re": 1, **wanted}
        drawn = s.draw()
        known = {*drawn, "rst"}
        s.cycle(**{**drawn, **{name: x for name, x in wanted.items() if name in known}})
