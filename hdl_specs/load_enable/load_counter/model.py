"""Reference model: loadable counter, plain, modulo N, or counting down with reload."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The count, and the value that a reloading counter starts over from."""

    def setup(self) -> None:
        self.top = (1 << self.p.width) - 1
        self.last = self.p.modulus - 1 if self.p.mode == "modulo" else self.top
        self.count: int | None = None
        self.start = 0

    def power_up(self) -> None:
        self.count = None

    def reset(self) -> None:
        self.count = self.start = self.p.reset_value

    def step(self, i: Values) -> None:
        enabled = not self.p.enable or i.en
        if i.load and (enabled or self.p.priority == "load"):
            self.count = self.start = i.d
        elif enabled and self.count is not None:
            self.count = self.after(self.count)

    def after(self, count: int) -> int:
        """The count that follows `count` where nothing is loaded."""
        if self.p.mode == "reload":
            return self.start if count == 0 else count - 1
        return 0 if count >= self.last else count + 1

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"q": self.count}
        if self.p.mode == "reload":
            shown["zero"] = None if self.count is None else int(self.count == 0)
        return shown

    def directed(self, s: Stimulus) -> None:
        on = {"en": 1} if self.p.enable else {}
        s.reset(1)
        s.hold(min(self.top, 300) + 5, **on, load=0)
        for start in (0, 1, 2, 5, self.last - 1, self.last, self.last + 1, self.top - 1, self.top):
            if start > self.top:
                continue
            s.cycle(**on, load=1, d=start)
            s.hold(3, **on, load=0, d=start ^ self.top)
            if self.p.enable:
                s.cycle(en=0, load=0)
                s.cycle(en=0, load=1, d=start)
                s.hold(2, en=0, load=0)
                s.hold(2, en=1, load=0)
        if self.p.mode == "reload":
            for start in (3, 0, 6, 1):
                s.cycle(**on, load=1, d=start)
                s.hold(3 * (start + 1), **on, load=0, d=self.top)
            s.reset(1)
            s.hold(2 * self.p.reset_value + 5, **on, load=0)
        if self.p.enable:
            s.random(60, en=0.7, load=0.2)
