"""Reference model: pulse stretcher."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Knows how many counted edges ago the pulse was triggered and how many it lasts."""

    def setup(self) -> None:
        self.bias = {"trig": 0.25, "en": 0.6}
        self.cycles = 300
        self.reset()

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.age = 0
        self.length = 0
        self.was = 0

    @property
    def busy(self) -> bool:
        return self.age < self.length

    def step(self, i: Values) -> None:
        trigger = i.trig and not (self.p.trigger == "rising" and self.was)
        self.was = i.trig
        if trigger and not (self.busy and self.p.again == "ignore"):
            self.age = 0
            self.length = i.len if self.p.size == "port" else self.p.cycles
        elif self.busy and (not self.p.enable or i.en):
            self.age += 1

    def outputs(self, i: Values) -> dict[str, Expected]:
        return {"q": int(self.busy or (self.p.form == "comb" and i.trig == 1))}

    def directed(self, s: Stimulus) -> None:
        run = {"en": 1} if self.p.enable else {}
        sizes = (1, 2, 3, 7, 0, 5, (1 << self.p.width) - 1) if self.p.size == "port" else (0,)
        for level in (0, 1):
            s.reset(1)
            s.hold(4, **run, trig=level)
        if self.p.reset != "none":
            s.hold(2, **run, trig=1, rst=1)
            s.hold(4, **run, trig=1, rst=0)
            s.hold(4, **run, trig=0)
        for size in sizes:
            length = size if self.p.size == "port" else self.p.cycles
            run |= {"len": size} if self.p.size == "port" else {}
            s.cycle(**run, trig=1)
            s.hold(length + 3, **run, trig=0)
            for later in {1, 2, max(length - 1, 1), max(length, 1), length + 1, length + 2}:
                s.cycle(**run, trig=1)
                s.hold(later - 1, **run, trig=0)
                s.cycle(**run, trig=1)
                s.hold(2 * length + 2, **run, trig=0)
            s.hold(2 * length + 5, **run, trig=1)
            s.hold(length + 2, **run, trig=0)
        self.lengths(s)
        if self.p.enable:
            for waiting in (1, 3):
                s.cycle(trig=1, en=waiting % 2)
                for _ in range(self.p.cycles + 1):
                    s.hold(waiting, trig=0, en=0)
                    s.cycle(trig=0, en=1)
        if self.p.reset == "async":
            for _ in range(3):
                s.cycle(trig=1, **({"len": 6} if self.p.size == "port" else {}))
                s.reset_glitches()

    def lengths(self, s: Stimulus) -> None:
        """Lengths that change during the pulse, and a length of zero in the middle of one."""
        if self.p.size == "const":
            return
        for first, second in ((6, 3), (3, 6), (6, 0), (9, 1)):
            s.cycle(trig=1, len=first)
            s.hold(2, trig=0, len=second)
            s.cycle(trig=1, len=second)
            s.hold(3, trig=0, len=first)
            s.hold(6, trig=0, len=0)
