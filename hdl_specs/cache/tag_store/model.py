"""Reference model: tag store of a direct-mapped cache."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Moment, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """The valid lines only: index to tag."""

    def setup(self) -> None:
        self.cycles = 300
        self.bias = {"flush": 0.05, "inval": 0.25, "en": 0.85}
        self.lines: dict[int, int] = {}
        self.answer = 0

    def power_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.lines = {}
        self.answer = 0

    def _present(self, addr: int) -> bool:
        tag, index = divmod(addr, 2**self.p.index_width)
        return bool(self.lines.get(index) == tag)

    def step(self, i: Values) -> None:
        if self.p.enable and not i.en:
            return
        present = self._present(i.addr)
        tag, index = divmod(i.addr, 2**self.p.index_width)
        self.answer = int(present and bool(self.p.registered and i.lookup))
        if self.p.flushable and i.flush:
            self.lines = {}
        elif i.fill and (self.p.wins == "fill" or not i.inval):
            self.lines[index] = tag
        elif i.inval and (present or not self.p.inval_match):
            self.lines.pop(index, None)

    def outputs(self, i: Values) -> dict[str, Expected]:
        return {"hit": self.answer if self.p.registered else int(self._present(i.addr))}

    def directed(self, s: Stimulus) -> None:
        lines = 2**self.p.index_width
        tags = 2**self.p.tag_width
        s.reset(1)
        for addr in range(0, lines * tags, max(1, lines * tags // 40)):  # empty at first
            self._ask(s, addr)
        for turn in range(3):
            chosen = [s.rng.randrange(tags) for _ in range(lines)]
            for index, tag in enumerate(chosen):
                self._do(s, tag * lines + index, fill=1)
            for index, tag in enumerate(chosen):
                self._ask(s, tag * lines + index)
                for bit in range(self.p.tag_width):  # each tag bit counts
                    self._ask(s, (tag ^ (1 << bit)) * lines + index)
            for index, tag in enumerate(chosen):
                other = tag ^ (1 << s.rng.randrange(self.p.tag_width))
                if turn < 2:
                    self._do(s, other * lines + index, inval=1)
                    self._ask(s, tag * lines + index)
                both = other if turn == 1 else tag
                self._do(s, both * lines + index, fill=1, inval=1)
                self._ask(s, tag * lines + index)
                self._ask(s, other * lines + index)
                self._do(s, tag * lines + index, inval=1)
                self._ask(s, tag * lines + index)
            if turn == 1:
                for index, tag in enumerate(chosen):
                    self._do(s, tag * lines + index, fill=1)
                s.reset(1)
                for index, tag in enumerate(chosen):
                    self._ask(s, tag * lines + index)
        if self.p.flushable:
            self._flushes(s, lines, tags)
        self._near(s, lines, tags)

    def _flushes(self, s: Stimulus, lines: int, tags: int) -> None:
        for extra in ({}, {"fill": 1}, {"inval": 1}, {"fill": 1, "inval": 1}):
            chosen = [s.rng.randrange(tags) * lines + index for index in range(lines)]
            for addr in chosen:
                self._do(s, addr, fill=1)
            self._do(s, chosen[2 % lines], flush=1, **extra)
            for addr in chosen:
                self._ask(s, addr)

    def _near(self, s: Stimulus, lines: int, tags: int) -> None:
        """Random operations on two tags, so that they meet; every other cycle two of them, of
        which only the one at the active edge counts."""
        few = (s.rng.randrange(tags), s.rng.randrange(tags))
        for number in range(250):
            first, second = (
                {**s.draw(), "addr": s.rng.choice(few) * lines + s.rng.randrange(lines)}
                for _ in range(2)
            )
            if number % 2:
                s.cycle(**first)
            else:
                s.play([Moment(first, "active"), Moment(second, "inactive")])

    def _ask(self, s: Stimulus, addr: int) -> None:
        self._do(s, addr)

    def _do(self, s: Stimulus, addr: int, **ops: int) -> None:
        inputs = {"addr": addr, "fill": 0, "inval": 0}
        if self.p.enable:
            inputs["en"] = 1
        if self.p.registered:
            inputs["lookup"] = 1
        if self.p.flushable:
            inputs["flush"] = 0
        s.cycle(**{**inputs, **ops})
