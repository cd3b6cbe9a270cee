"""Reference model: debouncer."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Keeps the looks taken at the input since it last agreed with the output."""

    def setup(self) -> None:
        mostly = 0.1 if self.p.rest ^ self.p.invert else 0.9
        self.bias = {"en": 0.7, "d": mostly}
        self.cycles = 300
        self.reset()

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.q = self.p.rest
        self.delayed = [self.q ^ self.p.invert] * self.p.stages
        self.against = 0
        self.went: int | None = None

    def step(self, i: Values) -> None:
        pins = [*self.delayed, i.d]
        self.delayed = pins[1:]
        self.went = None
        if self.p.enable and not i.en:
            return
        level = pins[0] ^ self.p.invert
        self.against = self.against + 1 if level != self.q else 0
        if self.against == self.p.limit:
            self.q = self.went = level
            self.against = 0

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"q": self.q}
        if self.p.strobes:
            shown |= {"on": int(self.went == 1), "off": int(self.went == 0)}
        return shown

    def directed(self, s: Stimulus) -> None:
        run = {"en": 1} if self.p.enable else {}
        limit, idle = self.p.limit, self.p.rest ^ self.p.invert
        for start in (idle, 1 - idle):
            s.reset(1)
            s.hold(limit + self.p.stages + 4, **run, d=start)
            s.hold(limit + self.p.stages + 4, **run, d=1 - start)
            s.hold(limit + self.p.stages + 4, **run, d=start)
            self.bounces(s, run, start)
            if self.p.reset == "async":
                s.hold(limit + self.p.stages + 4, **run, d=1 - idle)
                s.reset_glitches()
        for _ in range(30):
            s.hold(s.rng.choice((1, 2, limit - 1, limit, limit + 1)), **run, d=s.rng.randrange(2))
        if self.p.enable:
            for early in (0, 1):
                s.reset(1)
                s.hold(early, en=1, d=1 - idle)
                s.hold(3, en=0, d=1 - idle)
                s.hold(limit + 3, en=1, d=1 - idle)
            self.gaps(s)
        if self.p.reset == "async":
            self.interrupted(s, run, idle)
        if self.p.reset != "none":
            self.reset_in_mid_count(s, run, idle)

    def reset_in_mid_count(self, s: Stimulus, run: dict[str, int], idle: int) -> None:
        for counted in range(1, self.p.limit):
            s.reset(1)
            s.hold(self.p.stages + counted, **run, d=1 - idle)
            s.cycle(**run, d=1 - idle, rst=1)
            s.hold(self.p.limit + self.p.stages + 2, **run, d=1 - idle, rst=0)

    def bounces(self, s: Stimulus, run: dict[str, int], level: int) -> None:
        """Pulses shorter than, equal to and longer than the limit, and two short ones."""
        for size in (1, limit - 1 if (limit := self.p.limit) > 2 else 1, limit, limit + 1):
            s.hold(size, **run, d=1 - level)
            s.hold(limit + 4, **run, d=level)
        s.hold(limit - 1, **run, d=1 - level)
        s.cycle(**run, d=level)
        s.hold(limit - 1, **run, d=1 - level)
        s.hold(limit + 4, **run, d=level)

    def gaps(self, s: Stimulus) -> None:
        """Looks with gaps, the input being different in some of the gaps."""
        for level in (0, 1, 0, 1):
            for gap in range(self.p.limit + 4):
                s.hold(3, en=0, d=level ^ (gap % 2))
                s.hold(2, en=0, d=level)
                s.cycle(en=1, d=level)
                s.cycle(en=0, d=level)
        for _ in range(12):
            level = s.rng.randrange(2)
            for _ in range(self.p.limit + 6):
                s.cycle(d=level, en=int(s.rng.random() < 0.7))

    def interrupted(self, s: Stimulus, run: dict[str, int], idle: int) -> None:
        """Resets between clock edges when the output is about to change."""
        for missing in (2, 3, 4, 5):
            s.reset(1)
            s.hold(max(self.p.limit + self.p.stages - missing, 1), **run, d=1 - idle)
            s.reset_glitches()
