"""Reference model: UART transmitter that plays a list of line levels."""

from __future__ import annotations

from itertools import product

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus

ROOM = {"idle": 0, "early": 0, "one": 1, "two": 2}


class Reference(Model):
    """The words stored, what is on the line, and the levels that are still to come."""

    def setup(self) -> None:
        self.bits_in_frame = 1 + self.p.bits + (self.p.parity != "none") + self.p.stops
        self.length = self.p.div * self.bits_in_frame
        self.cycles = 250
        self.bias = {"valid": 0.4, "cts": 0.7, "brk": 0.02}
        self.room = ROOM[self.p.entry]
        self.power_up()

    def power_up(self) -> None:
        self.words: list[int] = []
        self.what = "nothing"  # or frame, break, pause
        self.line: list[int] = []  # the levels after the present one
        self.tx = 1
        self.done = 0

    def reset(self) -> None:
        self.power_up()

    def _ready(self) -> bool:
        if self.room:
            return len(self.words) < self.room
        last_cycle = self.what == "frame" and not self.line
        return self.what == "nothing" or (self.p.entry == "early" and last_cycle)

    def step(self, i: Values) -> None:
        accepted = i.valid and self._ready()
        self.done = 0
        self._advance(i)
        if accepted and not self.room:
            self._play("frame", self._frame(i.data))
        elif self.what == "nothing" and self.p.breaks and i.brk:
            self._play("break", [0] * self.length)
        elif self.what == "nothing" and self.words and (not self.p.flow or i.cts):
            self._play("frame", self._frame(self.words.pop(0)))
        if accepted and self.room:
            self.words.append(i.data)

    def _advance(self, i: Values) -> None:
        """Go on with what is on the line; the end of a frame or a pause leaves nothing there."""
        if self.line:
            self.tx = self.line.pop(0)
        elif self.what == "break":
            if not i.brk:
                self._play("pause", [1] * self.p.div)
        else:
            self.done = int(self.what == "frame")
            self.what, self.tx = "nothing", 1

    def _play(self, what: str, levels: list[int]) -> None:
        self.what, self.line = what, levels
        self.tx = self.line.pop(0)

    def _frame(self, word: int) -> list[int]:
        bits = [(word >> k) & 1 for k in range(self.p.bits)]
        if self.p.parity != "none":
            bits.append((sum(bits) + (self.p.parity == "odd")) % 2)
        return [b for b in (0, *bits, *[1] * self.p.stops) for _ in range(self.p.div)]

    def outputs(self, i: Values) -> dict[str, Expected]:
        shown: dict[str, Expected] = {"tx": self.tx, "done": self.done, "ready": int(self._ready())}
        if self.p.entry == "two":
            shown["level"] = len(self.words)
        return shown

    def directed(self, s: Stimulus) -> None:
        ones = 2**self.p.bits - 1
        s.reset(1)
        self._go(s, 3, valid=0)
        for word in (1, ones - 1, 0, ones, s.rng.randint(0, ones)):  # one by one
            self._go(s, 1, valid=1, data=word)
            self._until_idle(s)
            self._go(s, word % 3, valid=0)
        self._go(s, 5 * self.length, valid=1)  # without a pause, other data at every edge
        self._until_idle(s)
        for early in (0, 1, 2):  # the last cycles of a frame, and the first after it
            self._go(s, 1, valid=1)
            self._go(s, self.length - early + bool(self.room), valid=0)
            self._go(s, 1, valid=1)
            self._until_idle(s)
        if self.room:
            self._stores(s)
        if self.p.flow:
            self._flow(s)
        if self.p.breaks:
            self._breaks(s)
        if self.p.reset != "none":
            self._resets(s)

    def _stores(self, s: Stimulus) -> None:
        """Words that arrive at every moment around the end of a frame."""
        for pattern in product((0, 1), repeat=3):
            self._go(s, 1, valid=1)
            self._until(s, 1)
            for offered in pattern:
                self._go(s, 1, valid=offered)
            self._until_idle(s)

    def _flow(self, s: Stimulus) -> None:
        for open_at in range(5):
            self._go(s, 4, valid=1, cts=0)
            self._go(s, open_at, valid=0, cts=0)
            self._go(s, 1, valid=0, cts=1)
            self._go(s, self.length - 3 + open_at, valid=0, cts=0)
            self._go(s, 1, valid=0, cts=1)
            self._go(s, 2, valid=1, cts=0)
            self._until_idle(s)

    def _breaks(self, s: Stimulus) -> None:
        n = self.length
        for length, words in product((1, n - 1, n, n + 1, n + self.p.div + 2), (0, 3)):
            self._go(s, 1, valid=int(words > 0), brk=1)
            self._go(s, length - 1, valid=int(words > 1), brk=1)
            self._until_idle(s)
        for early in (0, 1, 2):  # asked for around the end of a frame, with words stored
            self._go(s, 4, valid=1)
            self._until(s, early)
            self._go(s, 1, valid=0, brk=1)
            self._go(s, 2, valid=1)
            self._until_idle(s)
        for again in range(self.p.div + 2):  # and again in the pause
            self._go(s, 2, valid=0, brk=1)
            while self.what == "break":
                self._go(s, 1, valid=1, brk=0)
            self._go(s, again, valid=0, brk=0)
            self._go(s, 1, valid=0, brk=1)
            self._until_idle(s)
        self._go(s, 3 * n, valid=1, brk=1)
        self._until_idle(s)

    def _resets(self, s: Stimulus) -> None:
        n, div = self.length, self.p.div
        moments = (0, 1, div, n - div, n, n + 1)
        for brk, moment in product((0, 1) if self.p.breaks else (0,), moments):
            self._go(s, 1, valid=0, brk=brk)
            self._go(s, moment + 1, valid=1)
            s.cycle(**{**s.draw(), "valid": 1, "rst": 1})
            s.cycle(**{**self._quiet(), "valid": 0, "rst": 0})
            self._go(s, 3, valid=0)
            self._go(s, 1, valid=1)
            self._until_idle(s)

    def _until(self, s: Stimulus, left: int) -> None:
        """Wait in a frame until `left` of its cycles remain behind the present one."""
        while self.what != "frame" or len(self.line) > left:
            self._go(s, 1, valid=0)

    def _until_idle(self, s: Stimulus) -> None:
        while self.what != "nothing" or self.words:
            self._go(s, 1, valid=0)
        self._go(s, 1, valid=0)

    def _go(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        """Random data; the line free to use and no break unless `inputs` say so."""
        known = {k: v for k, v in inputs.items() if k != "brk" or self.p.breaks}
        for _ in range(cycles):
            s.cycle(**{**s.draw(), **self._quiet(), **known})

    def _quiet(self) -> dict[str, int]:
        return {**({"cts": 1} if self.p.flow else {}), **({"brk": 0} if self.p.breaks else {})}
