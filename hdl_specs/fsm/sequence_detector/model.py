"""Reference model: sequence detector, Moore or Mealy, overlapping or not."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Keeps the latest bits taken as text; without overlap a match empties it."""

    def setup(self) -> None:
        self.cycles = 200
        self.bias = {"en": 0.85}
        self.power_up()

    def power_up(self) -> None:
        self.taken = ""
        self.matched = False

    def reset(self) -> None:
        self.power_up()

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        self.taken = (self.taken + str(i.x))[-len(self.p.pattern) :]
        self.matched = self.taken.endswith(self.p.pattern)
        if self.matched and not self.p.overlap:
            self.taken = ""

    def outputs(self, i: Values) -> dict[str, Expected]:
        if self.p.machine == "moore":
            return {"found": int(self.matched)}
        enabled = not self.p.enable or i.en == 1
        return {"found": int(enabled and (self.taken + str(i.x)).endswith(self.p.pattern))}

    def directed(self, s: Stimulus) -> None:
        pattern: str = self.p.pattern
        size = len(pattern)
        s.reset(1)
        for gap in range(3):
            self._send(s, (pattern + "0" * gap + pattern + "1" * gap) * 2)
        # every beginning of the pattern, then a wrong bit, then the pattern or its end
        start_over = "10"[int(pattern[0])] * 2
        for seen in range(size):
            wrong = "10"[int(pattern[seen])]
            for rest in sorted({0, 1, seen // 2, max(seen - 1, 0), seen}):
                self._send(s, start_over + pattern[:seen] + wrong + pattern[rest:])
        # overlaps: what a match leaves over, from every point of the pattern on
        for rest in range(1, size):
            self._send(s, "0" * size + pattern + pattern[rest:] + pattern[-rest:])
            self._send(s, "1" * size + pattern + pattern[rest:] * 2)
        # all short continuations of every beginning
        for seen in range(size + 1):
            for tail in ("00", "01", "100", "101", "11"):
                self._send(s, pattern[:seen] + tail)
        if self.p.enable:
            for stalled in range(size + 1):
                self._send(s, pattern[:stalled])
                for x in (0, 1, 1, 0):
                    s.cycle(en=0, x=x)
                self._send(s, pattern[stalled:])
        if self.p.reset != "none":
            self._resets(s)

    def _resets(self, s: Stimulus) -> None:
        """From reset every beginning, either bit, and every end: each next state is told apart.

        Then a reset after every beginning, and at once what would complete the pattern without.
        """
        pattern: str = self.p.pattern
        for seen in range(len(pattern)):
            for bit in "01":
                for rest in range(1, len(pattern)):
                    s.reset(1)
                    self._send(s, pattern[:seen] + bit + pattern[rest:])
        for seen in range(len(pattern) + 1):
            for x in (0, 1):
                self._send(s, pattern[:seen])
                s.cycle(**({"en": 1} if self.p.enable else {}), x=x, rst=1)
                self._send(s, self._rest_after(pattern[:seen] + str(x)))
                if self.p.enable:
                    self._send(s, pattern[:seen])
                    s.cycle(en=0, x=x, rst=1)
                    self._send(s, self._rest_after(pattern[:seen]))

    def _rest_after(self, bits: str) -> str:
        """What would complete the pattern after `bits`, had a reset not made them forgotten."""
        pattern: str = self.p.pattern
        seen = max(k for k in range(len(pattern)) if bits.endswith(pattern[:k]))
        return pattern[seen:]

    def _send(self, s: Stimulus, bits: str) -> None:
        controls = {"en": 1} if self.p.enable else {}
        if self.p.reset != "none":
            controls["rst"] = 0
        for bit in bits:
            s.cycle(**controls, x=int(bit))
