"""Reference model: shift register of one direction, with optional parallel load."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """A row of bits, lowest first; None is a bit that nothing has written yet."""

    def setup(self) -> None:
        self.bias = {"load": 0.12}
        self.row: list[int | None] = [None] * self.p.width

    def power_up(self) -> None:
        self.row = [None] * self.p.width

    def reset(self) -> None:
        self.row = self._bits(self.p.reset_value, self.p.width)

    def step(self, i: Values) -> None:
        enabled = not self.p.enable or i.en == 1
        may_load = enabled or not self.p.load_needs_enable
        if self.p.parallel and i.load and may_load:
            self.row = self._bits(i.d, self.p.width)
        elif enabled:
            arriving = self._bits(i.si, self.p.step)
            if self.p.direction == "right":
                self.row = self.row[self.p.step :] + arriving
            else:
                self.row = arriving + self.row[: -self.p.step]

    def outputs(self, i: Values) -> dict[str, Expected]:
        count = self.p.step
        leaving = self.row[:count] if self.p.direction == "right" else self.row[-count:]
        shown: dict[str, Expected] = {}
        if self.p.outputs != "serial":
            shown["q"] = self._number(self.row)
        if self.p.outputs != "parallel":
            shown["so"] = self._number(leaving)
        return shown

    def directed(self, s: Stimulus) -> None:
        width, most = self.p.width, (1 << self.p.step) - 1
        on = {"en": 1} if self.p.enable else {}
        off = {"en": 0} if self.p.enable else {}
        quiet = {"load": 0} if self.p.parallel else {}
        s.reset(1)
        s.cycle(**on, **quiet, si=1)  # a lone one walks through, then a lone zero
        s.hold(width + 1, **on, **quiet, si=0)
        s.hold(width + 1, **on, **quiet, si=most)
        s.cycle(**on, **quiet, si=0)
        s.hold(width + 1, **on, **quiet, si=most)
        for _ in range(2 * width):
            s.cycle(**on, **quiet, si=s.rng.randint(0, most))
        if self.p.parallel:
            for _ in range(4):
                s.cycle(**on, load=1, d=s.rng.getrandbits(width), si=s.rng.randint(0, most))
                s.cycle(**off, load=1, d=s.rng.getrandbits(width), si=s.rng.randint(0, most))
                s.cycle(**off, load=0, si=s.rng.randint(0, most))
                for _ in range(width):
                    s.cycle(**on, load=0, si=s.rng.randint(0, most))
        for _ in range(3 * width):
            s.cycle(**{**s.draw({"en": 0.7}), **quiet})
        if self.p.reset != "none":
            for load in ({"load": 1}, quiet) if self.p.parallel else (quiet,):
                for controls in (on, off):
                    s.cycle(**{**s.draw(), **controls, **load, "rst": 1})
                    s.cycle(**{**s.draw(), **on, **quiet, "rst": 0})

    @staticmethod
    def _bits(value: int, count: int) -> list[int | None]:
        return [(value >> k) & 1 for k in range(count)]

    @staticmethod
    def _number(row: list[int | None]) -> Expected:
        value = sum((bit or 0) << k for k, bit in enumerate(row))
        care = sum((bit is not None) << k for k, bit in enumerate(row))
        return value, care
