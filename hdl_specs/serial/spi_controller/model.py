"""Reference model: SPI controller, modes 0 to 3."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Clock edges since the transfer began (None: idle), its bits in order of transmission."""

    def setup(self) -> None:
        self.cycles = 300
        self.bias = {"start": 0.3}
        self.power_up()

    def power_up(self) -> None:
        self.age: int | None = None
        self.bits: list[int] = []
        self.samples: list[int] = []
        self.done = 0
        self.rx: int | None = None

    def reset(self) -> None:
        self.power_up()
        self.rx = 0

    def _in_order(self, bits: list[int]) -> list[int]:
        """From least significant first to order of transmission, or back."""
        return bits if self.p.order == "lsb" else bits[::-1]

    def step(self, i: Values) -> None:
        self.done = 0
        if self.age is None:
            if i.start:
                self.age, self.samples = 0, []
                self.bits = self._in_order([(i.tx >> k) & 1 for k in range(self.p.width)])
            return
        self.age += 1
        toggle, rest = divmod(self.age, self.p.half)
        if rest:
            return
        if toggle > 2 * self.p.width:
            self.rx = sum(bit << k for k, bit in enumerate(self._in_order(self.samples)))
            self.age = None
            self.done = 1
        elif toggle % 2 != self.p.cpha:
            self.samples.append(i.miso)

    def outputs(self, i: Values) -> dict[str, Expected]:
        sclk, mosi = self.p.cpol, 0
        if self.age is not None:
            toggles = self.age // self.p.half
            sclk ^= toggles % 2
            shown = max(0, toggles - self.p.cpha) // 2
            mosi = self.bits[min(shown, self.p.width - 1)]
        return {
            "cs_n": int(self.age is None),
            "sclk": sclk,
            "mosi": mosi,
            "rx": self.rx,
            "done": self.done,
        }

    def directed(self, s: Stimulus) -> None:
        ones = 2**self.p.width - 1
        length = (2 * self.p.width + 1) * self.p.half
        s.reset(1)
        s.hold(3, start=0, tx=ones, miso=1)
        for word in (1, 1 << (self.p.width - 1), 0, ones, s.rng.randint(0, ones)):
            s.cycle(start=1, tx=word, miso=1)
            self._run(s, length + 2, 0)
        self._run(s, 4 * length, 1)  # start never falls
        self._run(s, length + 2, 0)
        for late in (1, self.p.half, length - 2, length - 1, length, length + 1):
            self._run(s, 1, 1)
            self._run(s, late, 0)
            self._run(s, 1, 1)
            self._run(s, 2 * length - late + 3, 0)
        for moment in (*range(0, length - 1, 1 + length // 8), length - 1, length, length + 1):
            if self.p.reset != "none":
                self._run(s, 1, 1)
                self._run(s, moment, 0)
                s.reset(1)
                self._run(s, 3, 0)

    def _run(self, s: Stimulus, cycles: int, start: int) -> None:
        for _ in range(cycles):
            s.cycle(**{**s.draw(), "start": start})
