"""Reference model: pipeline of valid/ready stages."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The word of each stage, or None."""

    def setup(self) -> None:
        self.cycles = 250
        self.bias = {"s_valid": 0.6}
        self.power_up()

    def power_up(self) -> None:
        self.stage: list[int | None] = [None] * self.p.stages

    def reset(self) -> None:
        self.power_up()

    def _leaving(self, i: Values) -> list[bool]:
        """Which stages can take something else at the coming edge, having given up their own."""
        moves = [False] * self.p.stages
        ahead = bool(i.m_ready)
        if self.p.advance == "lockstep":
            return [bool(i.m_ready or self.stage[-1] is None)] * self.p.stages
        for k in reversed(range(self.p.stages)):
            moves[k] = self.stage[k] is not None and ahead
            ahead = self.stage[k] is None or (moves[k] and self.p.advance != "bubble")
        return moves

    def _ready(self, i: Values) -> bool:
        if self.p.advance == "lockstep":
            return self._leaving(i)[0]
        empty = self.stage[0] is None
        return empty or (self.p.advance != "bubble" and self._leaving(i)[0])

    def step(self, i: Values) -> None:
        ready = self._ready(i)
        moves = self._leaving(i)
        after: list[int | None] = [None] * self.p.stages
        for k, word in enumerate(self.stage):
            if word is None or (self.p.killable and (i.kill >> k) & 1):
                continue
            target = k + 1 if moves[k] else k
            if target < self.p.stages:
                after[target] = word
        if ready and i.s_valid:
            after[0] = i.s_data
        self.stage = after

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {
            "s_ready": int(self._ready(i)),
            "m_valid": int(self.stage[-1] is not None),
            "m_data": self.stage[-1],
        }
        if self.p.show_stages:
            shown["occupied"] = sum(1 << k for k, w in enumerate(self.stage) if w is not None)
        return shown

    def directed(self, s: Stimulus) -> None:
        depth = self.p.stages
        s.reset(1)
        self._run(s, "1" + "0" * (depth + 2), "1" * (depth + 3))
        for bits in product("01", repeat=4):  # all patterns of gaps against all of waiting
            for waits in product("01", repeat=3):
                self._run(s, "".join(bits), "0" * (4 - len(waits)) + "".join(waits))
        for valid, ready in (
            ("1" * 12, "1" * 12),
            ("1" * 12, "0" * 12),
            ("0" * 8, "1" * 8),
            ("10" * 8, "0" * 16),
            ("1" * 16, "01" * 8),
            ("1" * 18, "001" * 6),
            ("0" * 8, "1" * 8),
            ("01" * 8, "1" * 16),
            ("1001" * 4, "0111" * 4),
        ):
            self._run(s, valid, ready)
        if self.p.killable:
            self._kills(s)
        if self.p.reset != "none":
            for fill, take in product(range(depth + 1), (0, 1)):
                self._run(s, "0" * depth, "1" * depth)
                self._run(s, "1" * fill, "0" * fill)
                s.cycle(**{**s.draw(), "s_valid": 1, "m_ready": take, "rst": 1})
                s.cycle(**{**s.draw(), "s_valid": 0, "rst": 0})
                self._run(s, "0" * depth, "0" * depth)

    def _kills(self, s: Stimulus) -> None:
        """Every set of words destroyed in a full, a gapped and a moving pipeline."""
        depth = self.p.stages
        for mask in range(2**depth):
            for fill, offer, take in (("1" * depth, 1, 0), ("1" * depth, 1, 1), ("1010", 0, 0)):
                self._run(s, "0" * depth, "1" * depth)
                self._run(s, fill, "0" * len(fill))
                s.cycle(**{**s.draw(), "kill": mask, "s_valid": offer, "m_ready": take})
                self._run(s, "11", "01")

    def _run(self, s: Stimulus, valid: str, ready: str) -> None:
        """One cycle a character; the data are random."""
        kill = {"kill": 0} if self.p.killable else {}
        for v, r in zip(valid, ready, strict=True):
            s.cycle(**{**s.draw(), **kill, "s_valid": int(v), "m_ready": int(r)})
