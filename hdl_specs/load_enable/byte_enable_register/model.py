"""Reference model: register written lane by lane, and where asked for a flag per lane."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """A list of lanes, lane 0 least significant; a lane is None until it is known."""

    def setup(self) -> None:
        self.top = (1 << self.p.lanes * self.p.lane_width) - 1
        self.all_lanes = (1 << self.p.lanes) - 1
        self.lanes: list[int | None] = [None] * self.p.lanes
        self.flags = [False] * self.p.lanes

    def power_up(self) -> None:
        self.setup()

    def reset(self) -> None:
        self.lanes = list(self.split(self.p.reset_value))
        self.flags = [False] * self.p.lanes

    def split(self, word: int) -> list[int]:
        """The lanes of `word`, least significant first."""
        size = self.p.lane_width
        return [word >> size * k & (1 << size) - 1 for k in range(self.p.lanes)]

    def step(self, i: Values) -> None:
        if self.p.flags and i.ack:
            self.flags = [False] * self.p.lanes
        if self.p.enable and not i.we:
            return
        for k, new in enumerate(self.split(i.d)):
            if (i.be >> k & 1) == (self.p.be_active == "high"):
                self.lanes[k] = new
                self.flags[k] = True

    def outputs(self, i: Values) -> dict[str, Expected]:
        word = care = 0
        for lane in reversed(self.lanes):
            word = word << self.p.lane_width | (lane or 0)
            care = care << self.p.lane_width
            care |= 0 if lane is None else (1 << self.p.lane_width) - 1
        shown: dict[str, Expected] = {"q": (word, care)}
        if self.p.flags:
            shown["changed"] = sum(flag << k for k, flag in enumerate(self.flags))
        return shown

    def directed(self, s: Stimulus) -> None:
        on = {"we": 1} if self.p.enable else {}
        plain = {"ack": 0} if self.p.flags else {}
        everything = self.all_lanes if self.p.be_active == "high" else 0
        s.reset(1)
        for be in range(self.all_lanes + 1):
            s.cycle(**on, **plain, be=everything, d=s.rng.randint(0, self.top))
            s.cycle(**on, **plain, be=be, d=s.rng.randint(0, self.top))
            if self.p.enable:
                s.cycle(**plain, we=0, be=be, d=s.rng.randint(0, self.top))
        for k in range(self.p.lanes * self.p.lane_width):
            s.cycle(**on, **plain, be=everything, d=1 << k)
        if self.p.flags:
            for be in range(self.all_lanes + 1):
                for first in range(self.all_lanes + 1):
                    s.cycle(ack=1, we=0)
                    s.cycle(ack=0, we=1, be=first)
                    s.cycle(ack=1, we=be & 1, be=be ^ first)
                    s.cycle(ack=0, we=0, be=be)
        s.reset(1)
        s.random(60, we=0.7, ack=0.2)
