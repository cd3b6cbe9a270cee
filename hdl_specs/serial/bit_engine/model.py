"""Reference model: bit engine of an I2C-like bus."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus

START, STOP, WRITE, READ = range(4)


class Reference(Model):
    """The line levels still to come, one (scl, sda_oe) for each clock cycle of the command."""

    def setup(self) -> None:
        self.cycles = 250
        self.power_up()

    def power_up(self) -> None:
        self.coming: list[tuple[int, int]] = []
        self.busy = False
        self.scl, self.sda_oe = 1, 0
        self.dout = self.lost = 0
        self.command = START
        self.bit = 0

    def reset(self) -> None:
        self.power_up()

    def _plan(self) -> list[tuple[int, int]]:
        scl = {START: (self.scl, 1, 1, 0), STOP: (0, 1, 1, 1)}.get(self.command, (0, 1, 1, 0))
        pull = int(self.command == WRITE and not self.bit)
        oe = {START: (0, 0, 1, 1), STOP: (1, 1, 0, 0)}.get(self.command, (pull,) * 4)
        levels = zip(scl, oe, strict=True)
        return [level for level in levels for _ in range(self.p.quarter)]

    def step(self, i: Values) -> None:
        self.lost = 0
        if not self.busy:
            if not i.go:
                return
            self.command, self.bit, self.busy = i.cmd, i.din, True
            self.coming = self._plan()
        elif len(self.coming) == 2 * self.p.quarter:  # the second quarter ends
            if self.command == READ:
                self.dout = i.sda_in
            lost = self.command == WRITE and self.bit and not i.sda_in
            if self.p.arbitration and lost:
                self.busy, self.coming = False, []
                self.scl, self.sda_oe, self.lost = 1, 0, 1
        if self.coming:
            self.scl, self.sda_oe = self.coming.pop(0)
        else:
            self.busy = False

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {
            "scl": self.scl,
            "sda_oe": self.sda_oe,
            "dout": self.dout,
            "busy": int(self.busy),
        }
        if self.p.arbitration:
            shown["lost"] = self.lost
        return shown

    def directed(self, s: Stimulus) -> None:
        length = 4 * self.p.quarter
        s.reset(1)
        self._run(s, 3, go=0)
        for first in range(4):  # each command after each other, lone and at once
            for second in range(4):
                for pause in (0, 1):
                    for cmd in (first, second):
                        self._run(s, 1, go=1, cmd=cmd)
                        self._run(s, length + pause, go=0)
        for din in (0, 1):
            for level in (0, 1):
                for moment in range(length // 2 - 3, length // 2 + 3):  # differs at one edge only
                    for cmd in (WRITE, READ):
                        self._run(s, 1, go=1, cmd=cmd, din=din, sda_in=1 - level)
                        for k in range(length + 1):
                            self._run(s, 1, go=0, sda_in=level if k == moment else 1 - level)
        self._run(s, 4 * length, go=1)
        for cmd in range(4) if self.p.reset != "none" else ():
            for moment in range(0, length, 2 + length // 4):
                self._run(s, 1, go=1, cmd=READ, sda_in=1)
                self._run(s, length + 1, go=0, sda_in=1)
                self._run(s, 1, go=1, cmd=cmd, din=0)
                self._run(s, moment, go=0)
                s.reset(1)
                self._run(s, 1, go=1, cmd=moment % 4)
                self._run(s, length + 1, go=0)

    def _run(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        for _ in range(cycles):
            s.cycle(**{**s.draw(), **inputs})
