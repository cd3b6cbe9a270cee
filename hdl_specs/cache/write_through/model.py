"""Reference model: direct-mapped write-through cache, with or without a write buffer."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Valid lines, the requests that memory still owes an answer, oldest first."""

    def setup(self) -> None:
        self.cycles = 250
        self.bias = {"mem_ack": 0.4, "req": 0.7}
        self.power_up()

    def power_up(self) -> None:
        self.lines: dict[int, tuple[int, int]] = {}
        self.requests: list[tuple[str, int, int, bool]] = []  # kind, address, word, was a hit
        self.done = self.hit = 0
        self.rdata: int | None = None

    def reset(self) -> None:
        self.power_up()
        self.rdata = 0

    def _split(self, addr: int) -> tuple[int, int]:
        tag, index = divmod(addr, 2**self.p.index_width)
        return index, tag

    def _ready(self, we: int) -> bool:
        kinds = [kind for kind, *_ in self.requests]
        if not self.p.buffered:
            return not kinds
        return "read" not in kinds and not (we and "write" in kinds)

    def step(self, i: Values) -> None:
        accepted = bool(i.req and self._ready(i.we))
        self.done = self.hit = 0
        if self.requests and i.mem_ack:
            self._answer(i.mem_rdata)
        if accepted:
            self._accept(i)

    def _answer(self, word: int) -> None:
        kind, addr, data, was_hit = self.requests.pop(0)
        if kind == "read":
            self.rdata = word
            self._enter(addr, word)
            self.done = 1
        elif not self.p.buffered:
            self._written(addr, data, was_hit)
            self.done, self.hit = 1, int(was_hit)

    def _accept(self, i: Values) -> None:
        index, tag = self._split(i.addr)
        was_hit = index in self.lines and self.lines[index][0] == tag
        if i.we:
            self.requests.append(("write", i.addr, i.wdata, was_hit))
            if self.p.buffered:
                self._written(i.addr, i.wdata, was_hit)
                self.done, self.hit = 1, int(was_hit)
        elif was_hit:
            self.rdata = self.lines[index][1]
            self.done = self.hit = 1
        else:
            self.requests.append(("read", i.addr, 0, False))

    def _written(self, addr: int, data: int, was_hit: bool) -> None:
        if was_hit or self.p.allocate:
            self._enter(addr, data)

    def _enter(self, addr: int, word: int) -> None:
        index, tag = self._split(addr)
        self.lines[index] = (tag, word)

    def outputs(self, i: Values) -> dict[str, Expected]:
        kind, addr, data = self.requests[0][:3] if self.requests else ("", None, None)
        return {
            "ready": int(self._ready(i.we)),
            "done": self.done,
            "hit": self.hit,
            "rdata": self.rdata,
            "mem_req": int(bool(kind)),
            "mem_we": int(kind == "write") if kind else None,
            "mem_addr": addr,
            "mem_wdata": data if kind == "write" else None,
        }

    def directed(self, s: Stimulus) -> None:
        lines = 2**self.p.index_width
        s.reset(1)
        self._idle(s, ack=1)
        tags = 2**self.p.tag_width
        base = s.rng.randrange(tags)
        cold = [base if index % 2 else tags - 1 - base for index in range(lines)]
        for index, tag in enumerate(cold):  # cold misses, each tag bit 0 and 1; then hits
            self._access(s, 0, tag * lines + index, delay=index % 3)
        for index, tag in enumerate(cold):
            self._access(s, 0, tag * lines + index)
        for index in range(lines):
            self._access(s, 0, base * lines + index, delay=1)
        for bit in range(self.p.tag_width):  # each tag bit counts
            addr = (base ^ (1 << bit)) * lines + bit % lines
            self._access(s, 1, addr)
            self._access(s, 0, base * lines + bit % lines, delay=1)
            self._access(s, 0, addr, delay=1)
            self._access(s, 1, addr, delay=2)
            self._access(s, 0, addr)
        for index in range(lines):  # read hits without a pause
            self._step(s, req=1, we=0, addr=base * lines + index, mem_ack=index % 2)
        self._idle(s)
        if self.p.reset != "none":
            self._resets(s, base * lines)
        for delay in range(4):
            for follow in (0, 1):
                self._overlap(s, base, delay, follow)
        few = (base, base ^ 1)
        for _ in range(300):
            addr = s.rng.choice(few) * lines + s.rng.randrange(lines)
            s.cycle(**{**s.draw(), "addr": addr})

    def _resets(self, s: Stimulus, addr: int) -> None:
        """With lines valid and with each kind of request on the memory port."""
        words = 2 ** (self.p.index_width + self.p.tag_width)
        after = (addr + 2) % words
        for we in (0, 1):
            self._access(s, 0, addr)
            self._step(s, req=1, we=we, addr=addr + 1, mem_ack=0)
            self._step(s, req=we, we=0, addr=after, mem_ack=0)
            s.reset(1)
            self._idle(s, ack=1)
            self._access(s, 0, addr, delay=1)
            self._access(s, 0, addr + 1)

    def _overlap(self, s: Stimulus, base: int, delay: int, follow: int) -> None:
        """A write, and `delay` cycles later a miss or a hit, acknowledged at various times."""
        lines = 2**self.p.index_width
        for wait in range(4):
            addr = base * lines + (delay + wait) % lines
            self._access(s, 0, addr)
            self._step(s, req=1, we=1, addr=addr, mem_ack=0)
            for moment in range(8):
                inputs = {"req": int(moment >= delay), "we": follow}
                target = addr if wait == 3 else addr ^ (lines << (wait % 2))
                self._step(s, **inputs, addr=target, mem_ack=int(moment in (wait, 5, 7)))
            self._idle(s)
            self._access(s, 0, addr, delay=wait)

    def _access(self, s: Stimulus, we: int, addr: int, delay: int = 0) -> None:
        """One access by itself; memory lets `delay` edges go by before its answer."""
        self._step(s, req=1, we=we, addr=addr, mem_ack=1)
        for _ in range(delay):
            self._step(s, req=1, we=1 - we, addr=addr ^ 1, mem_ack=0)
        self._idle(s)

    def _idle(self, s: Stimulus, ack: int = 0) -> None:
        while self.requests:
            self._step(s, req=0, we=s.rng.randrange(2), addr=0, mem_ack=1)
        for we in (0, 1):
            self._step(s, req=0, we=we, addr=s.rng.randrange(4), mem_ack=ack)

    def _step(self, s: Stimulus, **inputs: int) -> None:
        s.cycle(**{**s.draw(), **inputs})
