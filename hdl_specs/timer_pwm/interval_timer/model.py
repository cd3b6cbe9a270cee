"""Reference model: one-shot and periodic timer with prescaler."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The clock cycles that are left; what is counted in steps is derived from them."""

    def setup(self) -> None:
        self.cycles = 300
        busy_starts = 0.06 if self.p.retrigger else 0.4
        self.bias = {"start": busy_starts, "stop": 0.03, "en": 0.9, "ack": 0.3}
        self.power_up()

    def power_up(self) -> None:
        self.left = 0
        self.step_length = 1
        self.length = 0
        self.periodic = False
        self.done = self.irq = self.overrun = 0

    def reset(self) -> None:
        self.power_up()

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        self.done = 0
        irq_before = self.irq
        if self.p.irq and i.ack:
            self.irq = 0
        if self.p.stoppable and i.stop:
            self.left = 0
        elif i.start and (self.p.retrigger or not self.left):
            self.step_length = self.p.prescale or i.presc + 1
            self.length = self.left = (i.load + 1) * self.step_length
            self.periodic = bool(i.rep) if self.p.mode == "port" else self.p.mode == "periodic"
            self.overrun = 0
        elif self.left:
            self.left -= 1
            if self.left == 0:
                self._expire(bool(irq_before and self.p.irq and not i.ack))

    def _expire(self, missed: bool) -> None:
        self.done = self.irq = 1
        if missed:
            self.overrun = 1
        if self.periodic:
            self.left = self.length

    def outputs(self, i: Values) -> dict[str, Expected]:
        steps = -(-self.left // self.step_length)
        shown: dict[str, Expected] = {
            "busy": int(self.left > 0),
            "count": max(steps - 1, 0),
            "done": self.done,
        }
        if self.p.irq:
            shown |= {"irq_flag": self.irq, "overrun": self.overrun}
        return shown

    def directed(self, s: Stimulus) -> None:
        self._run(s, 2)
        largest = (1 << self.p.width) - 1
        for load, presc, rep in product((0, 1, largest), (0, 1, 7), (0, 1)):
            if (self.p.prescale and presc) or (self.p.mode != "port" and rep):
                continue
            if load == largest and presc == 7 and rep:
                continue
            self._run(s, 1, start=1, load=load, presc=presc, rep=rep)
            self._run(s, self.length * (2 if self.periodic else 1) + 3)
            self._halt(s)
        ignoring = int(not self.p.retrigger)
        for _ in range(40):  # start held
            self._run(s, 1, start=1, load=2, presc=1, rep=1)
        self._halt(s)
        for moment in range(10):  # a second start, a stop, a pause, a reset at each moment
            self._run(s, 1, start=1, load=3, presc=1, rep=moment & 1)
            self._run(s, moment, start=ignoring & moment)
            self._run(s, 1, start=1, load=moment & 3, presc=moment % 3, rep=1)
            self._run(s, 9)
            for start in (0, 1):
                self._halt(s)
                self._run(s, 1, start=1, load=2, presc=1, rep=moment & 1)
                self._run(s, moment)
                self._pause(s)
                self._run(s, 1, stop=1, start=start)
                self._run(s, 5)
            if moment % 3 == 0:
                s.reset(1)
                self._run(s, 3)
        self._halt(s)
        for load, early in product((0, 1), (0, 1, 2)):  # a start around the end of the time
            self._run(s, 1, start=1, load=load, presc=2, rep=1)
            self._run(s, max(self.length - 1 - early, 0))
            self._run(s, 1, start=1, load=1 - load, presc=2, rep=0)
            self._run(s, self.left + 2)
            self._halt(s)
        if self.p.irq:
            self._interrupts(s)

    def _interrupts(self, s: Stimulus) -> None:
        for length, moment in product((1, 2, 3), range(7)):
            self._run(s, 1, start=1, load=length - 1, presc=0, rep=1, ack=1)
            self._run(s, moment)
            self._run(s, 1, ack=1)
            self._run(s, length + moment % 2)
            self._run(s, 1, start=moment & 1, stop=1 - (moment & 1), load=1, presc=2, rep=1)
            self._run(s, 4, ack=moment & 1)
        self._run(s, 1, start=1, load=1, presc=0, rep=1)
        self._run(s, 9)
        self._pause(s)
        self._run(s, 2, stop=1)
        self._run(s, 1, start=1, load=1, presc=0, rep=0)
        self._run(s, 2)
        self._run(s, 1, ack=1)

    def _halt(self, s: Stimulus) -> None:
        """Bring the timer to rest."""
        if self.p.stoppable:
            self._run(s, 1, stop=1)
        while self.left:
            self._run(s, 1)
        self._run(s, 1)

    def _pause(self, s: Stimulus) -> None:
        if self.p.enable:
            for level in (0, 1):
                self._run(s, 1, en=0, start=level, stop=1 - level, ack=level)

    def _run(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        wanted = {"en": 1, "start": 0, "stop": 0, "ack": 0, **inputs}
        for _ in range(cycles):
            drawn = s.draw()
            s.cycle(**{**drawn, **{name: x for name, x in wanted.items() if name in drawn}})
