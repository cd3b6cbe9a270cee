"""A transition tour: the inputs that a small design has not met in some state are put to it there.

Random stimulus leaves pairs of state and inputs out, and a defect may sit in one of them. The tour
keeps the graph of states that the reference model has gone through, goes the shortest known way to
a state where inputs are missing, and applies them, until none is left or its cycles are spent.

Limit: for models with one clock, few states and few inputs. Wider inputs are drawn, not gone
through; a reset counts as no input.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from rtlbench.records.spec import Port
from rtlbench.simulation.model import Model, registers

if TYPE_CHECKING:
    from rtlbench.simulation.stimulus import Stimulus

Inputs: TypeAlias = Mapping[str, int]
Pattern: TypeAlias = tuple[int, ...]
"""The values of the inputs that are gone through, the narrow ones first."""

MOST_STATES = 512
"""A model with more is not toured: its random part cannot have seen much of it either."""
MOST_PATTERNS = 32
"""Inputs are gone through while they have no more combinations than these; narrow ones first."""


class Tour:
    """The graph of one model's states, as far as it was gone through."""

    def __init__(self, model: Model, inputs: tuple[Port, ...]) -> None:
        self._model = model
        self._names, self._patterns = _gone_through(inputs)
        self._ways: dict[str, dict[Pattern, tuple[Inputs, str]]] = {}
        self._is_small = True

    def here(self) -> str:
        """The state that the model is in; empty once it has too many."""
        return registers(self._model) if self._is_small else ""

    def went(self, before: str, inputs: Inputs) -> None:
        """Note the edge that has just led here from the state `before`."""
        if self._is_small:
            ways = self._ways.setdefault(before, {})
            ways.setdefault(tuple(inputs[n] for n in self._names), (dict(inputs), self.here()))
            self._is_small = len(self._ways) <= MOST_STATES

    def run(self, stimulus: Stimulus, cycles: int) -> None:
        """At most `cycles` cycles; resets are added to them."""
        left = iter(range(cycles))
        while self._is_small:
            way = self._way(stimulus)
            if way is None and any(map(self._missing, self._ways)):
                stimulus.reset(1)  # missing only where nothing leads to from here
                way = self._way(stimulus)
            if way is None:
                return
            for inputs in way:
                if next(left, None) is None:
                    return
                stimulus.cycle(**inputs)

    def _way(self, stimulus: Stimulus) -> list[Inputs] | None:
        """The inputs of the shortest known way to a pair not met, that pair's last."""
        begin = self.here()
        came: dict[str, tuple[str, Inputs]] = {}
        queue = deque([begin])
        while queue:
            state = queue.popleft()
            missing = self._missing(state)
            if missing:
                named = zip(self._names, stimulus.rng.choice(missing), strict=True)
                return [*_walked(came, begin, state), {**stimulus.draw(), **dict(named)}]
            for inputs, after in self._ways[state].values():
                if after != begin and after not in came:
                    came[after] = (state, inputs)
                    queue.append(after)
        return None

    def _missing(self, state: str) -> list[Pattern]:
        met = self._ways.get(state, {})
        return [p for p in self._patterns if p not in met]


def _gone_through(inputs: tuple[Port, ...]) -> tuple[list[str], list[Pattern]]:
    """The names of the inputs whose values are gone through, and all their combinations."""
    chosen: list[Port] = []
    count = 1
    for port in sorted(inputs, key=lambda p: p.width):
        if count << port.width <= MOST_PATTERNS:
            chosen.append(port)
            count <<= port.width
    return [p.id for p in chosen], list(product(*(range(1 << p.width) for p in chosen)))


def _walked(came: Mapping[str, tuple[str, Inputs]], begin: str, end: str) -> list[Inputs]:
    """The inputs that lead from `begin` to `end`."""
    back: list[Inputs] = []
    while end != begin:
        end, inputs = came[end]
        back.append(inputs)
    return back[::-1]
