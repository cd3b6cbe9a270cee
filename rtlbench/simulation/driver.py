"""The driver, which makes frames one change of the inputs at a time, from what the reference model
shows."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Port, Spec
from rtlbench.simulation.frames import Frame
from rtlbench.simulation.model import Expected, Model, Values


class Packer:
    """Packs the values of one Spec's ports; what it asks of the Spec is asked once."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._outputs = [(p.id, p.width, (1 << p.width) - 1) for p in spec.outputs]
        self._inputs = [(p.id, p.width, p.role == "clock", _inversion(p)) for p in spec.inputs]

    def inputs(self, values: Mapping[str, int]) -> int:
        """Logical `values`, by port id, as the ports see them; clocks as 0.

        Raises:
            HarnessError: A value is wider than its port.
        """
        packed = 0
        for name, width, is_clock, inversion in self._inputs:
            value = 0 if is_clock else values[name] ^ inversion
            if value >> width:
                raise HarnessError(f"{self._spec.id}: {name}={value} is wider than its port")
            packed = (packed << width) | value
        return packed

    def clocks(self) -> dict[str, int]:
        """The place of each clock among the inputs, as a number with a 1 there."""
        low, found = sum(width for _, width, _, _ in self._inputs), {}
        for name, width, is_clock, _ in self._inputs:
            low -= width
            if is_clock:
                found[name] = 1 << low
        return found

    def outputs(self, shown: Mapping[str, Expected] | None) -> tuple[int, int]:
        """What the model shows, by port id, as (expected, care); None where anything is right.

        Raises:
            HarnessError: The model leaves an output out, or a value does not fit.
        """
        if shown is None:
            return 0, 0
        packed = packed_care = 0
        for name, width, every in self._outputs:
            if name not in shown:
                raise HarnessError(f"{self._spec.id}: the model gives no output {name!r}")
            value, care = shown[name], every
            if type(value) is not int:  # most are, and each frame comes through here
                value, care = _value_and_care(value, every)
            if value < 0 or value >> width:
                raise HarnessError(f"model output {name}={value} does not fit {width} bits")
            packed = (packed << width) | (value & care)
            packed_care = (packed_care << width) | care
        return packed, packed_care


def _inversion(port: Port) -> int:
    """What turns a logical value into the port's: all ones where it is active-low."""
    return (1 << port.width) - 1 if port.active == "low" and port.role != "data" else 0


def _value_and_care(shown: Expected, every: int) -> tuple[int, int]:
    """A value, and which of its bits, `every` one of them at most, count."""
    if shown is None:
        return 0, 0
    return shown if isinstance(shown, tuple) else (int(shown), every)


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
        self._packed = self._packer.inputs(self._values)
        """The inputs of the last frame but for the clocks."""
        self._places = self._packer.clocks()
        self._cycle = 0
        self._resting = 0 if spec.edge == "posedge" else 1
        """The level of a clock before its active edge."""
        self._levels = dict.fromkeys(self.clocks, self._resting)
        self._packed_clocks = sum(self._places.values()) if self._resting else 0
        self._kept = -1
        """The inputs of the last frame, clocks and all."""
        self._shown = (0, 0)
        """Expected and care of the last frame."""
        self._known = self._reset is None
        if self._known and self.clocks:
            model.power_up()

    @property
    def is_known(self) -> bool:
        """Whether a reset has made the model's state known, or none is needed."""
        return self._known

    @property
    def values(self) -> Mapping[str, int]:
        """What the inputs have now."""
        return self._values

    def _set(self, inputs: Mapping[str, int]) -> None:
        for name, value in inputs.items():
            if name not in self._values:
                raise HarnessError(f"{self.spec.id}: stimulus names unknown input {name!r}")
            self._values[name] = value
        if self.spec.reset == "async" and self._in_reset:
            self._reset_model()

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
        if len(self.clocks) == 1 and not clock:  # so it is in most cycles
            return self.clocks if (self._levels[self.clocks[0]] == self._resting) is resting else ()
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
        self._toggle(clock)
        if self._in_reset:
            self._reset_model()
        elif self._known:
            self._step(clock)
        self._frame()

    def _reset_model(self) -> None:
        self.model.reset()
        self._known = True

    def _toggle(self, clock: str) -> None:
        self._levels[clock] ^= 1
        self._packed_clocks ^= self._places[clock]

    def _step(self, clock: str) -> None:
        """What the active edge of a clock does to the model out of reset."""
        self.model.edge(clock, self._values)

    def _fall(self, clock: str) -> None:
        """The inactive edge of one clock."""
        self._settle()
        self._toggle(clock)
        if self.model.dual_edge:
            if self._in_reset:
                self._reset_model()
            elif self._known:
                self.model.half(self._values)
            self._frame()
        else:
            self._keep(self._shown)

    def _settle(self) -> None:
        """A frame of its own for inputs that have changed since the last one."""
        if self._applied != self._values:
            self._frame()

    def _frame(self) -> None:
        if self._applied != self._values:
            self._applied = dict(self._values)
            self._packed = self._packer.inputs(self._values)
        shown = self.model.outputs(self._values) if self._known else None
        self._keep(self._packer.outputs(shown))

    def _keep(self, shown: tuple[int, int]) -> None:
        """A frame of the present inputs and of what shows then, unless both are as they were."""
        inputs = self._packed | self._packed_clocks
        if inputs == self._kept and shown == self._shown:
            return
        self._kept, self._shown = inputs, shown
        self.frames.append(Frame(self._cycle, inputs, shown[0], shown[1]))
