"""Reference model: initiating side of a four-phase handshake, with timeout and retries."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Phase by name, cycles spent in it and attempts that are left."""

    def setup(self) -> None:
        self.cycles = 200
        self.bias = {"en": 0.85, "ack": 0.3}
        self.power_up()

    def power_up(self) -> None:
        self.phase = "idle"
        self.spent = 0
        self.attempts_left = 0
        self.done = self.err = 0
        self.q: int | None = None

    def reset(self) -> None:
        self.power_up()
        self.q = 0

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        self.done = self.err = 0
        self.spent += 1
        if self.phase == "idle":
            if i.start:
                self._enter("asking")
                self.attempts_left = self.p.retries
                self.q = i.d if self.p.width else None
        elif self.phase == "asking":
            self._ask(i)
        elif self.phase == "pausing":
            if self.spent == self.p.pause:
                self._enter("asking")
        elif not i.ack:
            self._enter("idle")
            self.done = 1

    def _ask(self, i: Values) -> None:
        if i.ack:
            self._enter("releasing")
        elif self.p.timeout and self.spent == self.p.timeout:
            if self.attempts_left:
                self.attempts_left -= 1
                self._enter("pausing")
            else:
                self._enter("idle")
                self.err = 1

    def _enter(self, phase: str) -> None:
        self.phase = phase
        self.spent = 0

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {
            "req": int(self.phase == "asking"),
            "busy": int(self.phase != "idle"),
            "done": self.done,
        }
        if self.p.timeout:
            shown["err"] = self.err
        if self.p.width:
            shown["q"] = self.q
        return shown

    def directed(self, s: Stimulus) -> None:
        s.reset(1)
        self._finish(s)
        longest = (self.p.timeout + self.p.pause) * (self.p.retries + 1) + 4
        for start in (0, 1):  # start given once, then held
            for wait in range(0, longest, 1 + 4 * start):
                self._run(s, 1, start=1, ack=0)
                self._run(s, wait, start=start, ack=0)
                self._run(s, 1 + wait % 3, start=start, ack=1)
                self._run(s, 2, start=start, ack=0)
                self._finish(s)
        if self.p.timeout:
            for level in (0, 1):
                self._run(s, 3 * longest, start=level, ack=0)
            self._finish(s)
            self._acks_in_pauses(s)
        for level in (1, 0):  # ack at 1 already when the transfer begins
            self._run(s, 3, start=0, ack=1)
            self._run(s, 1, start=1, ack=1)
            self._run(s, 3, start=level, ack=1)
            self._run(s, 3, start=level, ack=0)
            self._finish(s)
        if self.p.enable:
            for moment in range(10):
                self._run(s, 1, start=1, ack=0)
                self._run(s, moment, start=0, ack=int(moment > 5))
                for ack in (0, 1, 1, 0):
                    s.cycle(**{**s.draw(), "en": 0, "ack": ack})
                self._finish(s)
        for moment in (*range(0, longest, 3), longest, longest + 1):
            self._run(s, 1, start=1, ack=0)
            self._run(s, moment % longest, start=0, ack=int(moment >= longest))
            s.reset(1)
            self._run(s, 2, start=0, ack=moment % 2)

        if self.p.reset != "none":
            self._resets(s)

    def _resets(self, s: Stimulus) -> None:
        """In each phase, under each combination of the inputs."""
        for levels in range(8 if self.p.enable else 4):
            inputs = {"start": levels & 1, "ack": (levels >> 1) & 1}
            if self.p.enable:
                inputs["en"] = levels >> 2
            for acks in ("", "0", "01", "010"):
                self._run(s, 1, start=1, ack=0)
                for ack in acks:
                    self._run(s, 1, start=0, ack=int(ack))
                s.cycle(**inputs, rst=1)
                s.cycle(rst=0, start=0, ack=1)
                self._run(s, 2, start=0, ack=1)
                self._run(s, 1, start=0, ack=0)

    def _acks_in_pauses(self, s: Stimulus) -> None:
        for moment in range(self.p.timeout, self.p.timeout + self.p.pause + 2):
            self._run(s, 1, start=1, ack=0)
            self._run(s, moment, start=0, ack=0)
            self._run(s, 1, start=0, ack=1)
            self._run(s, self.p.timeout + self.p.pause, start=0, ack=0)
            self._finish(s)

    def _finish(self, s: Stimulus) -> None:
        """Bring the transfer in progress to its end."""
        self._run(s, 1, start=0, ack=0)
        while self.phase != "idle":
            self._run(s, 1, start=0, ack=int(self.phase == "asking"))
        self._run(s, 2, start=0, ack=0)

    def _run(self, s: Stimulus, cycles: int, start: int, ack: int) -> None:
        for _ in range(cycles):
            on = {"en": 1} if self.p.enable else {}
            s.cycle(**{**s.draw(), **on, "start": start, "ack": ack})
