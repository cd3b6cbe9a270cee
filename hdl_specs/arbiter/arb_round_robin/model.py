"""Reference model: round-robin arbiter, combinational or registered, with locks and masks."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Who was served last, and who is granted now."""

    def setup(self) -> None:
        self.cycles = 250
        self.bias = {"en": 0.8}
        self.power_up()

    def power_up(self) -> None:
        self.last: int = self.p.n_req - 1 if self.p.way == "up" else 0
        self.granted: int | None = None

    def reset(self) -> None:
        self.power_up()

    def _winner(self, i: Values) -> int | None:
        step = 1 if self.p.way == "up" else -1
        for distance in range(1, self.p.n_req + 1):
            k = int((self.last + step * distance) % self.p.n_req)
            if i.req >> k & 1 and not (self.p.locking and i.mask >> k & 1):
                return k
        return None

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        if self.p.kind == "comb" and not i.accept:
            return
        if self.p.locking and self.granted is not None and (i.req & i.lock) >> self.granted & 1:
            return
        self.granted = self._winner(i)
        if self.granted is not None:
            self.last = self.granted

    def outputs(self, i: Values) -> dict[str, Expected]:
        winner = self._winner(i) if self.p.kind == "comb" else self.granted
        shown: dict[str, Expected] = {"grant": 0 if winner is None else 1 << winner}
        if self.p.show_last:
            shown["last"] = self.last
        return shown

    def directed(self, s: Stimulus) -> None:
        n, every = self.p.n_req, (1 << self.p.n_req) - 1
        s.reset(1)
        self._go(s, 2, 0)
        self._go(s, 3 * n, every)
        for k in range(n):
            self._go(s, 2, 1 << k)
            self._go(s, 1, 0)
            self._go(s, 2, every)
            for other in range(n):  # each pair, served in turns
                self._go(s, 1, 1 << k)
                self._go(s, 3, 1 << k | 1 << other)
            self._go(s, 1, 1 << k)
            self._go(s, 2, 0)
            self._go(s, n, every & ~(1 << k))
        if n < 6:
            for k in range(n):
                for requests in range(every + 1):
                    self._go(s, 1, 1 << k)
                    self._go(s, 1, requests)
        if self.p.kind == "comb":
            for requests in range(every + 1):
                self._go(s, 1, requests, accept=0)
            self._go(s, n, every, accept=0)
            self._go(s, n, every)
        if self.p.enable:
            for k in range(n):
                self._go(s, 1, 1 << k)
                self._go(s, 2, every, en=0)
                self._go(s, 1, 0, en=0)
                self._go(s, 2, every)
        if self.p.locking:
            self._locks(s)
        for k in range(n if self.p.reset != "none" else 0):
            self._go(s, 1, 1 << k)
            self._go(s, 1, every, rst=1)
            self._go(s, 2, every, rst=0)
            self._go(s, 1, 1 << k)
            self._go(s, 1, 0, rst=1)
            self._go(s, 3, every & ~(1 << k), rst=0)

    def _locks(self, s: Stimulus) -> None:
        """Locks held, released by either input, under masks; masks of all and of none."""
        n, every = self.p.n_req, (1 << self.p.n_req) - 1
        for k in range(n):
            own = 1 << k
            self._go(s, 1, own)
            self._go(s, n, every, lock=own)
            self._go(s, 2, every, lock=own, mask=every)
            self._go(s, 2, every & ~own, lock=own, mask=own)
            self._go(s, 1, own)
            self._go(s, 2, every, lock=every & ~own)
            self._go(s, 1, own)
            self._go(s, 2, every, lock=own, en=0)
            self._go(s, 1, every, mask=every)
            self._go(s, 2, every, lock=own)
            self._go(s, n, every, mask=own)
            self._go(s, 2, own, mask=own, lock=own)
            self._go(s, 1, every)
            self._go(s, 2, 0, lock=every)
            self._go(s, 2, every, lock=every)
            self._go(s, 1, 0)
        for _ in range(60):
            mask = s.rng.getrandbits(n) & s.rng.getrandbits(n)
            lock = s.rng.getrandbits(n)
            self._go(s, 2, s.rng.getrandbits(n) | s.rng.getrandbits(n), lock=lock, mask=mask)

    def _go(self, s: Stimulus, cycles: int, requests: int, **inputs: int) -> None:
        usual = {"en": 1, "accept": 1, "lock": 0, "mask": 0}
        present = {k: v for k, v in usual.items() if k in s.draw()}
        s.hold(cycles, **{**present, "req": requests, **inputs})
