"""Reference model: arbiter that prefers whoever was served longest ago."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The requesters in order of precedence, and the one that is granted."""

    def setup(self) -> None:
        self.cycles = 300
        self.bias = {"lock": 0.25, "accept": 0.7}
        self.power_up()

    def power_up(self) -> None:
        self.order: list[int] = list(range(self.p.n_req))
        self.granted: int | None = None

    def reset(self) -> None:
        self.power_up()

    def _winner(self, i: Values) -> int | None:
        asking = [k for k in self.order if i.req >> k & 1]
        if self.p.urgency:
            asking = [k for k in asking if i.urgent >> k & 1] or asking
        return asking[0] if asking else None

    def _keeps(self, i: Values) -> bool:
        if self.p.kind != "hold" or self.granted is None:
            return False
        if i.lock:
            return True
        others_urgent = self.p.urgency and i.req & i.urgent & ~(1 << self.granted)
        own_urgent = self.p.urgency and i.urgent >> self.granted & 1
        return bool(i.req >> self.granted & 1 and (own_urgent or not others_urgent))

    def step(self, i: Values) -> None:
        if self._keeps(i) or (self.p.kind == "comb" and not i.accept):
            return
        winner = self._winner(i)
        if winner is not None:
            self.order.remove(winner)
            self.order.append(winner)
        if winner is not None or not self.p.park:
            self.granted = winner

    def outputs(self, i: Values) -> dict[str, Expected]:
        winner = self._winner(i) if self.p.kind == "comb" else self.granted
        return {"grant": 0 if winner is None else 1 << winner}

    def directed(self, s: Stimulus) -> None:
        n, every = self.p.n_req, (1 << self.p.n_req) - 1
        s.reset(1)
        self._go(s, 2, 0)
        self._go(s, 3 * n, every)
        for k in range(n):  # served out of turn, then all others, then all
            self._go(s, 2, 1 << k)
            self._go(s, n, every & ~(1 << k))
            self._go(s, 1, 0)
            self._go(s, n, every)
        for _ in range(12):  # a drawn order is made, then read out one by one
            order = s.rng.sample(range(n), n)
            for k in order:
                self._go(s, 1, 1 << k)
            if s.rng.random() < 0.5:
                self._go(s, 2, 0)
            left = every
            for k in order:
                self._go(s, 1, left)
                left &= ~(1 << k)
        for _ in range(40):
            self._go(s, s.rng.randint(1, 3), s.rng.getrandbits(n) | s.rng.getrandbits(n))
        if self.p.kind == "comb":
            for requests in range(every + 1):
                self._go(s, 1, requests, accept=0)
            self._go(s, n, every, accept=0)
            self._go(s, n, every)
        if self.p.urgency:
            self._urgent(s)
        if self.p.kind == "hold":
            self._holds(s)
        for k in range(n if self.p.reset != "none" else 0):
            self._go(s, 1, 1 << k)
            self._go(s, 1, every)
            self._go(s, 1, every, rst=1)
            left = every
            for step in range(n):
                self._go(s, 1, left, rst=0)
                left &= ~(1 << step)
            self._go(s, 1, 0)

    def _urgent(self, s: Stimulus) -> None:
        """Each pair of requester and urgent one, then urgent bits without a request."""
        n, every = self.p.n_req, (1 << self.p.n_req) - 1
        for k in range(n):
            for other in range(n):
                self._go(s, 1, 1 << k)
                self._go(s, 1, every, urgent=1 << other)
                self._go(s, 2, every & ~(1 << other), urgent=1 << other)
                self._go(s, 1, every)
            self._go(s, 3, every, urgent=every & ~(1 << k))
            self._go(s, 2, every, urgent=every)
            self._go(s, 1, 0, urgent=every)
            self._go(s, 2, every, urgent=1 << k)
        for _ in range(60):
            requests = s.rng.getrandbits(n) | s.rng.getrandbits(n)
            self._go(s, 2, requests, urgent=s.rng.getrandbits(n) & s.rng.getrandbits(n))

    def _holds(self, s: Stimulus) -> None:
        """Locks with and without request, urgency during a lock, parking."""
        n, every = self.p.n_req, (1 << self.p.n_req) - 1
        urgent = {"urgent": every} if self.p.urgency else {}
        for k in range(n):
            own = 1 << k
            self._go(s, 1, own)
            self._go(s, 2, every, lock=1)
            self._go(s, 2, every & ~own, lock=1)
            self._go(s, 2, every & ~own, lock=1, **urgent)
            self._go(s, 2, every, **urgent)
            self._go(s, 1, 0, lock=1)
            self._go(s, 3, 0)
            self._go(s, 1, own)
            self._go(s, 2, every)
            self._go(s, 1, every & ~own)
            self._go(s, 1, own)
            self._go(s, 2, 0)
            self._go(s, 2, every & ~own)
            s.reset(1)
            self._go(s, 2, 0, lock=1)
            self._go(s, 2, own, lock=1)

    def _go(self, s: Stimulus, cycles: int, requests: int, **inputs: int) -> None:
        usual = {"accept": 1, "lock": 0, "urgent": 0}
        present = {k: v for k, v in usual.items() if k in s.draw()}
        s.hold(cycles, **{**present, "req": requests, **inputs})
