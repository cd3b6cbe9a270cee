"""What stimulus has met of a model's states: resets and inputs by the state they fall on, and
a tour of what is still missing.

A defect that shows only where reset, or a deasserted enable, meets one rare state is missed by
inputs drawn blindly. Novelty counts what was applied in which state, so that rare pairs are
preferred; the draws themselves stay random.

A transition tour is the rest: the inputs that a small design has not met in some state are put to
it there.

Random stimulus leaves pairs of state and inputs out, and a defect may sit in one of them. The tour
keeps the graph of states that the reference model has gone through, goes the shortest known way to
a state where inputs are missing, and applies them, until none is left or its cycles are spent.

Limit: for models with one clock, few states and few inputs. Wider inputs are drawn, not gone
through; a reset counts as no input.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Mapping
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from rtlbench.records.spec import Port
from rtlbench.simulation.model import Expected, Model, registers

if TYPE_CHECKING:
    from rtlbench.simulation.stimulus import Stimulus

ModelState: TypeAlias = Hashable

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
        self._resets: Counter[ModelState] = Counter()
        self._applied: Counter[ModelState] = Counter()
        self._states: set[str] = set()

    def take_reset(self, shown: Mapping[str, Expected]) -> bool:
        """Whether a reset would be new to what the outputs show; if so, it counts as met."""
        outputs = outline(shown)
        if self._left <= 0 or self._resets[outputs] >= RESETS_EACH:
            return False
        self._resets[outputs] += 1
        self._left -= 1
        return True

    def state(self, shown: Mapping[str, Expected]) -> ModelState:
        """The registers where the model has few states, the outputs' outline where it has many."""
        if len(self._states) <= FEW_STATES:
            own = registers(self._model)
            self._states.add(own)
            return own
        return outline(shown)

    def least_met(self, state: ModelState, drawn: list[dict[str, int]]) -> dict[str, int]:
        """Of several draws of inputs the one that this state has met the least; not counted."""
        return min(drawn, key=lambda each: self._applied[state, self._pattern(each)])

    def met(self, state: ModelState, inputs: Mapping[str, int]) -> None:
        """Count these inputs in this state."""
        self._applied[state, self._pattern(inputs)] += 1

    def _pattern(self, inputs: Mapping[str, int]) -> tuple[int, ...]:
        """Narrow inputs as they are, wide ones as 0, 1 or more."""
        return tuple(
            inputs[p.id] if p.width <= 2 else min(inputs[p.id], 2) for p in self._inputs
        )


def outline(shown: Mapping[str, Expected]) -> tuple[tuple[str, int], ...]:
    """Each output as 0, 1 or more; bits that are not compared count as 0."""
    return tuple((name, _small(value)) for name, value in shown.items())


def _small(value: Expected) -> int:
    if value is None:
        return 0
    known = value[0] & value[1] if isinstance(value, tuple) else value
    return min(known, 2)


InputValues: TypeAlias = Mapping[str, int]
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
        self._ways: dict[str, dict[Pattern, tuple[InputValues, str]]] = {}
        self._is_small = True
        self._here = ""
        """The state that the model is in; empty where that is to be asked."""

    def here(self) -> str:
        """The state that the model is in; empty once it has too many."""
        if not self._here and self._is_small:
            self._here = registers(self._model)
        return self._here if self._is_small else ""

    def moved(self) -> None:
        """The model has another state."""
        self._here = ""

    def went(self, before: str, inputs: InputValues) -> None:
        """Note the edge that has just led here from the state `before`."""
        self.moved()
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

    def _way(self, stimulus: Stimulus) -> list[InputValues] | None:
        """The inputs of the shortest known way to a pair not met, that pair's last."""
        begin = self.here()
        came: dict[str, tuple[str, InputValues]] = {}
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


def _walked(came: Mapping[str, tuple[str, InputValues]], begin: str, end: str) -> list[InputValues]:
    """The inputs that lead from `begin` to `end`."""
    back: list[InputValues] = []
    while end != begin:
        end, inputs = came[end]
        back.append(inputs)
    return back[::-1]
