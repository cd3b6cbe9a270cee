"""Candidates of several Specs in one simulation: where a few answer each, starting a simulation
for each Spec is most of the cost.

Guarantee: what is returned for a Spec is what a simulation of its own gives. Each Spec has its own
frames, comparison, golden and complement, and is believed on its own evidence. Whatever breaks a
simulation, or cannot be believed, is not judged here: `rtlbench.simulation.lanes` asks it alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.simulation.lanes import SPLIT, Broken, LaneResult, named_lanes, play
from rtlbench.simulation.simulators import Simulator
from rtlbench.simulation.wrapper import Part

Results = list[LaneResult] | None
"""Of a part's lanes, the golden's left out; None where the part must be simulated alone."""


def simulate_mixed(parts: Sequence[Part], simulator: Simulator) -> list[Results]:
    """The results of every part, in order.

    Args:
        parts: All modules' names apart, through all parts; no lane declares anything outside
            modules.

    Raises:
        HarnessError: The simulator's result is not of this run.
    """
    if len(parts) < 2:
        return [None] * len(parts)
    played = play(parts, simulator)
    if isinstance(played, LaneResult):
        return _without_the_broken(parts, simulator, played)
    return [part if isinstance(part, list) else None for part in played]


def _without_the_broken(
    parts: Sequence[Part], simulator: Simulator, broken: Broken
) -> list[Results]:
    """Leave out the parts that a compiler named; where there are none, split."""
    named = _parts_of(named_lanes(broken), parts)
    left = [k for k in range(len(parts)) if k not in named]
    size = len(left) if named else -(-len(left) // SPLIT)
    results: list[Results] = [None] * len(parts)
    for at in range(0, len(left), max(1, size)):
        group = left[at : at + size]
        found = simulate_mixed([parts[k] for k in group], simulator)
        for k, result in zip(group, found, strict=True):
            results[k] = result
    return results


def _parts_of(lanes: set[int], parts: Sequence[Part]) -> set[int]:
    """The parts that hold `lanes`, which are counted through all of them."""
    owners = [k for k, part in enumerate(parts) for _ in part.lanes]
    return {owners[n] for n in lanes if n < len(owners)}
