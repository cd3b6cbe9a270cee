"""Reference model: responding side of a four-phase or two-phase handshake."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """`due` is the number of edges until the acknowledgement; None if none is awaited."""

    def setup(self) -> None:
        self.cycles = 400
        self.bias = {"en": 0.85}
        self.power_up()

    def power_up(self) -> None:
        self.due: int | None = None
        self.ack = 0
        self.q: int | None = None

    def reset(self) -> None:
        self.power_up()
        self.q = 0

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        if self.p.protocol == "four" and self.ack:
            self.ack = int(i.req)
        elif self.due is None:
            if i.req != self.ack:
                self.due = self.p.latency
                if self.p.capture == "accept":
                    self.q = i.d
                self._progress(i)
        elif self.p.protocol == "four" and self.p.withdrawal == "abort" and not i.req:
            self.due = None
        else:
            self.due -= 1
            self._progress(i)

    def _progress(self, i: Values) -> None:
        if self.due == 0:
            self.due = None
            self.ack = 1 - self.ack
            if self.p.capture == "ack":
                self.q = i.d

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"ack": self.ack, "q": self.q}
        if self.p.show_busy:
            active = self.due is not None or (self.p.protocol == "four" and self.ack == 1)
            shown["busy"] = int(active)
        return shown

    def directed(self, s: Stimulus) -> None:
        latency = self.p.latency
        s.reset(1)
        level = self.ack
        if self.p.protocol == "two":
            for wait in (*range(latency + 4), 2 * latency + 5):
                level = 1 - level
                self._wait(s, 1, level)
                self._wait(s, wait, level)
            self._wait(s, 2 * latency + 4, level)
            for back in range(1, latency + 3):  # the request is taken back while it is served
                level = 1 - level
                self._wait(s, back, level)
                level = 1 - level
                self._wait(s, 3 * latency + 4, level)
        else:
            for asked in (*range(1, latency + 5), 2 * latency + 9):
                for idle in (1, 2, latency + 2):
                    self._wait(s, asked, 1)
                    self._wait(s, idle, 0)
                self._wait(s, latency + 3, 0)
            for gap in range(1, latency + 2):  # req falls and rises again before or after ack
                for asked in range(1, latency + 2):
                    self._wait(s, asked, 1)
                    self._wait(s, gap, 0)
                    self._wait(s, latency + 3, 1)
                    self._wait(s, latency + 3, 0)
        if self.p.enable:
            self._stalls(s)
        for moment in range(latency + 4):
            s.reset(1)
            self._wait(s, moment, 1)
        s.reset(1)
        self._wait(s, latency + 4, 0)
        self._wait(s, latency + 4, 1)

    def _stalls(self, s: Stimulus) -> None:
        for moment in range(self.p.latency + 4):
            self._wait(s, self.p.latency + 3, 0)
            self._wait(s, moment, 1)
            for req in (0, 1, 1, 0):
                s.cycle(**{**s.draw(), "en": 0, "req": req})
            self._wait(s, self.p.latency + 3, 1)

    def _wait(self, s: Stimulus, cycles: int, req: int) -> None:
        """Counted cycles with one level of req and data that always changes."""
        for _ in range(cycles):
            s.cycle(**{**s.draw(), **({"en": 1} if self.p.enable else {}), "req": req})
