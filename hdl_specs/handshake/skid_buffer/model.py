"""Reference model: skid buffer between a sender and a receiver."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The stored words, oldest first; in late mode whether the sender may send now."""

    def setup(self) -> None:
        self.cycles = 250
        self.bias = {"flush": 0.08, "s_valid": 0.6}
        self.room = {"pass": 1, "full": 2, "late": 3}[self.p.mode]
        self.power_up()

    def power_up(self) -> None:
        self.words: list[int] = []
        self.may_send = False

    def reset(self) -> None:
        self.power_up()

    def _ready(self) -> bool:
        return len(self.words) < (2 if self.p.mode == "late" else self.room)

    def step(self, i: Values) -> None:
        ready = self._ready()
        late = self.p.mode == "late"
        accepted = i.s_valid and (self.may_send if late else ready)
        if self.p.mode == "pass" and accepted:
            self.words.append(i.s_data)
            accepted = False
        if self.words and i.m_ready:
            self.words.pop(0)
        if accepted:
            self.words.append(i.s_data)
        if self.p.flushable and i.flush:
            self.words = []
        self.may_send = ready

    def outputs(self, i: Values) -> dict[str, Expected]:
        offered: int | None = self.words[0] if self.words else None
        if self.p.mode == "pass" and offered is None and i.s_valid:
            offered = i.s_data
        shown: dict[str, Expected] = {
            "s_ready": int(self._ready()),
            "m_valid": int(offered is not None),
            "m_data": offered,
        }
        if self.p.show_level:
            shown["level"] = len(self.words)
        return shown

    def directed(self, s: Stimulus) -> None:
        s.reset(1)
        self._run(s, "1111", "1111")  # the very first edges
        s.reset(1)
        self._run(s, "000", "010")
        for bits in product("01", repeat=5):  # all short sequences of offers and takes
            self._run(s, "".join(bits) + "1", "".join(reversed(bits)) + "0")
        for valid, ready in (
            ("1" * 12, "1" * 12),
            ("1" * 12, "0" * 12),
            ("0" * 6, "1" * 6),
            ("1" * 16, "01" * 8),
            ("01" * 8, "1" * 16),
            ("1" * 18, "001" * 6),
            ("1" * 20, "00001" * 4),
            ("1111100000" * 2, "0000011111" * 2),
        ):
            self._run(s, valid, ready)
        if self.p.flushable:
            for fill, offer, take in product(range(5), (0, 1), (0, 1)):
                self._run(s, "000000", "111111")
                self._run(s, "1" * fill, "0" * fill)
                s.cycle(**{**s.draw(), "flush": 1, "s_valid": offer, "m_ready": take})
                self._run(s, "1011", "0011")
        if self.p.reset != "none":
            for fill, offer in product(range(5), (0, 1)):
                self._run(s, "0000", "1111")
                self._run(s, "1" * fill, "0" * fill)
                s.cycle(**{**s.draw(), "s_valid": offer, "m_ready": 0, "rst": 1})
                s.cycle(**{**s.draw(), "flush": 0} if self.p.flushable else s.draw(), rst=0)
                self._run(s, "111", "000")

    def _run(self, s: Stimulus, valid: str, ready: str) -> None:
        """One cycle a character; the data are random."""
        flush = {"flush": 0} if self.p.flushable else {}
        for v, r in zip(valid, ready, strict=True):
            s.cycle(**{**s.draw(), **flush, "s_valid": int(v), "m_ready": int(r)})
