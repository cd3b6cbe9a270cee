"""Reference model: direct-mapped write-back cache with one-word lines."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Lines as [tag, word, dirty]; the phase of the access or flush in progress."""

    def setup(self) -> None:
        self.cycles = 250
        self.bias = {"mem_ack": 0.5, "req": 0.75, "flush": 0.06}
        self.power_up()

    def power_up(self) -> None:
        self.lines: dict[int, tuple[int, int, bool]] = {}
        self.phase = "idle"
        self.access = Values()
        self.turn = 0
        self.done = self.hit = 0
        self.rdata: int | None = None

    def reset(self) -> None:
        self.power_up()
        self.rdata = 0

    def _split(self, addr: int) -> tuple[int, int]:
        tag, index = divmod(addr, 2**self.p.index_width)
        return index, tag

    def _dirty(self, index: int) -> bool:
        return index in self.lines and self.lines[index][2]

    def step(self, i: Values) -> None:
        self.done = self.hit = 0
        if self.phase == "idle":
            if self.p.flushable and i.flush:
                self.phase = "flush"
                self.turn = 0
            elif i.req:
                self._begin(Values(i))
        elif self.phase == "evict" and i.mem_ack:
            self._after_eviction()
        elif self.phase == "fetch" and i.mem_ack:
            index, tag = self._split(self.access.addr)
            self.lines[index] = (tag, i.mem_rdata, False)
            self.rdata = i.mem_rdata
            self._finish(0)
        elif self.phase == "flush" and (i.mem_ack or not self._dirty(self.turn)):
            if self._dirty(self.turn):
                self.lines[self.turn] = (*self.lines[self.turn][:2], False)
            self.turn += 1
            if self.turn == 2**self.p.index_width:
                self._finish(0)

    def _begin(self, access: Values) -> None:
        self.access = access
        index, tag = self._split(access.addr)
        line = self.lines.get(index)
        if line and line[0] == tag:
            if access.we:
                self.lines[index] = (tag, access.wdata, True)
            else:
                self.rdata = line[1]
            self._finish(1)
        elif self._dirty(index):
            self.phase = "evict"
        else:
            self._after_eviction()

    def _after_eviction(self) -> None:
        index, tag = self._split(self.access.addr)
        if self.access.we:
            self.lines[index] = (tag, self.access.wdata, True)
            self._finish(0)
        else:
            self.phase = "fetch"

    def _finish(self, hit: int) -> None:
        self.phase = "idle"
        self.done = 1
        self.hit = hit

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {
            "ready": int(self.phase == "idle"),
            "done": self.done,
            "hit": self.hit,
            "rdata": self.rdata,
            "mem_req": 0,
            "mem_we": None,
            "mem_addr": None,
            "mem_wdata": None,
        }
        written = -1
        if self.phase == "evict":
            written = self._split(self.access.addr)[0]
        elif self.phase == "flush" and self._dirty(self.turn):
            written = self.turn
        if written >= 0:
            tag, word, _ = self.lines[written]
            addr = tag * 2**self.p.index_width + written
            shown.update(mem_req=1, mem_we=1, mem_addr=addr, mem_wdata=word)
        elif self.phase == "fetch":
            shown.update(mem_req=1, mem_we=0, mem_addr=self.access.addr)
        return shown

    def directed(self, s: Stimulus) -> None:
        lines = 2**self.p.index_width
        s.reset(1)
        self._idle(s, ack=1)
        base = s.rng.randrange(2**self.p.tag_width)
        for we in (0, 1):
            for index in range(lines):  # cold: clean read misses, then hits
                self._access(s, we, base * lines + index, delay=index % 3)
                self._access(s, 1 - we, base * lines + index)
                self._access(s, 0, base * lines + index)
            s.reset(1)
        other = base ^ 1
        for first in (0, 1):  # clean or dirty line, displaced by a read or a write
            for second in (0, 1):
                for delay in range(3):
                    index = s.rng.randrange(lines)
                    self._access(s, first, base * lines + index, delay=1)
                    self._access(s, second, other * lines + index, delay=delay)
                    self._access(s, 0, other * lines + index)
                    self._access(s, 0, base * lines + index, delay=1)
        for bit in range(self.p.tag_width):  # each tag bit counts
            addr = base * lines + bit % lines
            self._access(s, 1, addr)
            self._access(s, 0, addr ^ (lines << bit), delay=1)
            self._access(s, 1, addr)
            self._access(s, 1, addr ^ (lines << bit), delay=1)
        if self.p.flushable:
            self._flushes(s, base)
        if self.p.reset != "none":
            self._resets(s, base * lines, other * lines)
        for _ in range(350):
            addr = s.rng.choice((base, other)) * lines + s.rng.randrange(lines)
            s.cycle(**{**s.draw(), "addr": addr})
        self._idle(s)

    def _flushes(self, s: Stimulus, base: int) -> None:
        lines = 2**self.p.index_width
        for pattern in (0, 1, 1 << (lines - 1), 5, 10, 2**lines - 1, 2**lines - 2):
            s.reset(1)
            for index in range(lines):
                if (pattern >> index) & 1 or pattern % 3:
                    self._access(s, (pattern >> index) & 1, base * lines + index)
            for req in (1, 0):  # the second finds nothing to write
                ack = pattern % 2
                self._step(s, flush=1, req=req, addr=base * lines, mem_ack=1)
                while self.phase != "idle":
                    self._step(s, flush=ack, mem_ack=ack)
                    ack ^= 1
                self._idle(s, ack=1)
            for index in range(lines):
                self._access(s, 0, base * lines + index)
                self._access(s, index % 2, (base ^ 2) * lines + index)
        for index in range(lines):  # accesses wait for a flush that memory is slow to take
            self._access(s, 1, base * lines + index)
        self._step(s, flush=1, mem_ack=1)
        for moment in range(4 * lines):
            self._step(s, req=1, we=1, addr=base * lines, flush=0, mem_ack=int(moment % 3 == 2))
        self._idle(s)

    def _resets(self, s: Stimulus, addr: int, other: int) -> None:
        """With dirty lines, in each phase; afterwards the line is gone and clean."""
        for phase in ("idle", "evict", "fetch", "flush"):
            self._access(s, 1, addr + 1)
            self._access(s, 1, addr)
            if phase == "flush" and self.p.flushable:
                self._step(s, req=0, flush=1, mem_ack=0)
                self._step(s, req=0, flush=0, mem_ack=1)
            elif phase != "idle":
                self._step(s, req=1, we=0, addr=other, mem_ack=0)
                self._step(s, req=0, mem_ack=int(phase == "fetch"))
            s.reset(1)
            self._idle(s, ack=1)
            self._access(s, 0, addr, delay=1)
            self._access(s, 1, other, delay=1)
            self._access(s, 0, addr + 1, delay=1)
            self._access(s, 0, other + 1, delay=1)
            s.reset(1)

    def _access(self, s: Stimulus, we: int, addr: int, delay: int = 0) -> None:
        """One access by itself; memory lets `delay` edges go by before each answer."""
        self._step(s, req=1, we=we, addr=addr, mem_ack=1)
        while self.phase != "idle":
            for _ in range(delay):
                self._step(s, req=1, we=1 - we, addr=addr ^ 1, mem_ack=0)
            self._step(s, req=0, mem_ack=1)
        self._step(s, req=0, mem_ack=delay % 2)

    def _idle(self, s: Stimulus, ack: int = 0) -> None:
        while self.phase != "idle":
            self._step(s, req=0, mem_ack=1)
        for _ in range(2):
            self._step(s, req=0, mem_ack=ack)

    def _step(self, s: Stimulus, **inputs: int) -> None:
        flush = {"flush": 0} if self.p.flushable else {}
        s.cycle(**{**s.draw(), **flush, **inputs})
