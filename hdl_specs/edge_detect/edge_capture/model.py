"""Reference model: edge-capture register."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """One flag a line; every line goes its own way."""

    def setup(self) -> None:
        self.lines = range(self.p.width)
        self.bias = {"ack": 0.2, "en": 0.75}
        self.cycles = 300
        self.reset()

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.flags = [False] * self.p.width
        self.last: list[int | None] = [None if self.p.primed else 0] * self.p.width

    def is_event(self, line: int, i: Values) -> bool:
        """Whether the sample now taken of `line` makes the edge that is looked for."""
        old, new = self.last[line], i.d >> line & 1
        if old is None or old == new:
            return False
        if self.p.kind == "select":
            return bool((i.pol >> line & 1) == new)
        return bool(self.p.kind == "both" or new == (self.p.kind == "rising"))

    def step(self, i: Values) -> None:
        sampled = not self.p.enable or i.en
        for line in self.lines:
            event = sampled and self.is_event(line, i)
            acked = bool(i.ack >> line & 1) if self.p.masked else bool(i.ack)
            if event and acked:
                self.flags[line] = self.p.wins == "set"
            elif event or acked:
                self.flags[line] = event
            if sampled:
                self.last[line] = i.d >> line & 1

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {
            "flags": sum(flag << line for line, flag in enumerate(self.flags))
        }
        if self.p.irq:
            shown["irq"] = int(any(self.flags[line] and i.mask >> line & 1 for line in self.lines))
        return shown

    def directed(self, s: Stimulus) -> None:
        run = {"en": 1} if self.p.enable else {}
        top = (1 << self.p.width) - 1
        acks = (top, 0) if self.p.masked else (1, 0)
        extra = [{"pol": 0}, {"pol": top}] if self.p.kind == "select" else [{}]
        if self.p.enable and self.p.reset == "none":
            s.hold(2, en=0, ack=0, d=0)  # a sample that is not taken primes nothing
        for ports in extra:
            run |= ports
            for level in (0, top):
                if self.p.reset != "none":
                    s.hold(2, **run, ack=0, d=top - level, rst=1)
                    s.hold(3, **run, ack=0, d=level, rst=0)
                s.hold(2, **run, ack=0, d=top - level)
                s.hold(2, **run, ack=acks[0], d=top - level)
                s.hold(2, **run, ack=0, d=level)
                for ack in (*acks, acks[0]):
                    s.cycle(**run, ack=ack, d=top - level)
                    s.hold(2, **run, ack=0)
                    s.cycle(**run, ack=ack, d=level)
                    s.hold(2, **run, ack=0)
            self.one_by_one(s, run)
        if self.p.enable:
            s.random(60, en=0.4)
        if self.p.irq:
            s.random(60, ack=0.1)
        s.reset_glitches()
        if self.p.reset == "async":
            self.interrupted(s, run, top)

    def one_by_one(self, s: Stimulus, run: dict[str, int]) -> None:
        """Each line alone: both edges, acknowledged where that is possible alone."""
        for line in self.lines:
            for d in (0, 1 << line, 0):
                s.hold(2, **run, ack=0, d=d)
            if self.p.irq:
                s.cycle(**run, ack=0, mask=1 << line)
            s.hold(2, **run, ack=1 << line if self.p.masked else 1)
            s.cycle(**run, ack=0)

    def interrupted(self, s: Stimulus, run: dict[str, int], top: int) -> None:
        """Resets between clock edges while flags are set and the inputs are high."""
        for d in (top, 0, top):
            s.reset(1)
            s.hold(2, **run, ack=0, d=top - d)
            s.hold(2, **run, ack=0, d=d)
            s.reset_glitches()
