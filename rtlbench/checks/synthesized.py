"""Does synthesis see the circuit that the simulator saw?

Synthesis knows neither delays nor the order of events within a moment, and takes a block for what
it computes, whatever wakes it. So a clock that is copied through a block, a block that never
wakes, an incomplete list of what a block waits for, show a simulator another circuit than the one
that would be built. What is right in simulation is therefore simulated again as its own netlist
(the very one that the Checks of ports and synthesis look at), beside the others, by the same
frames.

A netlist's gates pass on an X that `if` and `case` would decide. Where a netlist differs by an X,
it is asked again with its registers started at drawn bits and at their complement: only what is
wrong from a start that hardware can have is a difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rtlbench.checks.base import Work
from rtlbench.checks.power_up_values import Play, is_right
from rtlbench.errors import HarnessError
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.netlist import Netlist, from_drawn_values, renamed_module
from rtlbench.sandbox import locate
from rtlbench.simulation.lanes import Job, Lane, Played
from rtlbench.simulation.simulators import get_simulator


def from_netlists(answers: Sequence[tuple[Work, Job]], play: Play) -> list[Played | None]:
    """What the netlist of each answer did; None for an answer that has none.

    Args:
        answers: They are right as they are written.
        play: How to simulate lanes.
    """
    texts = {
        k: work.netlist.verilog
        for k, (work, _) in enumerate(answers)
        if isinstance(work.netlist, Netlist)
    }
    jobs = {id(job): _by_icarus(job) for _, job in answers}
    lanes = {k: _lane(jobs[id(answers[k][1])], text, f"net{k}") for k, text in texts.items()}
    found = dict(zip(lanes, play(list(lanes.values())), strict=True))
    doubted = [k for k, result in found.items() if _differs_by_unknown(result)]
    found.update(_from_drawn(doubted, lanes, answers, play))
    return [found.get(k) for k in range(len(answers))]


def _by_icarus(job: Job) -> Job:
    """Yosys writes what Icarus reads; building anything else would take seconds."""
    if locate.icarus() is None:
        return job
    return replace(job, simulator=get_simulator("icarus"))


def _lane(job: Job, text: str, name: str) -> Lane:
    return Lane(job, Unit(renamed_module(text, f"{name}_0"), f"{name}_0"))


def _from_drawn(
    doubted: Sequence[int],
    lanes: dict[int, Lane],
    answers: Sequence[tuple[Work, Job]],
    play: Play,
) -> dict[int, Played]:
    """The first result that is not right of each netlist from drawn values, or the last."""
    trials: list[tuple[int, Lane]] = []
    for k in doubted:
        work, lane = answers[k][0], lanes[k]
        seed = f"{work.context.seed}/{work.candidate.digest()}"
        for inverted in (False, True):
            text = from_drawn_values(lane.unit.text, seed, inverted=inverted)
            trials.append((k, _lane(lane.job, text, f"net{k}{'n' if inverted else 'p'}")))
    found: dict[int, Played] = {}
    for (k, _), result in zip(trials, play([lane for _, lane in trials]), strict=True):
        before = found.get(k)
        if before is None or is_right(before):
            found[k] = result
    return found


def _differs_by_unknown(result: Played) -> bool:
    if isinstance(result, HarnessError) or result.mismatch is None:
        return False
    return any(digit in "xXzZ" for digit in result.mismatch.got)
