"""The driver: sets inputs and clocks one change at a time, and records what must be seen.

A frame changes either one clock or other inputs, never both, so that no right answer can lose a
race; two clocks never have an edge in the same frame.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Port, Spec
from rtlbench.simulation.frames import Frame, Packer
from rtlbench.simulation.model import Model, Values

ANY = 0.55
"""Share of wide values that are any number."""
SAME = 0.2
"""Share of them that stay what they are; the rest are extremes and single bits."""


def random_value(port: Port, one: float, present: int, rng: random.Random) -> int:
    """A logical value for a port.

    Args:
        one: The chance of a 1, for a port of one bit.
        present: What the port has now.
    """
    if port.width == 1:
        return int(rng.random() < one)
    top = (1 << port.width) - 1
    style = rng.random()
    if style < ANY:
        return rng.randint(0, top)
    if style < ANY + SAME:
        return present
    near = (0, 1, top, top - 1, 1 << (port.width - 1), 1 << rng.randrange(port.width))
    return rng.choice(near)


class Driver:
    """Runs the reference model of one Spec and keeps the frames.

    Inputs are named by port id and given as logical values (1 asserts an active-low enable).
    """

    def __init__(self, spec: Spec, model: Model, rng: random.Random) -> None:
        self.spec = spec
        self.model = model
        self.rng = rng
        self.frames: list[Frame] = []
        self._packer = Packer(spec)
        self.clocks = spec.clocks
        reset = spec.port_of_role("reset")
        self._reset = reset.id if reset else None
        if len(self.clocks) > 1 and spec.reset == "sync":
            raise HarnessError(f"{spec.id}: several clocks need an asynchronous reset, or none")
        self._values = Values({p.id: 0 for p in spec.inputs})
        self._applied = dict(self._values)
        self._cycle = 0
        self._resting = 0 if spec.edge == "posedge" else 1
        """The level of a clock before its active edge."""
        self._levels = dict.fromkeys(self.clocks, self._resting)
        self._known = self._reset is None
        if self._known and self.clocks:
            model.power_up()

    def _set(self, inputs: Mapping[str, int]) -> None:
        for name, value in inputs.items():
            if name not in self._values:
                raise HarnessError(f"{self.spec.id}: stimulus names unknown input {name!r}")
            self._values[name] = value
        if self.spec.reset == "async" and self._in_reset:
            self.model.reset()
            self._known = True

    @property
    def _in_reset(self) -> bool:
        return self._reset is not None and bool(self._values[self._reset])

    def _glitch(self, inputs: Mapping[str, int]) -> None:
        """Change inputs for a moment, then put them back."""
        before = dict(self._values)
        self._set(inputs)
        self._frame()
        self._set(before)
        self._frame()

    def _active_edge(self, clock: str = "") -> None:
        """The active edge of every clock that rests, or of one of them."""
        for each in self._due(clock, resting=True):
            self._rise(each)

    def _inactive_edge(self, clock: str = "") -> None:
        """The inactive edge of every other clock, or of one of them."""
        for each in self._due(clock, resting=False):
            self._fall(each)

    def _due(self, clock: str, *, resting: bool) -> Sequence[str]:
        """The clocks that can have the edge, in an order drawn anew."""
        found = [
            c for c, now in self._levels.items()
            if clock in ("", c) and (now == self._resting) is resting
        ]
        return found if len(found) < 2 else self.rng.sample(found, len(found))

    def _come_to_rest(self) -> None:
        """The inactive edges that are still to come, in the Spec's order."""
        for clock, level in self._levels.items():
            if level != self._resting:
                self._fall(clock)

    def _rise(self, clock: str) -> None:
        """The active edge of one clock."""
        self._settle()
        self._levels[clock] ^= 1
        if self._in_reset:
            self.model.reset()
            self._known = True
        elif self._known:
            self._step(clock)
        self._frame()

    def _step(self, clock: str) -> None:
        """What the active edge of a clock does to the model out of reset."""
        self.model.edge(clock, self._values)

    def _fall(self, clock: str) -> None:
        """The inactive edge of one clock."""
        self._settle()
        self._levels[clock] ^= 1
        if self.model.dual_edge:
            if self._in_reset:
                self.model.reset()
            elif self._known:
                self.model.half(self._values)
        self._frame()

    def _settle(self) -> None:
        """A frame of its own for inputs that have changed since the last one."""
        if self._applied != self._values:
            self._frame()

    def _frame(self) -> None:
        self._applied = dict(self._values)
        shown = self.model.outputs(self._values) if self._known else None
        packed = self._packer.inputs(self._values, self._levels)
        self.frames.append(Frame(self._cycle, packed, *self._packer.outputs(shown)))
