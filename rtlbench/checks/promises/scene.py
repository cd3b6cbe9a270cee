"""A circuit with the roles of its ports, played from its reset on.

A *setting* is a value of each one-bit input that a run neither drives by itself nor leaves free;
a run has all settings side by side, each in several lanes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from rtlbench.equivalence.circuit import Circuit
from rtlbench.equivalence.play import Player, planes_of, values_of

MOST_SINGLES = 6
"""One-bit inputs whose settings are all tried; with more, nothing is said."""
MOST_GATES = 6000
MOST_PORT_BITS = 512
LEAST_LANES = 64
RESET_CYCLES = 4
REGISTER = "register "
"""Before the name of a register in a trace."""
Values = list[list[int]]
"""By cycle, by lane."""
Given = Mapping[str, int]
"""The value of input ports."""


class InDoubtError(Exception):
    """Nothing can be said, and why."""


class Level(msgspec.Struct, frozen=True):
    """A one-bit input and the value at which it acts."""

    name: str
    active: int

    @property
    def acting(self) -> Given:
        """It acts."""
        return {self.name: self.active}

    @property
    def idle(self) -> Given:
        """It does not."""
        return {self.name: 1 - self.active}


class Trace:
    """What was seen of inputs, outputs and registers."""

    def __init__(self, settings: int, repeats: int, seen: dict[str, Values]) -> None:
        self.settings = settings
        self.repeats = repeats
        self.seen = seen

    def lane(self, lane: int) -> dict[str, list[int]]:
        """All that is seen in one lane, by cycle."""
        return {n: [c[lane] for c in cycles] for n, cycles in self.seen.items()}

    def of_setting(self, setting: int) -> Iterator[dict[str, list[int]]]:
        """The lanes of a setting."""
        for k in range(setting * self.repeats, (setting + 1) * self.repeats):
            yield self.lane(k)

    def some_setting(self, holds: Callable[[list[dict[str, list[int]]]], bool]) -> bool:
        """Whether there is a setting whose lanes do what is asked."""
        return any(holds(list(self.of_setting(s))) for s in range(self.settings))


class Scene:
    """A circuit, its clock and its reset."""

    def __init__(self, circuit: Circuit, clock: str | None, reset: Level | None) -> None:
        bits = sum(map(len, (*circuit.inputs.values(), *circuit.outputs.values())))
        if len(circuit.aig) > MOST_GATES or bits > MOST_PORT_BITS:
            raise InDoubtError("too large to be played")
        self.circuit = circuit
        self.clock = clock
        self.reset = reset
        self._rng = random.Random(f"{len(circuit.aig)} {sorted(circuit.inputs)}")

    @cached_property
    def inputs(self) -> dict[str, int]:
        """Widths of the inputs but clock and reset."""
        apart = {self.clock, self.reset.name if self.reset else None}
        return {n: len(b) for n, b in self.circuit.inputs.items() if n not in apart}

    @cached_property
    def singles(self) -> list[str]:
        """The one-bit inputs among them."""
        return [n for n, w in self.inputs.items() if w == 1]

    @cached_property
    def wides(self) -> dict[str, int]:
        """The others, with their widths."""
        return {n: w for n, w in self.inputs.items() if w > 1}

    @cached_property
    def outputs(self) -> dict[str, int]:
        """Widths of the outputs."""
        return {n: len(b) for n, b in self.circuit.outputs.items()}

    @cached_property
    def stored_outputs(self) -> list[str]:
        """Outputs that show registers as they are, through an asynchronous reset or not."""
        return [n for n, bits in self.circuit.outputs.items() if all(map(self._is_stored, bits))]

    def _is_stored(self, lit: int) -> bool:
        support = self.circuit.aig.support([lit])
        stored = support & {r.node for r in self.circuit.registers}
        reset = self.circuit.inputs.get(self.reset.name, ()) if self.reset else ()
        plain = self.circuit.aig.fanins(lit >> 1) is None
        return len(stored) == 1 and support <= stored.union(reset) and (plain or len(support) == 2)

    @cached_property
    def register_names(self) -> dict[str, list[int]]:
        """Places of the bits of each register, lowest first."""
        found: dict[str, dict[int, int]] = {}
        for place, register in enumerate(self.circuit.registers):
            name, _, index = (register.name or f"{place}[0]").rpartition("[")
            found.setdefault(name, {})[int(index.rstrip("]"))] = place
        return {n: [b[k] for k in sorted(b)] for n, b in found.items()}

    def run(
        self,
        *,
        hold: Given | None = None,
        free: Sequence[str] = (),
        warm: int | None = 12,
        cycles: int = 20,
        repeats: int = 0,
    ) -> Trace:
        """Reset, some cycles of any inputs, then those that are seen.

        Args:
            hold: Ports at one value while they are seen.
            free: One-bit inputs at any value in each cycle.
            warm: Cycles of any inputs before; None for none, and no reset either: the state is any.
            repeats: Lanes of each setting; 0 for as many as make a full run.
        """
        held = dict(hold or {})
        open_singles = [n for n in self.singles if n not in held and n not in free]
        if len(open_singles) > MOST_SINGLES:
            raise InDoubtError("too many one-bit inputs")
        settings = 1 << len(open_singles)
        repeats = repeats or max(4, LEAST_LANES // settings)
        player = Player(self.circuit, settings * repeats, self._rng)
        if warm is not None:
            self._begin(player, warm)
            held |= self.reset.idle if self.reset else {}
        fixed = self._fixed(held, open_singles, settings, repeats)
        seen = self._played(player, fixed, cycles)
        return Trace(settings, repeats, seen)

    def script(self, steps: Sequence[Given], repeats: int = 16) -> Trace:
        """From reset, steps with the given ports at a value and the others drawn."""
        player = Player(self.circuit, repeats, self._rng)
        self._begin(player, 0)
        idle = self.reset.idle if self.reset else {}
        seen: dict[str, Values] = {}
        for step in steps:
            fixed = self._level(player, {**step, **idle})
            for name, cycles in self._played(player, fixed, 1).items():
                seen.setdefault(name, []).extend(cycles)
        return Trace(1, repeats, seen)

    def _width(self, name: str) -> int:
        return len(self.circuit.inputs[name])

    def _begin(self, player: Player, warm: int) -> None:
        if self.reset is not None:
            for _ in range(RESET_CYCLES):
                player.cycle(self._all_drawn(player) | self._level(player, self.reset.acting))
        for _ in range(warm):
            idle = self._level(player, self.reset.idle) if self.reset else {}
            player.cycle(self._all_drawn(player) | idle)

    def _level(self, player: Player, given: Given) -> dict[str, list[int]]:
        return {n: planes_of([v] * player.lanes, self._width(n)) for n, v in given.items()}

    def _all_drawn(self, player: Player) -> dict[str, list[int]]:
        return {n: self._drawn(player, w) for n, w in self.inputs.items()}

    @staticmethod
    def _drawn(player: Player, width: int) -> list[int]:
        return [player.drawn() for _ in range(width)]

    def _fixed(
        self, held: Given, singles: Sequence[str], settings: int, repeats: int
    ) -> dict[str, list[int]]:
        lanes = settings * repeats
        fixed = {n: planes_of([v] * lanes, self._width(n)) for n, v in held.items()}
        for k, name in enumerate(singles):
            values = [(s >> k) & 1 for s in range(settings) for _ in range(repeats)]
            fixed[name] = planes_of(values, 1)
        return fixed

    def _played(
        self, player: Player, fixed: Mapping[str, list[int]], cycles: int
    ) -> dict[str, Values]:
        seen: dict[str, Values] = {}
        lanes = player.lanes
        for _ in range(cycles):
            inputs = {**self._all_drawn(player), **fixed}
            state = player.state
            shown = player.cycle(inputs)
            for name, planes in {**inputs, **shown}.items():
                seen.setdefault(name, []).append(values_of(planes, lanes))
            for name, places in self.register_names.items():
                word = values_of([state[p] for p in places], lanes)
                seen.setdefault(f"{REGISTER}{name}", []).append(word)
        return seen


def words_of(scene: Scene, trace: Trace) -> Iterator[tuple[str, int]]:
    """Outputs and registers of more than one bit, with their widths."""
    for name, width in scene.outputs.items():
        if width > 1:
            yield name, width
    for name, places in scene.register_names.items():
        if len(places) > 1 and f"{REGISTER}{name}" in trace.seen:
            yield f"{REGISTER}{name}", len(places)
