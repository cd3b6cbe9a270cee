"""Reference model: UART receiver that samples in mid-bit."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Clock edges since the frame began (None: idle) and the samples of this frame."""

    def setup(self) -> None:
        self.cycles = 180
        self.bias = {"rx": 0.6}
        self.count = self.p.bits + (self.p.parity != "none") + 1
        self.power_up()

    def power_up(self) -> None:
        self.age: int | None = None
        self.samples: list[int] = []
        self.valid = self.err = 0
        self.q: int | None = None

    def reset(self) -> None:
        self.power_up()
        self.q = 0

    def step(self, i: Values) -> None:
        self.valid = self.err = 0
        if self.age is None:
            if not i.rx:
                self.age, self.samples = 0, []
            return
        self.age += 1
        since_start = self.age - self.p.div // 2
        if since_start == 0 and i.rx:
            self.age = None
        elif since_start > 0 and since_start % self.p.div == 0:
            self.samples.append(i.rx)
            if len(self.samples) == self.count:
                self._end()

    def _end(self) -> None:
        self.age = None
        checked = self.samples[:-1]
        wanted = {"even": 0, "odd": 1, "none": sum(checked) % 2}[self.p.parity]
        if self.samples[-1] and sum(checked) % 2 == wanted:
            self.valid = 1
            self.q = sum(bit << k for k, bit in enumerate(checked[: self.p.bits]))
        else:
            self.err = 1

    def outputs(self, i: Values) -> dict[str, Expected]:
        return {
            "q": self.q,
            "valid": self.valid,
            "err": self.err,
            "busy": int(self.age is not None),
        }

    def directed(self, s: Stimulus) -> None:
        ones = 2**self.p.bits - 1
        s.reset(1)
        self._frame(s, ones // 3)  # begins with the very first edge
        s.hold(4, rx=1)
        for word in (0, ones, 1, 2 ** (self.p.bits - 1), s.rng.randint(0, ones)):
            self._frame(s, word)
            s.hold(word % 3, rx=1)
        self._frame(s, ones // 3, stop=0)
        s.hold(3 * self.p.div, rx=1)
        self._frame(s, s.rng.randint(0, ones), flip=1)
        s.hold(2, rx=1)
        self._frame(s, 5, flip=1, stop=0)
        s.hold(3 * self.p.div, rx=1)
        for low in range(1, self.p.div + 1):  # false starts of every length
            s.hold(low, rx=0)
            while self.age is not None:
                s.cycle(rx=1)
            s.hold(2, rx=1)
        s.hold(2 * (self.count + 2) * self.p.div, rx=0)  # a line that stays low
        s.hold(2 * (self.count + 1) * self.p.div, rx=1)
        for _ in range(3):  # the line is right at the samples only
            self._noisy(s, s.rng.randint(0, ones))
        if self.p.reset != "none":
            for moment in (0, 1, self.p.div, 4 * self.p.div):
                self._frame(s, ones)
                s.cycle(rx=0)
                s.hold(moment, rx=moment % 2)
                s.reset(1)
                s.hold(3, rx=1)
            self._reset_while_valid(s, ones // 2)

    def _reset_while_valid(self, s: Stimulus, word: int) -> None:
        for bit in self._line(word, 1, 0):
            for _ in range(self.p.div):
                s.cycle(rx=bit)
                if s.now["valid"]:
                    s.reset(1)
        s.hold(self.p.div, rx=1)

    def _line(self, word: int, stop: int, flip: int) -> list[int]:
        line = [(word >> k) & 1 for k in range(self.p.bits)]
        if self.p.parity != "none":
            line.append((sum(line) + (self.p.parity == "odd") + flip) % 2)
        return [0, *line, stop]

    def _frame(self, s: Stimulus, word: int, stop: int = 1, flip: int = 0) -> None:
        for bit in self._line(word, stop, flip):
            s.hold(self.p.div, rx=bit)

    def _noisy(self, s: Stimulus, word: int) -> None:
        s.hold(2, rx=1)
        s.cycle(rx=0)
        for bit in self._line(word, 1, 0):
            s.hold(self.p.div // 2 - 1, rx=1 - bit)
            s.cycle(rx=bit)
            s.hold(self.p.div - self.p.div // 2, rx=1 - bit)
        s.hold(self.p.div + 2, rx=1)
