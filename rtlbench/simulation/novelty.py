"""What random stimulus has already met: resets and inputs by the state they fall on.

A defect that shows only where reset, or a deasserted enable, meets one rare state is missed by
inputs drawn blindly. Novelty counts what was applied in which state, so that rare pairs are
preferred; the draws themselves stay random.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeAlias

from rtlbench.records.spec import Port
from rtlbench.simulation.model import Expected, Model, registers

State: TypeAlias = Hashable

FEW_STATES = 64
"""A model with more states than this is told apart by its outputs alone."""
RESETS_EACH = 2
"""A reset is new to a state until it has met it so many times."""
CYCLES_A_RESET = 12
"""At least so many random cycles for each reset that Novelty asks for: long sequences need them."""


class Novelty:
    """Counts by state; one for each random part."""

    def __init__(self, model: Model, inputs: tuple[Port, ...], cycles: int) -> None:
        self._model = model
        self._inputs = inputs
        self._left = cycles // CYCLES_A_RESET
        self._resets: Counter[State] = Counter()
        self._applied: Counter[State] = Counter()
        self._states: set[str] = set()

    def take_reset(self, shown: Mapping[str, Expected]) -> bool:
        """Whether a reset would be new to what the outputs show; if so, it counts as met."""
        outputs = _outline(shown)
        if self._left <= 0 or self._resets[outputs] >= RESETS_EACH:
            return False
        self._resets[outputs] += 1
        self._left -= 1
        return True

    def state(self, shown: Mapping[str, Expected]) -> State:
        """The registers where the model has few states, the outputs' outline where it has many."""
        if len(self._states) <= FEW_STATES:
            own = registers(self._model)
            self._states.add(own)
            return own
        return _outline(shown)

    def least_met(self, state: State, drawn: list[dict[str, int]]) -> dict[str, int]:
        """Of several draws of inputs the one that this state has met the least; not counted."""
        return min(drawn, key=lambda each: self._applied[state, self._pattern(each)])

    def met(self, state: State, inputs: Mapping[str, int]) -> None:
        """Count these inputs in this state."""
        self._applied[state, self._pattern(inputs)] += 1

    def _pattern(self, inputs: Mapping[str, int]) -> tuple[int, ...]:
        """Narrow inputs as they are, wide ones as 0, 1 or more."""
        return tuple(
            inputs[p.id] if p.width <= 2 else min(inputs[p.id], 2) for p in self._inputs
        )


def _outline(shown: Mapping[str, Expected]) -> tuple[tuple[str, int], ...]:
    """Each output as 0, 1 or more; bits that are not compared count as 0."""
    return tuple((name, _small(value)) for name, value in shown.items())


def _small(value: Expected) -> int:
    if value is None:
        return 0
    known = value[0] & value[1] if isinstance(value, tuple) else value
    return min(known, 2)
