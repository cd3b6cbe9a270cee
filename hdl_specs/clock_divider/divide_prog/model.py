"""Reference model: clock divider whose divisor comes from a port."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Walks through periods of D cycles, numbered from 0; `place` is None while stopped."""

    def setup(self) -> None:
        self.bias = {"load": 0.15, "en": 0.75}
        self.cycles = 250
        self.reset()

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.place: int | None = None
        self.length = 0
        self.stored = self.p.get("preset", 0)

    def step(self, i: Values) -> None:
        if not self.p.enable or i.en:
            self.advance(self.stored if self.p.mode == "strobe" else i.div)
        if self.p.mode == "strobe" and i.load:
            self.stored = i.div

    def advance(self, divisor: int) -> None:
        if divisor == 0 and self.p.zero == "one":
            divisor = 1
        ends = divisor if self.p.mode == "live" else self.length
        if self.place is not None and self.place + 1 < ends:
            self.place += 1
            if self.p.mode == "live":
                self.length = divisor
        else:
            self.place = 0 if divisor else None
            self.length = divisor

    def outputs(self, i: Values) -> dict[str, Expected]:
        up = self.p.longer == "high"
        high = (self.length + 1) // 2 if up else self.length // 2
        shown: dict[str, Expected] = {"q": int(self.place is not None and self.place < high)}
        if self.p.tick:
            shown["first"] = int(self.place == 0)
        return shown

    def directed(self, s: Stimulus) -> None:
        run = {"en": 1} if self.p.enable else {}
        top = (1 << self.p.width) - 1
        s.reset(1)
        if self.p.mode == "strobe":
            s.hold(2 * self.p.preset + 2, **run, load=0, div=top)
        for divisor in (1, 2, 3, 4, 5, 0, 6, 7, 1, top, 2, top - 1):
            self.give(s, run, divisor)
            s.hold(min(2 * divisor + 3, divisor + 12), **run)
        self.changes(s, run, top)
        for divisor in (1, 9, 2) if self.p.mode == "strobe" else ():
            self.give(s, run, divisor)
            s.reset_glitches()
        if self.p.enable:
            for divisor in (1, 5, 4):
                self.give(s, run, divisor)
                s.random(25, en=0.6, load=0.0)

    def give(self, s: Stimulus, run: dict[str, int], divisor: int) -> None:
        """Present a divisor, or its low bits where the port has fewer; where it has to be stored,
        for one cycle and then noise."""
        divisor &= (1 << self.p.width) - 1
        if self.p.mode == "strobe":
            s.cycle(**run, load=1, div=divisor)
            s.cycle(**run, load=0, div=s.draw()["div"])
        else:
            s.cycle(**run, div=divisor)

    def changes(self, s: Stimulus, run: dict[str, int], top: int) -> None:
        """A change at every place of a period: to shorter, longer, 1 and 0, then back."""
        base = min(6, top)
        for other in (3, top, 1, 0):
            for place in range(base + 1):
                self.give(s, run, base)
                for _ in range(2 * top):
                    if self.place == base - 1 and self.length == base:
                        break
                    s.cycle(**run)
                s.hold(place, **run)
                self.give(s, run, other)
                s.hold(4, **run)
        self.give(s, run, 2)
        s.hold(top + 2, **run)
