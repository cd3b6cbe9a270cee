"""Reference model: credit counter whose sender may answer some cycles late."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The credits, and whether the sender was permitted in the last cycles, newest last."""

    def setup(self) -> None:
        self.cycles = 250
        self.bias = {"load": 0.06, "send": 0.6}
        self.most = 2**self.p.ret_width - 1
        self.power_up()

    def power_up(self) -> None:
        total: int = self.p.total
        self.credits = {"all": total, "half": total // 2, "none": 0}[self.p.start]
        self.permitted = [0] * (self.p.latency + 1)
        if self.p.latency == 0:
            self.permitted = [int(self.credits > 0)]
        self.over = 0

    def reset(self) -> None:
        self.power_up()

    def step(self, i: Values) -> None:
        used = int(i.send and self.permitted[0])
        self.permitted.pop(0)
        if self.p.loadable and i.load:
            self.credits, self.over = min(i.level, self.p.total), 0
        else:
            self._count(used, i.ret)
        self.permitted.append(int(self.credits > sum(self.permitted)))

    def _count(self, used: int, returned: int) -> None:
        self.credits -= used
        excess = self.credits + returned > self.p.total
        if not excess:
            self.credits += returned
        elif self.p.excess != "reject":
            self.credits = self.p.total
        self.over = int(excess or (self.p.excess == "sticky" and self.over))

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"can_send": self.permitted[-1]}
        if self.p.show_credits:
            shown["credits"] = self.credits
        if self.p.excess != "saturate":
            shown["over"] = self.over
        return shown

    def directed(self, s: Stimulus) -> None:
        s.reset(1)
        self._go(s, 4, 0, 0)  # what reset or power-up leaves
        s.reset(1)
        self._go(s, self.p.total + 6, 1, 0)
        levels = sorted({0, 1, 2, 3, self.p.total // 2, *range(self.p.total - 2, self.p.total + 1)})
        for level, send in product(levels, (0, 1)):
            for returned in sorted({0, 1, self.most - 1, self.most}):
                self._reach(s, level)
                self._go(s, 1, send, returned)
                self._go(s, 2, 0, 0)
        for sends, returns in product((0.3, 0.7, 1.0), (0.1, 0.3, 0.6)):
            for _ in range(30):
                some = s.rng.randint(1, self.most) * (s.rng.random() < returns)
                self._go(s, 1, int(s.rng.random() < sends), some)
        for pattern in product((0, 1), repeat=self.p.latency + 2):  # few credits, every rhythm
            self._reach(s, 1 + sum(pattern) % 3)
            for send in (*pattern, *reversed(pattern)):
                self._go(s, 1, send, 0)
            self._go(s, 1, 1, 1)
        if self.p.loadable:
            self._loads(s)
        if self.p.reset != "none":
            self._resets(s)

    def _loads(self, s: Stimulus) -> None:
        for level in (0, 1, *range(self.p.total - 1, 2 ** self.p.total.bit_length())):
            for send, returned in ((0, 0), (1, 0), (0, self.most), (1, 1)):
                self._reach(s, self.p.total)
                self._go(s, 1 + send, 0, self.most * send)
                s.cycle(load=1, level=level, send=send, ret=returned)
                self._go(s, 2, 0, 0)
                self._go(s, 2, 1, 0)

    def _resets(self, s: Stimulus) -> None:
        """Reset with few and all credits, with permissions open, while credits come back."""
        for level, waited, returned in product((0, 2, self.p.total), (0, 1, 2), (0, self.most)):
            self._reach(s, level)
            self._go(s, waited, 1, returned)
            s.cycle(rst=1, send=1, ret=returned)
            s.cycle(rst=0, send=1, ret=0)
            self._go(s, self.p.latency + 3, 1, 0)

    def _reach(self, s: Stimulus, credits: int) -> None:
        """Bring the count to `credits`, and wait until the permissions have settled."""
        while self.credits > credits:
            self._go(s, 1, 1, 0)
        while self.credits < credits:
            self._go(s, 1, 0, min(self.most, credits - self.credits))
        self._go(s, self.p.latency, 0, 0)

    def _go(self, s: Stimulus, cycles: int, send: int, returned: int) -> None:
        load = {"load": 0, "level": s.draw()["level"]} if self.p.loadable else {}
        for _ in range(cycles):
            s.cycle(**load, send=send, ret=returned)
