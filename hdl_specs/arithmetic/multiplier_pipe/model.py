"""Reference model: pipelined multiplier, free-running, with valid bits or elastic."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus

EMPTY = -1
"""Stands for a place in the pipeline without a product."""


class Reference(Model):
    """Places of the pipeline, the output last: a product, EMPTY, or None (never filled)."""

    def setup(self) -> None:
        self.elastic = self.p.flow == "elastic"
        self.bias = {"in_valid": 0.7, "en": 0.8, "out_ready": 0.6}
        self.places: list[int | None] = [None] * self.p.latency

    def power_up(self) -> None:
        self.setup()

    def reset(self) -> None:
        self.places = [EMPTY] * self.p.latency

    def value(self, raw: int, signed: bool) -> int:
        """The number that an operand stands for."""
        return raw - (1 << self.p.width) if signed and raw >> (self.p.width - 1) else raw

    def product_of(self, i: Values) -> int:
        """The product as a bit pattern."""
        both = self.p.operands == "signed"
        chosen = self.p.operands == "chosen"
        a = self.value(i.a, both or (chosen and bool(i.sa)))
        b = self.value(i.b, both or (chosen and bool(i.sb)))
        modulus: int = 1 << (2 * self.p.width)
        return a * b % modulus

    def step(self, i: Values) -> None:
        if self.elastic:
            self._flow(i)
            return
        if not self.p.enable or i.en:
            sampled = self.p.flow == "free" or i.in_valid
            self.places = [self.product_of(i) if sampled else EMPTY, *self.places[:-1]]

    def _flow(self, i: Values) -> None:
        accepts = self.accepts(i)
        if i.out_ready:
            self.places[-1] = EMPTY
        for k in reversed(range(self.p.latency - 1)):
            if self.places[k + 1] == EMPTY:
                self.places[k + 1], self.places[k] = self.places[k], EMPTY
        if i.in_valid and accepts:
            self.places[0] = self.product_of(i)

    def accepts(self, i: Values) -> bool:
        """Whether operands can be taken at the coming edge."""
        return bool(i.out_ready) or EMPTY in self.places

    def outputs(self, i: Values) -> dict[str, Expected]:
        last = self.places[-1]
        shown: dict[str, Expected] = {"p": 0 if last == EMPTY else last}
        if self.p.flow != "free":
            shown["out_valid"] = int(last != EMPTY)
        if self.elastic:
            shown["in_ready"] = int(self.accepts(i))
        return shown

    def directed(self, s: Stimulus) -> None:
        w, on = self.p.width, {"en": 1} if self.p.enable else {}
        flowing = {} if self.p.flow == "free" else {"in_valid": 1}
        if self.elastic:
            flowing["out_ready"] = 1
        go = {**on, **flowing}
        corners = (0, 1, (1 << w) - 1, (1 << w) - 2, 1 << (w - 1), (1 << (w - 1)) - 1)
        signs = list(product((0, 1), repeat=2)) if self.p.operands == "chosen" else [(0, 0)]
        for a, b in product(corners, repeat=2):
            for sa, sb in signs:
                flags = {"sa": sa, "sb": sb} if self.p.operands == "chosen" else {}
                s.cycle(**{**s.draw(), **go, **flags, "a": a, "b": b})
        for k, j in product(range(w), repeat=2):
            s.cycle(**{**s.draw(), **go, "a": 1 << k, "b": 1 << j})
        self._pauses(s, go)
        if self.elastic:
            self._stalls(s)
        for k in range(2 * self.p.latency):
            for _ in range(k):
                s.cycle(**{**s.draw(), **go})
            s.reset(1)
            for _ in range(self.p.latency + 1):
                quiet = {"in_valid": k & 1} if self.p.flow != "free" else {}
                s.cycle(**{**s.draw(), **go, **quiet})

    def _pauses(self, s: Stimulus, go: dict[str, int]) -> None:
        """Gaps of every length between operands."""
        for pause in range(self.p.latency + 2):
            s.cycle(**{**s.draw(), **go})
            if self.p.flow != "free":
                for _ in range(pause):
                    s.cycle(**{**s.draw(), **go, "in_valid": 0})
            if self.p.enable:
                for _ in range(pause):
                    s.cycle(**{**s.draw(), "en": 0})

    def _stalls(self, s: Stimulus) -> None:
        """Every pattern of gaps before a stall, and every pattern of takes after it."""
        depth = self.p.latency
        for gaps in product((0, 1), repeat=depth + 1):
            for valid in gaps:
                s.cycle(**{**s.draw(), "in_valid": valid, "out_ready": 0})
            for taken in gaps:
                s.cycle(**{**s.draw(), "in_valid": 1 - valid, "out_ready": taken})
            for _ in range(depth + 1):
                s.cycle(**{**s.draw(), "in_valid": 0, "out_ready": 1})
