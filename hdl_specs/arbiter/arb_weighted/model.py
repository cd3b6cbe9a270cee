"""Reference model: weighted round-robin arbiter, by turns or by credits."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Who was granted last; the budget and length of the turn, or the credits."""

    def setup(self) -> None:
        self.cycles = 300
        self.bias = {"lock": 0.2}
        self.fixed: list[int] = []
        if self.p.weights != "inputs":
            self.fixed = [int(x) for x in self.p.weights.split(",")]
        self.power_up()

    def power_up(self) -> None:
        self.last = int(self.p.n_req - 1)
        self.granted: int | None = None
        self.reloaded = False
        self.budget = 0
        self.lasted = 0
        self.credits = list(self.fixed)

    def reset(self) -> None:
        self.power_up()

    def _line(self) -> list[int]:
        return [int((self.last + 1 + k) % self.p.n_req) for k in range(self.p.n_req)]

    def _weight(self, k: int, i: Values) -> int:
        if self.fixed:
            return self.fixed[k]
        bits = self.p.weight_width
        return int(i.weight >> bits * k & (1 << bits) - 1)

    def step(self, i: Values) -> None:
        if self.p.kind == "credits":
            self._by_credits(i)
        else:
            self._by_turns(i)
        if self.granted is not None:
            self.last = self.granted

    def _by_turns(self, i: Values) -> None:
        asks = self.granted is not None and i.req >> self.granted & 1
        if asks and (self.lasted < self.budget or (self.p.locking and i.lock)):
            self.lasted += 1
            return
        able = [k for k in self._line() if i.req >> k & 1 and self._weight(k, i)]
        self.granted = able[0] if able else None
        self.lasted = 1
        self.budget = self._weight(able[0], i) if able else 0

    def _by_credits(self, i: Values) -> None:
        asking = [k for k in self._line() if i.req >> k & 1]
        self.reloaded = bool(asking) and not any(self.credits[k] for k in asking)
        if self.reloaded:
            self.credits = list(self.fixed)
        able = [k for k in asking if self.credits[k]]
        self.granted = able[0] if able else None
        if self.granted is not None:
            self.credits[self.granted] -= 1

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {
            "grant": 0 if self.granted is None else 1 << self.granted,
        }
        if self.p.kind == "credits":
            shown["reload"] = int(self.reloaded)
        return shown

    def directed(self, s: Stimulus) -> None:
        n, every = self.p.n_req, (1 << self.p.n_req) - 1
        s.reset(1)
        self._go(s, 2, 0)
        self._go(s, 40, every)
        for k in range(n):  # alone, then in company; dropped in each cycle of a turn
            self._go(s, 12, 1 << k)
            self._go(s, 14, every)
            self._go(s, 12, every & ~(1 << k))
            for cycles in range(1, 6):
                self._go(s, cycles, 1 << k)
                self._go(s, 1, every & ~(1 << k))
                self._go(s, 2, every)
                self._go(s, 1, 0)
        for requests in range(1, every + 1):
            self._go(s, 1, 0)
            self._go(s, 10, requests)
        for _ in range(40):
            self._go(s, s.rng.randint(1, 6), s.rng.getrandbits(n) | s.rng.getrandbits(n))
        if not self.fixed:
            self._weights(s)
        if self.p.locking:
            self._locks(s)
        for cycles in range(12 if self.p.reset != "none" else 0):
            self._go(s, cycles, every)
            s.cycle(req=s.rng.randint(0, every), rst=1)
            s.cycle(req=every if cycles & 1 else s.rng.randint(1, every), rst=0)
            self._go(s, 10, every)

    def _weights(self, s: Stimulus) -> None:
        """Each weight, zeros, and weights that change in the middle of a turn."""
        n, every, bits = self.p.n_req, (1 << self.p.n_req) - 1, self.p.weight_width
        ones, top = sum(1 << bits * k for k in range(n)), (1 << bits) - 1
        for weight in range(1 << bits):
            self._go(s, 2, 0)
            self._go(s, 3 * weight + 2, every, weight=ones * weight)
            self._go(s, weight + 2, 1 << weight % n, weight=ones * weight)
        for k in range(n):
            only = 1 << bits * k
            self._go(s, 6, every, weight=only)
            self._go(s, 6, every, weight=ones - only)
            self._go(s, 4, every, weight=3 * ones)
            self._go(s, 3, 1 << k, weight=ones - only)
            for change in (0, ones, 2 * ones, min(7, top) * ones):
                self._go(s, 1, 0)
                self._go(s, 2, every, weight=min(4, top) * ones)
                self._go(s, 6, every, weight=change)

    def _locks(self, s: Stimulus) -> None:
        n, every, bits = self.p.n_req, (1 << self.p.n_req) - 1, self.p.weight_width
        ones = sum(1 << bits * k for k in range(n))
        for k in range(n):
            own = 1 << k
            for before in range(1, 5):
                for locked in (1, 3, 9):
                    self._go(s, 1, 0, lock=locked & 1)
                    self._go(s, 1, own, weight=3 * ones)
                    self._go(s, before - 1, every, weight=3 * ones)
                    self._go(s, locked, every, weight=3 * ones, lock=1)
                    self._go(s, 3, every, weight=ones)
            self._go(s, 2, own, weight=2 * ones, lock=1)
            self._go(s, 1, every & ~own, weight=2 * ones, lock=1)
            self._go(s, 2, every, weight=0, lock=1)

    def _go(self, s: Stimulus, cycles: int, requests: int, **inputs: int) -> None:
        drawn = s.draw() if not self.fixed else {}
        quiet = {"lock": 0} if self.p.locking else {}
        s.hold(cycles, **{**drawn, **quiet, "req": requests, **inputs})
