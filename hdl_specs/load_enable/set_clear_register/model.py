"""Reference model: register whose bits are set, cleared, toggled and loaded by priority."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """A list of bits, bit 0 first; a bit is None until it is known."""

    def setup(self) -> None:
        self.requests: list[str] = self.p.order.split(">")
        self.top = (1 << self.p.width) - 1
        self.bits: list[int | None] = [None] * self.p.width

    def power_up(self) -> None:
        self.bits = [None] * self.p.width

    def reset(self) -> None:
        self.bits = [self.p.reset_value >> k & 1 for k in range(self.p.width)]

    def step(self, i: Values) -> None:
        if not self.p.enable or i.en:
            self.bits = [self.after(i, k, bit) for k, bit in enumerate(self.bits)]

    def after(self, i: Values, k: int, bit: int | None) -> int | None:
        """What bit number `k` becomes by the first request that applies to it."""
        for request in self.requests:
            per_bit = self.p.masks and request != "load"
            if not (i[request] >> k & 1 if per_bit else i[request]):
                continue
            if request == "load":
                return int(i.d >> k & 1)
            if request == "tgl":
                return None if bit is None else 1 - bit
            return int(request == "set")
        return bit

    def outputs(self, i: Values) -> dict[str, Expected]:
        value = sum((bit or 0) << k for k, bit in enumerate(self.bits))
        return {"q": (value, sum((bit is not None) << k for k, bit in enumerate(self.bits)))}

    def directed(self, s: Stimulus) -> None:
        on = {"en": 1} if self.p.enable else {}
        wide = self.top if self.p.masks else 1
        masks = {r: self.top if r != "load" and self.p.masks else 1 for r in self.requests}
        start = dict.fromkeys(self.requests, 0)
        s.reset(1)
        for levels in product((0, 1), repeat=len(self.requests)):
            requested = {r: masks[r] * v for r, v in zip(self.requests, levels, strict=True)}
            for first in ("set", "clr"):
                for en in (0, 1) if self.p.enable else (1,):
                    s.cycle(**{**s.draw(), **start, first: wide, **on})
                    with_enable = {"en": en} if self.p.enable else {}
                    s.cycle(**{**s.draw(), **requested, **with_enable})
                    s.cycle(**{**s.draw(), **start, **on})
        if self.p.masks:
            for k in range(self.p.width):
                for request in self.requests:
                    s.cycle(**{**s.draw(), **start, request: 1 << k if masks[request] > 1 else 1})
            for _ in range(60):
                few = s.draw({"load": 0.15})
                s.cycle(**few)
        s.reset(1)
        s.cycle(**{**s.draw(), **start})
