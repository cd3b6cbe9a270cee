"""Reference model: parallel-to-serial converter."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """What the line will show, one entry per clock cycle; an empty plan means idle."""

    def setup(self) -> None:
        self.cycles = 300
        self.bias = {"start": 0.35, "en": 0.85}
        self.coming: list[int] = []
        self.pulse = 0

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.coming = []
        self.pulse = 0

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        may_start = not self.coming or (self.p.gapless and len(self.coming) == 1)
        self.pulse = int(len(self.coming) == 1)
        self.coming = self.coming[1:]
        if i.start and may_start:
            self.coming = self._line(i.d)

    def _line(self, word: int) -> list[int]:
        sent = [(word >> k) & 1 for k in range(self.p.width)]
        if self.p.order == "msb":
            sent.reverse()
        if self.p.parity != "none":
            odd = sum(sent) % 2
            sent.append(odd if self.p.parity == "even" else 1 - odd)
        return [bit for bit in sent for _ in range(self.p.div)]

    def outputs(self, i: Values) -> dict[str, Expected]:
        last = int(len(self.coming) == 1)
        return {
            "so": self.coming[0] if self.coming else self.p.idle,
            "busy": int(bool(self.coming)),
            "done": last if self.p.done_at == "last" else self.pulse,
        }

    def directed(self, s: Stimulus) -> None:
        on = {"en": 1} if self.p.enable else {}
        width = self.p.width
        length = len(self._line(0))
        ones = (1 << width) - 1
        s.reset(1)
        s.hold(length + 3, **on, start=0, d=ones)
        # lone words, d changing underneath
        for word in (1, 1 << (width - 1), 0, ones, s.rng.randint(0, ones)):
            s.cycle(**on, start=1, d=word)
            s.hold(length + 2, **on, start=0, d=word ^ ones)
        # start never falls
        for _ in range(3 * length + 5):
            s.cycle(**on, start=1, d=s.rng.randint(0, ones))
        s.hold(length + 2, **on, start=0, d=0)
        # a second start at each cycle of a transmission (long ones: near both ends)
        for late in (k for k in range(length + 2) if not 6 < k < length - 4 or k == length // 2):
            s.cycle(**on, start=1, d=s.rng.randint(0, ones))
            s.hold(late, **on, start=0, d=ones)
            s.cycle(**on, start=1, d=s.rng.randint(0, ones))
            while s.now["busy"]:
                s.cycle(**on, start=0, d=ones)
            s.hold(2, **on, start=0, d=ones)
        if self.p.reset != "none":
            for start in (0, 1):
                for en in (0, 1) if self.p.enable else (1,):
                    s.cycle(**on, start=1, d=ones)
                    s.hold(2, **on, start=0, d=0)
                    s.cycle(**({"en": en} if self.p.enable else {}), start=start, d=ones, rst=1)
                    s.hold(length + 2, **on, start=0, d=0, rst=0)
        if self.p.enable:
            self._stalls(s, length)

    def _stalls(self, s: Stimulus, length: int) -> None:
        """The enable goes away in each cycle of a transmission in turn."""
        for stall in range(length + 2):
            s.cycle(en=0, start=1, d=s.rng.getrandbits(self.p.width))
            s.cycle(en=1, start=1, d=s.rng.getrandbits(self.p.width))
            s.hold(stall, en=1, start=0, d=0)
            s.hold(2, en=0, start=1, d=s.rng.getrandbits(self.p.width))
            s.hold(length + 2 - stall, en=1, start=0, d=0)
