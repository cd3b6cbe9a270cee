"""Reference model: glitch filters (majority, integrator, unequal run lengths)."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Keeps the samples that matter to the kind of filter and judges them anew each time."""

    def setup(self) -> None:
        self.bias = {"en": 0.7}
        self.cycles = 300
        self.reset()

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.q = self.p.rest
        self.samples = [self.p.rest] * self.p.n_high
        self.total = self.p.rest * self.p.n_high

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        self.samples = [i.d, *self.samples]
        if self.p.kind == "majority":
            self.samples = self.samples[: self.p.n_high]
            self.q = int(2 * sum(self.samples) > self.p.n_high)
        elif self.p.kind == "integrate":
            self.total = min(max(self.total + (1 if i.d else -1), 0), self.p.n_high)
            if self.total in (0, self.p.n_high):
                self.q = self.total // self.p.n_high
        else:
            needed = self.p.n_low if self.q else self.p.n_high
            recent = self.samples[:needed]
            if len(recent) == needed and all(sample != self.q for sample in recent):
                self.q = 1 - self.q
            self.samples = self.samples[:40]

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"q": self.q}
        if self.p.show:
            shown["total"] = self.total
        return shown

    def directed(self, s: Stimulus) -> None:
        run = {"en": 1} if self.p.enable else {}
        long = 2 * max(self.p.n_high, self.p.n_low) + 3
        for start in (1 - self.p.rest, self.p.rest):
            s.reset(1)
            s.hold(long, **run, d=start)
            s.hold(long, **run, d=1 - start)
            s.hold(long, **run, d=start)
            self.bounces(s, run, start, long)
        for chance in (0.3, 0.7, 0.2, 0.8, 0.5) * 3:
            s.random(14, d=chance, en=0.9)
        if self.p.enable:
            for level in (0, 1, 0, 1):
                for gap in range(long):
                    s.hold(1 + gap % 2, en=0, d=gap % 2)
                    s.cycle(en=1, d=level)
        if self.p.reset == "async":
            for size in (1, 2, 3, max(self.p.n_high - 2, 1), long):
                s.reset(1)
                s.hold(long, **run, d=self.p.rest)
                s.hold(size, **run, d=1 - self.p.rest)
                s.reset_glitches()

    def bounces(self, s: Stimulus, run: dict[str, int], level: int, long: int) -> None:
        """Pulses around both limits, alone and with a short break in them."""
        if self.p.kind == "majority":
            limits = [self.p.n_high // 2, self.p.n_high]
        else:
            limits = [self.p.n_high, self.p.n_low]
        for size in sorted({max(limit + more, 1) for limit in limits for more in (-1, 0, 1)}):
            s.hold(size, **run, d=1 - level)
            s.hold(long, **run, d=level)
            s.hold(size, **run, d=1 - level)
            s.cycle(**run, d=level)
            s.hold(size, **run, d=1 - level)
            s.hold(long, **run, d=level)
