"""Reference model: bidirectional shift register."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """A row of bits, highest first; None is a bit that nothing has written yet."""

    def setup(self) -> None:
        self.bias = {"clr": 0.08}
        self.row: list[int | None] = [None] * self.p.width

    def power_up(self) -> None:
        self.row = [None] * self.p.width

    def reset(self) -> None:
        self.row = [int(digit) for digit in f"{self.p.reset_value:0{self.p.width}b}"]

    def step(self, i: Values) -> None:
        if self.p.with_clear and i.clr:
            self.row = [0] * self.p.width
        elif self.p.enable and not i.en:
            return
        elif self._goes_left(i):
            self.row = [*self.row[1:], i.si_left if self.p.two_inputs else i.si]
        else:
            self.row = [i.si_right if self.p.two_inputs else i.si, *self.row[:-1]]

    def _goes_left(self, i: Values) -> bool:
        return (i.dir == 1) is (self.p.high == "left")

    def outputs(self, i: Values) -> dict[str, Expected]:
        value = care = 0
        for bit in self.row:
            value = 2 * value + (bit or 0)
            care = 2 * care + (bit is not None)
        shown: dict[str, Expected] = {"q": (value, care)}
        if self.p.serial_out:
            shown["so"] = self.row[0] if self._goes_left(i) else self.row[-1]
        return shown

    def directed(self, s: Stimulus) -> None:
        width = self.p.width
        on = {"en": 1} if self.p.enable else {}
        off = {"en": 0} if self.p.enable else {}
        calm = {"clr": 0} if self.p.with_clear else {}
        names = ("si_left", "si_right") if self.p.two_inputs else ("si",)
        s.reset(1)
        for way in (0, 1):
            for first in range(len(names) + 1):
                # first: one of the serial inputs gives a lone one, or none of them does
                s.cycle(**on, **calm, dir=way, **{x: int(k == first) for k, x in enumerate(names)})
                s.hold(width + 1, **on, **calm, dir=way, **dict.fromkeys(names, 0))
            for _ in range(2 * width):
                s.cycle(**{**s.draw(), **on, **calm, "dir": way})
            for _ in range(3):
                s.cycle(**{**s.draw(), **off, **calm, "dir": 1 - way})
        if self.p.with_clear:
            for controls in (off, on, off):
                s.cycle(**{**s.draw(), **controls, "clr": 1})
                for _ in range(width):
                    s.cycle(**{**s.draw(), **on, **calm, "dir": 1})
        for _ in range(60):
            s.cycle(**{**s.draw({"en": 0.8}), **calm})
        if self.p.reset != "none":
            for clear in ({"clr": 1}, {"clr": 0}) if self.p.with_clear else ({},):
                for controls in (on, off):
                    s.cycle(**{**s.draw(), **controls, **clear, "rst": 1})
                    s.cycle(**{**s.draw(), **on, **calm, "rst": 0})
