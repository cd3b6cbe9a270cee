"""Reference model: serial-to-parallel converter with several kinds of framing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Collects the bits of the word in progress; None where no word is in progress."""

    def setup(self) -> None:
        self.cycles = 400
        self.bias = {"en": 0.8, "first": 0.12}
        self.received: list[int] | None = None
        self.word: int | None = None
        self.valid = self.err = 0

    def power_up(self) -> None:
        self.received = None
        self.word = None
        self.valid = self.err = 0

    def reset(self) -> None:
        self.power_up()
        self.word = 0

    def step(self, i: Values) -> None:
        self.valid = self.err = 0
        if not self.p.enable or i.en:
            {"free": self._free, "first": self._marked, "start": self._framed}[self.p.framing](i)

    def _free(self, i: Values) -> None:
        self.received = [*(self.received or []), i.si]
        if len(self.received) == self.p.width:
            self._deliver(self.received)

    def _marked(self, i: Values) -> None:
        if i.first:
            self.received = [i.si]
        elif self.received is not None:
            self.received.append(i.si)
            if len(self.received) == self.p.width:
                self._deliver(self.received)

    def _framed(self, i: Values) -> None:
        if self.received is None:
            if i.si == 0:
                self.received = []
        elif len(self.received) < self.p.width:
            self.received.append(i.si)
        elif i.si == 1:
            self._deliver(self.received)
        else:
            self.received = None
            self.err = 1

    def _deliver(self, received: list[int]) -> None:
        digits = received if self.p.order == "msb" else received[::-1]
        self.word = int("".join(map(str, digits)), 2)
        self.valid = 1
        self.received = None

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"word": self.word, "valid": self.valid}
        if self.p.framing == "start":
            shown["err"] = self.err
        return shown

    def directed(self, s: Stimulus) -> None:
        width = self.p.width
        ones = (1 << width) - 1
        s.reset(1)
        words = [1, 1 << (width - 1), 0, ones, *(s.rng.randint(0, ones) for _ in range(4))]
        for number, word in enumerate(words):
            line = self._line([(word >> k) & 1 for k in range(width)])
            self._send(s, line, dict.fromkeys(range(len(line)), number % 3))
            self._idle(s, number % 4)
        for stalled in range(width + 2):
            self._send(s, self._any_line(s), {stalled: 3})
        if self.p.framing == "first":
            for cut in range(width + 1):
                self._send(s, [1] * cut)
                self._send(s, self._any_line(s))
            self._idle(s, width + 3)
        if self.p.framing == "start":
            for after in (0, 1, 2, 5):
                self._send(s, [*self._any_line(s)[:-1], 0])
                self._idle(s, after)
                self._send(s, self._any_line(s))
            for _ in range(3 * width):
                s.cycle(**self._on(), si=0)
            self._idle(s, 2 * width)
            self._send(s, [*self._any_line(s)[:-1], 0])
            s.reset(1)
        for cut in range(width + 3):
            self._send(s, self._any_line(s)[:cut])
            s.reset(1)
            self._send(s, self._any_line(s))

    def _on(self) -> dict[str, int]:
        return {"en": 1} if self.p.enable else {}

    def _line(self, bits: Sequence[int]) -> list[int]:
        return [0, *bits, 1] if self.p.framing == "start" else list(bits)

    def _any_line(self, s: Stimulus) -> list[int]:
        return self._line([s.rng.randint(0, 1) for _ in range(self.p.width)])

    def _send(
        self, s: Stimulus, line: Sequence[int], stalls: Mapping[int, int] | None = None
    ) -> None:
        """One word; before the bits that `stalls` names, so many edges without enable."""
        for k, bit in enumerate(line):
            marker = {"first": int(k == 0)} if self.p.framing == "first" else {}
            if self.p.enable:
                for _ in range((stalls or {}).get(k, 0)):
                    s.cycle(**{**s.draw(), "en": 0})
            s.cycle(**self._on(), **marker, si=bit)

    def _idle(self, s: Stimulus, cycles: int) -> None:
        """Edges between words; where every bit is part of a word, edges without enable."""
        for k in range(cycles):
            if self.p.framing == "first":
                s.cycle(**self._on(), first=0, si=k % 2)
            elif self.p.framing == "start":
                s.cycle(**self._on(), si=1)
            elif self.p.enable:
                s.cycle(**{**s.draw(), "en": 0})
