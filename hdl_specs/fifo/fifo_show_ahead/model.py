"""Reference model: first-word-fall-through FIFO between two valid/ready handshakes."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """A list of stored words and, in the staged kind, the word at the output."""

    def setup(self) -> None:
        self.cycles = 250
        self.staged = self.p.kind == "staged"
        self.power_up()

    def power_up(self) -> None:
        self.words: list[int] = []
        self.at_output = False
        self.shown = 0

    def reset(self) -> None:
        self.power_up()

    def _refill(self, i: Values) -> bool:
        """Whether the coming edge brings a word from the memory to the output register."""
        return bool(self.words) and (not self.at_output or bool(i.out_ready))

    def _in_ready(self, i: Values) -> bool:
        if len(self.words) < self.p.depth:
            return True
        if not self.p.ready_through:
            return False
        return self._refill(i) if self.staged else bool(i.out_ready)

    def step(self, i: Values) -> None:
        accepted = bool(i.in_valid) and self._in_ready(i)
        if self.staged:
            if self._refill(i):
                self.shown = self.words.pop(0)
                self.at_output = True
            elif i.out_ready:
                self.at_output = False
            if accepted:
                self.words.append(i.in_data)
            return
        had_words = bool(self.words)
        if accepted:
            self.words.append(i.in_data)
        if i.out_ready and (had_words or (self.p.kind == "pass" and accepted)):
            self.words.pop(0)

    def outputs(self, i: Values) -> dict[str, Expected]:
        if self.staged:
            valid, data = self.at_output, self.shown
        elif self.words:
            valid, data = True, self.words[0]
        elif self.p.kind == "pass":
            valid, data = bool(i.in_valid), i.in_data
        else:
            valid, data = False, 0
        result: dict[str, Expected] = {
            "in_ready": int(self._in_ready(i)),
            "out_valid": int(valid),
            "out_data": data,
        }
        if self.p.counted:
            result["level"] = len(self.words) + int(self.at_output)
        return result

    def directed(self, s: Stimulus) -> None:
        most = self.p.depth + 2
        s.reset(1)
        self._go(s, 3)
        for _ in range(3):
            self._go(s, 1, in_valid=1)
            self._go(s, 3)
            self._go(s, 2, out_ready=1)
        for count in range(1, most + 2):
            self._go(s, count, in_valid=1)
            self._go(s, 2)
            self._go(s, most, out_ready=1)
            self._go(s, count, in_valid=1, out_ready=1)
            self._go(s, 2)
            self._go(s, most, out_ready=1)
        for level in range(most):
            self._go(s, level, in_valid=1)
            self._go(s, 2 * most, in_valid=1, out_ready=1)
            for first, second in ((1, 0), (0, 1), (1, 1)):
                self._go(s, 1, in_valid=first, out_ready=second)
                self._go(s, 2, in_valid=second, out_ready=first)
            self._go(s, most, out_ready=1)
        for offered, taken in ((0.9, 0.3), (0.3, 0.9), (0.9, 0.8), (0.8, 0.9)):
            s.random(6 * most, in_valid=offered, out_ready=taken)
        if self.p.reset == "none":
            return
        for level in (1, 2, most):
            for offered, taken in ((0, 0), (0, 1), (1, 0), (1, 1)):
                self._go(s, level, in_valid=1)
                self._go(s, 1, rst=1, in_valid=offered, out_ready=taken)
                self._go(s, 2, rst=0)
                self._go(s, 2, in_valid=1)
                self._go(s, most, out_ready=1)

    def _go(self, s: Stimulus, cycles: int, **inputs: int) -> None:
        """Cycles with new data each, handshake inputs 0 unless given."""
        for _ in range(cycles):
            data = s.rng.getrandbits(self.p.width)
            s.cycle(**{"in_valid": 0, "out_ready": 0, "in_data": data, **inputs})
