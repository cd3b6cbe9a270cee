"""Reference model: width converter with valid/ready handshake."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Up: the parts collected and whether they are on offer. Down: the parts not yet sent."""

    def setup(self) -> None:
        self.cycles = 300
        self.bias = {"s_valid": 0.65, "s_last": 0.25}
        self.power_up()

    def power_up(self) -> None:
        self.parts: list[int] = []
        self.offered = False

    def reset(self) -> None:
        self.power_up()

    def _ready(self, i: Values) -> bool:
        if not self.offered:
            return True
        last = self.p.way == "up" or len(self.parts) == 1
        return bool(self.p.gapless and last and i.m_ready)

    def step(self, i: Values) -> None:
        accepted = i.s_valid and self._ready(i)
        if self.offered and i.m_ready:
            self.parts = [] if self.p.way == "up" else self.parts[1:]
            self.offered = bool(self.parts)
        if not accepted:
            return
        if self.p.way == "up":
            self.parts.append(i.s_data)
            early = self.p.partial and i.s_last
            self.offered = bool(early or len(self.parts) == self.p.ratio)
        else:
            self.parts = self._split(i)
            self.offered = True

    def _split(self, i: Values) -> list[int]:
        size = 2**self.p.narrow
        parts = [i.s_data // size**k % size for k in range(self.p.ratio)]
        if self.p.first == "high":
            parts.reverse()
        return parts[: i.s_parts + 1] if self.p.partial else parts

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {
            "s_ready": int(self._ready(i)),
            "m_valid": int(self.offered),
            "m_data": None,
        }
        if self.p.way == "down":
            if self.offered:
                shown["m_data"] = self.parts[0]
            if self.p.partial:
                shown["m_last"] = int(len(self.parts) == 1) if self.offered else None
            return shown
        data = keep = 0
        for k, part in enumerate(self.parts):
            place = k if self.p.first == "low" else self.p.ratio - 1 - k
            data |= part << (place * self.p.narrow)
            keep |= 1 << place
        shown["m_data"] = data if self.offered else None
        if self.p.partial:
            shown["m_keep"] = keep if self.offered else None
        return shown

    def directed(self, s: Stimulus) -> None:
        ratio = self.p.ratio
        s.reset(1)
        self._run(s, "1" * 5 * ratio, "1" * 5 * ratio)
        self._run(s, "1" * 3 * ratio, "0" * 3 * ratio)
        self._run(s, "0" * 2 * ratio, "1" * 2 * ratio)
        for bits in product("01", repeat=4):
            for waits in product("01", repeat=4):
                if bits.count("1") % 2 == waits.count("1") % 2:
                    self._run(s, "".join(bits), "".join(waits))
        for valid, ready in (
            ("1" * 24, "01" * 12),
            ("01" * 12, "1" * 24),
            ("0001" * 6, "1" * 24),
            ("1" * 24, "0001" * 6),
        ):
            self._run(s, valid, ready)
        if self.p.partial:
            self._lengths(s)
        if self.p.reset != "none":
            for fill, take in product(range(ratio + 1), (0, 1)):
                self._run(s, "0" * ratio, "1" * ratio)
                self._run(s, "1" * fill, "0" * fill)
                s.cycle(**{**s.draw(), "s_valid": 1, "m_ready": take, "rst": 1})
                s.cycle(**{**s.draw(), "s_valid": 0, "rst": 0})
                self._run(s, "1" * ratio, "0" * ratio)

    def _lengths(self, s: Stimulus) -> None:
        """Words of every length, waiting and not, followed at once by one of every length."""
        name = "s_last" if self.p.way == "up" else "s_parts"
        for one, two, wait in product(range(self.p.ratio), range(self.p.ratio), (0, 1)):
            for length in (one, two, one):
                given = [length] if name == "s_parts" else [0] * length + [1]
                for value in given:
                    while not self._ready(Values({"m_ready": 1 - wait})):
                        s.cycle(**{**s.draw(), "s_valid": 1 - wait, "m_ready": 1})
                    s.cycle(**{**s.draw(), name: value, "s_valid": 1, "m_ready": 1 - wait})

    def _run(self, s: Stimulus, valid: str, ready: str) -> None:
        """One cycle a character, whole words; the data are random."""
        whole = {"s_last": 0} if self.p.partial and self.p.way == "up" else {}
        if self.p.partial and self.p.way == "down":
            whole = {"s_parts": self.p.ratio - 1}
        for v, r in zip(valid, ready, strict=True):
            s.cycle(**{**s.draw(), **whole, "s_valid": int(v), "m_ready": int(r)})
