"""Reference model: arbiter with fixed priorities, with or without hold and time limit."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The holder of the grant by number, and for how many cycles it has had it."""

    def setup(self) -> None:
        self.cycles = 250
        self.power_up()

    def power_up(self) -> None:
        self.holder: int | None = None
        self.cycles_held = 0

    def reset(self) -> None:
        self.power_up()

    def _best(self, requests: int) -> int | None:
        asking = [k for k in range(self.p.n_req) if requests >> k & 1]
        if not asking:
            return None
        return min(asking) if self.p.first == "lowest" else max(asking)

    def step(self, i: Values) -> None:
        if self.p.kind == "keep" and self.holder is not None and i.req >> self.holder & 1:
            others = i.req & ~(1 << self.holder)
            over = self.p.limit and self.cycles_held >= self.p.limit
            if not (over and others and not i.lock):
                self.cycles_held += 1
                return
            self.holder = self._best(others)
        else:
            self.holder = self._best(i.req)
        self.cycles_held = 1

    def outputs(self, i: Values) -> dict[str, Expected]:
        holder = self._best(i.req) if self.p.kind == "comb" else self.holder
        shown: dict[str, Expected] = {"grant": 0 if holder is None else 1 << holder}
        if self.p.indexed:
            shown["index"] = holder or 0
            shown["busy"] = int(holder is not None)
        return shown

    def directed(self, s: Stimulus) -> None:
        n, every = self.p.n_req, (1 << self.p.n_req) - 1
        s.reset(1)
        self._go(s, 2, 0)
        for requests in range(every + 1):
            self._go(s, 1, requests)
            self._go(s, 1, requests)
            self._go(s, 1, 0)
        for k in range(n):  # k alone, then all the others too, then all but k
            self._go(s, 2, 1 << k)
            self._go(s, 3, every)
            self._go(s, 2, every & ~(1 << k))
            self._go(s, 1, 1 << k)
            self._go(s, 1, 0)
        self._go(s, 30, every)
        if self.p.limit:
            self._limits(s)
        for k in range(n if self.p.reset != "none" else 0):
            self._go(s, 2, 1 << k)
            s.cycle(req=every, rst=1)
            s.cycle(rst=0, req=every & ~(1 << k))
            self._go(s, 2, every)

    def _limits(self, s: Stimulus) -> None:
        """Others, lock and the holder's own request change around the time limit."""
        n, limit, every = self.p.n_req, self.p.limit, (1 << self.p.n_req) - 1
        for holder in range(n):
            own, other = 1 << holder, 1 << (holder + 1) % n
            for alone in (limit - 3, limit - 2, limit - 1, limit, 2 * limit, 4 * limit):
                self._go(s, 1, 0)
                self._go(s, alone, own)
                self._go(s, 4, own | other)
                self._go(s, 1, every & ~own)
            self._go(s, 1, 0)
            self._go(s, limit + holder, own, lock=1)
            self._go(s, 3, every, lock=1)
            self._go(s, 2 * limit + 3, every)
            self._go(s, limit - 1, own)  # dropping the request begins the count afresh
            self._go(s, 1, other)
            self._go(s, 1, own)
            self._go(s, limit + 2, own | other)
            self._go(s, 1, 0, lock=1)
            self._go(s, 2, other, lock=1)
            self._go(s, 1, own, lock=1)
        for _ in range(30):
            start = s.rng.randint(1, every)
            self._go(s, s.rng.randint(1, 2 * limit), start, lock=s.rng.randint(0, 1))
            self._go(s, s.rng.randint(1, limit), s.rng.randint(1, every) | start)

    def _go(self, s: Stimulus, cycles: int, requests: int, lock: int = 0) -> None:
        s.hold(cycles, req=requests, **({"lock": lock} if self.p.limit else {}))
