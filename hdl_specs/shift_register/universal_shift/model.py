"""Reference model: universal shift register with an operation table."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """A row of bits, lowest first."""

    def setup(self) -> None:
        self.operations: list[str] = self.p.codes.split()
        self.row: list[int] = [0] * self.p.width

    def reset(self) -> None:
        self.row = [(self.p.reset_value >> k) & 1 for k in range(self.p.width)]

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        operation = self.operations[i.mode] if i.mode < len(self.operations) else "hold"
        row = self.row
        if operation == "load":
            self.row = [(i.d >> k) & 1 for k in range(self.p.width)]
        elif operation == "clear":
            self.row = [0] * self.p.width
        elif operation in ("left", "rol"):
            self.row = [i.si_left if operation == "left" else row[-1], *row[:-1]]
        elif operation in ("right", "ror", "asr"):
            arriving = {"right": i.si_right, "ror": row[0], "asr": row[-1]}[operation]
            self.row = [*row[1:], arriving]

    def outputs(self, i: Values) -> dict[str, Expected]:
        return {"q": sum(bit << k for k, bit in enumerate(self.row))}

    def directed(self, s: Stimulus) -> None:
        width, load = self.p.width, self.operations.index("load")
        on = {"en": 1} if self.p.enable else {}
        s.reset(1)
        for code in range(1 << self.p.mode_bits):
            for pattern in (1, 1 << (width - 1), s.rng.getrandbits(width) | 1):
                for level in (0, 1):
                    s.cycle(**on, mode=load, d=pattern, si_left=level, si_right=level)
                    for _ in range(3):
                        s.cycle(**on, mode=code, d=pattern ^ 5, si_left=level, si_right=1 - level)
            if self.p.enable:
                for _ in range(3):
                    s.cycle(**{**s.draw(), "mode": code, "en": 0})
            for _ in range(width):
                s.cycle(**{**s.draw(), **on, "mode": code})
