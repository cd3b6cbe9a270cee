"""Reference model: two-way set-associative tag store with LRU or FIFO replacement."""

from __future__ import annotations

from rtlbench.simulation.model import Expected, Model, Values
from rtlbench.simulation.stimulus import Stimulus


class Reference(Model):
    """Each set is a list of [tag, way], the one to be replaced first."""

    def setup(self) -> None:
        self.cycles = 250
        self.bias = {"access": 0.8, "inval": 0.15}
        self.power_up()

    def power_up(self) -> None:
        self.sets: dict[int, list[tuple[int, int]]] = {}
        self.report: dict[str, Expected] = self._nothing()

    def reset(self) -> None:
        self.power_up()

    def _nothing(self) -> dict[str, Expected]:
        return {"hit": 0, "way": None, "evict": 0, "old_tag": None}

    def _result(self, i: Values) -> tuple[dict[str, Expected], int, list[tuple[int, int]]]:
        """What the inputs ask for: report, set index and the new content of this set."""
        tag, index = divmod(i.addr, 2**self.p.index_width)
        held = list(self.sets.get(index, []))
        entry = next((e for e in held if e[0] == tag), None)
        report = self._nothing()
        if self.p.invalidate and i.inval:
            held = [e for e in held if e is not entry]
        elif i.access and entry:
            report.update(hit=1, way=entry[1])
            if self.p.policy == "lru":
                held.remove(entry)
                held.append(entry)
        elif i.access:
            way = min({0, 1} - {e[1] for e in held}, default=-1)
            if way < 0:
                old, way = held.pop(0)
                report.update(evict=1, old_tag=old)
            report["way"] = way
            held.append((tag, way))
        return report, index, held

    def step(self, i: Values) -> None:
        self.report, index, held = self._result(i)
        self.sets[index] = held

    def outputs(self, i: Values) -> dict[str, Expected]:
        return self.report if self.p.registered else self._result(i)[0]

    def directed(self, s: Stimulus) -> None:
        s.reset(1)
        count = 2**self.p.index_width
        tags = s.rng.sample(range(2**self.p.tag_width), 4)
        for order in ("abac", "abbc", "abcab", "abacadbcd", "aabbcca"):
            for index in range(count):
                for letter in order:
                    self._do(s, tags["abcd".index(letter)] * count + index)
                    self._do(s, tags["abcd".index(letter)] * count + index, access=0)
            s.cycle(**{**s.draw(), "access": 0})
        if self.p.reset != "none":
            s.reset(1)
        for bit in range(self.p.tag_width):  # each tag bit counts, in both ways
            for index in range(count):
                self._do(s, tags[0] * count + index)
                self._do(s, (tags[0] ^ (1 << bit)) * count + index)
                self._do(s, tags[0] * count + index)
        if self.p.invalidate:
            self._invalidations(s, tags, count)
        for index in range(count):
            self._do(s, tags[0] * count + index)
            self._do(s, tags[1] * count + index)
        s.reset(1)
        for index in range(count):
            self._do(s, tags[1] * count + index)
            self._do(s, tags[0] * count + index)
        for _ in range(350):
            addr = s.rng.choice(tags) * count + s.rng.randrange(count)
            s.cycle(**{**s.draw(), "addr": addr})

    def _invalidations(self, s: Stimulus, tags: list[int], count: int) -> None:
        for index in range(count):
            for first in range(4):  # one of the two held tags, or one that is not held
                for access in (0, 1):
                    for tag in (tags[0], tags[1]):
                        self._do(s, tag * count + index)
                    self._do(s, tags[first] * count + index, access=access, inval=1)
                    for tag in (tags[2], tags[3], tags[2], tags[0]):
                        self._do(s, tag * count + index)
            for tag in (tags[0], tags[1], tags[2]):
                self._do(s, tag * count + index, inval=1)
            for tag in (tags[1], tags[0], tags[1]):
                self._do(s, tag * count + index)

    def _do(self, s: Stimulus, addr: int, access: int = 1, inval: int = 0) -> None:
        inputs = {"addr": addr, "access": access}
        if self.p.invalidate:
            inputs["inval"] = inval
        s.cycle(**inputs)
