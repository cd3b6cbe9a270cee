"""What hardware may do otherwise than simulation: other values at power-up, and the netlist.

**Power-up.** A simulator has X in a register that nothing has set, and `if (x)` quietly takes its
`else`; in hardware the register holds some value, and never X. So an answer that is right, and has
state without a start value that no reset is seen to set, is simulated again as two lanes: that
state started at drawn bits, and at their complement; an X that the text writes down is drawn
likewise. Where a lane is wrong, there is a start from which the hardware is wrong: what was right
is the simulator's X. A right answer has nothing to fear: what its outputs do after reset does not
hang on what an unset register holds. A declared start value stays as it is: hardware loads it. The
golden is treated likewise, in the same simulation; where it fails so, the question is not asked of
anyone.

**The netlist.** Synthesis knows neither delays nor the order of events within a moment, and takes a
block for what it computes, whatever wakes it. So a clock that is copied through a block, a block
that never wakes, an incomplete list of what a block waits for, show a simulator another circuit
than the one that would be built. What is right in simulation is therefore simulated again as its
own netlist (the very one that the Checks of ports and synthesis look at), beside the others, by the
same frames. A netlist's gates pass on an X that `if` and `case` would decide. Where a netlist
differs by an X, it is asked again with its registers started at drawn bits and at their complement:
only what is wrong from a start that hardware can have is a difference.

The netlist also stands for a text that Icarus does not compile, where that text is seen to say the
same to all (rtlbench.equivalence.one_meaning): building it otherwise takes the better part of a
minute. Then its registers are started at drawn bits and at their complement in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from rtlbench.checks.alike import drawn_by
from rtlbench.checks.base import Work
from rtlbench.equivalence.from_starts import StartedText, from_starts, golden_from_starts
from rtlbench.equivalence.one_meaning import has_one_meaning
from rtlbench.errors import HarnessError
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.netlist import Netlist, NetlistFailure, from_drawn_values, renamed_module
from rtlbench.rtl.renaming import unknown_literals
from rtlbench.sandbox import locate
from rtlbench.simulation.lanes import Job, Lane, LaneResult, Played
from rtlbench.simulation.simulators import get_simulator

MOST_BESIDE = 16
"""Circuits of a task's answers up to which they are played beside them."""
Circuit = tuple[int, str]
"""What is the same for lanes that come to the same: a job's id, and a netlist without its name."""
Play = Callable[[Sequence[Lane]], list[Played]]


@dataclass(frozen=True, kw_only=True)
class PowerUp:
    """What came of starting one answer from other values."""

    variables: str
    """What was started, for people; with the values where a lane went wrong."""
    played: Played | None
    """The first lane that was not right, or the last; None where the golden fails likewise."""


@dataclass(frozen=True)
class _Trial:
    """One lane to play from other values."""

    lane: Lane
    variables: str
    answer: int | None
    """The place of the answer; None for the golden's own."""


def from_other_values(
    answers: Sequence[tuple[Work, Job]], play: Play
) -> list[PowerUp | None]:
    """What other values at power-up make of each answer; None for one that has none.

    Args:
        answers: They are right from the start that they had.
        play: How to simulate lanes.
    """
    found: dict[int, PowerUp] = {}
    trials: list[_Trial] = []
    seeds: dict[int, tuple[Job, int]] = {}
    for k, (work, job) in enumerate(answers):
        try:
            own = _of_answer(work, job, k)
        except HarnessError as e:
            found[k] = PowerUp(variables="", played=e)
            continue
        trials += own
        if own:
            seeds[id(job)] = job, work.context.seed
    for n, (job, seed) in enumerate(seeds.values()):
        try:
            trials += _of_golden(job, seed, n)
        except HarnessError as e:
            broken = PowerUp(variables="", played=e)
            found.update((t.answer, broken) for t in trials if t.answer is not None
                         and t.lane.job is job)
    played = list(zip(trials, play([t.lane for t in trials]), strict=True))
    for k, power_up in _concluded(_woken(played, answers, play)).items():
        found.setdefault(k, power_up)
    return [found.get(k) for k in range(len(answers))]


def _woken(
    played: Sequence[tuple[_Trial, Played]], answers: Sequence[tuple[Work, Job]], play: Play
) -> list[tuple[_Trial, Played]]:
    """`played`, the netlist's instead of a text that shows an X though all of it started known.

    A start value is no event: a block that waits for the variable has not computed anything yet,
    which only a simulator can show.
    """
    asleep = {
        t.answer for t, result in played
        if t.answer is not None and _differs_by_unknown(result)
        and isinstance(answers[t.answer][0].netlist, Netlist)
        and not answers[t.answer][0].by_netlist
    }  # fmt: skip
    again: list[_Trial] = []
    for k in sorted(asleep):
        work, job = answers[k]
        again += [_Trial(Lane(job, unit), "its registers", k) for unit in _netlists(work, k)]
    kept = [(t, r) for t, r in played if t.answer not in asleep]
    return kept + list(zip(again, play([t.lane for t in again]), strict=True))


def _concluded(played: Sequence[tuple[_Trial, Played]]) -> dict[int, PowerUp]:
    """What came of each answer, by its place."""
    goldens: dict[int, list[Played]] = {}
    own: dict[int, list[tuple[_Trial, Played]]] = {}
    for trial, result in played:
        if trial.answer is None:
            goldens.setdefault(id(trial.lane.job), []).append(result)
        else:
            own.setdefault(trial.answer, []).append((trial, result))
    found: dict[int, PowerUp] = {}
    for answer, trials in own.items():
        trial, result = next(((t, r) for t, r in trials if not is_right(r)), trials[-1])
        of_golden = goldens.get(id(trial.lane.job), [])
        broken = next((r for r in (*of_golden, result) if isinstance(r, HarnessError)), None)
        counts = result if all(map(is_right, of_golden)) else None
        found[answer] = PowerUp(variables=trial.variables, played=broken or counts)
    return found


def is_right(result: Played) -> bool:
    """Whether a lane was played to its end without a mismatch."""
    return (
        isinstance(result, LaneResult) and result.ended == "done" and result.mismatch is None
    )


def _of_answer(work: Work, job: Job, k: int) -> list[_Trial]:
    assert work.cleared is not None
    assert work.elaboration is not None
    if work.by_netlist:
        return [_Trial(Lane(job, unit), "its registers", k) for unit in _netlists(work, k)]
    text = StartedText(work.cleared.text, work.cleared.scan, work.elaboration)
    pair = from_starts(job.spec, text, drawn_by(work), f"start{k}")
    return [_Trial(Lane(job, unit), told, k) for unit, told in pair]


def _netlists(work: Work, k: int) -> list[Unit]:
    """The netlist from drawn values and their complement; none where nothing starts unknown."""
    assert isinstance(work.netlist, Netlist)
    drawn, units = drawn_by(work), []
    for inverted in (False, True):
        name = f"start{k}{'n' if inverted else 'p'}_0"
        text = from_drawn_values(work.netlist.verilog, drawn, inverted=inverted)
        if text != work.netlist.verilog:
            units.append(Unit(renamed_module(text, name), name))
    return units


def _of_golden(job: Job, seed: int, n: int) -> list[_Trial]:
    pair = golden_from_starts(job.spec, seed, f"start_golden{n}")
    return [_Trial(Lane(job, unit), told, None) for unit, told in pair]


def beside(answers: Sequence[tuple[Work, Job]]) -> dict[int, Lane]:
    """Lanes of the netlists that are played beside the answers, one for each circuit, by the place
    of the first answer that comes to it.

    A simulation of its own takes longer to start than some lanes take that were for nothing, since
    the answers are wrong.
    """
    first: dict[int, dict[Circuit, tuple[int, Lane]]] = {}
    for k, (work, job) in enumerate(answers):
        if _is_written(work.netlist) and _by_icarus(job) is job:
            lane = _lane(job, work.netlist.verilog, f"net{k}")
            first.setdefault(id(job), {}).setdefault(circuit_of(lane), (k, lane))
    return dict(
        placed for own in first.values() if len(own) <= MOST_BESIDE for placed in own.values()
    )


def circuit_of(lane: Lane) -> Circuit:
    """What a netlist's lane has in common with those of answers that come to the same circuit."""
    return id(lane.job), renamed_module(lane.unit.text, "net")


def _is_written(made: Netlist | NetlistFailure | None) -> TypeGuard[Netlist]:
    """Whether there is a netlist to play: Yosys writes no text for a module that holds nothing."""
    return isinstance(made, Netlist) and bool(made.verilog)


def from_netlists(
    answers: Sequence[tuple[Work, Job]], play: Play, known: Mapping[Circuit, Played]
) -> list[Played | None]:
    """What the netlist of each answer did; None for an answer that has none.

    Args:
        answers: They are right as they are written.
        play: How to simulate lanes.
        known: What was played beside the answers already.
    """
    texts = {
        k: work.netlist.verilog
        for k, (work, _) in enumerate(answers)
        if _is_written(work.netlist) and not work.by_netlist
    }
    jobs = {id(job): _by_icarus(job) for _, job in answers}
    lanes = {k: _lane(jobs[id(answers[k][1])], text, f"net{k}") for k, text in texts.items()}
    circuits = {k: circuit_of(lane) for k, lane in lanes.items()}
    left = {c: lanes[k] for k, c in reversed(circuits.items()) if c not in known}
    played = {**known, **dict(zip(left, play(list(left.values())), strict=True))}
    found = {k: played[c] for k, c in circuits.items()}
    doubted = [k for k, result in found.items() if _differs_by_unknown(result)]
    found.update(_from_drawn(doubted, lanes, answers, play))
    return [found.get(k) for k in range(len(answers))]


def stand_in(work: Work, job: Job, name: str) -> Lane | None:
    """A lane of the netlist that may be judged for the text; None where it may not.

    An X written down is no hindrance where the golden is a netlist, too.
    """
    netlist, view, spec = work.netlist, work.elaboration, work.context.spec
    if not isinstance(netlist, Netlist) or not netlist.verilog or view is None or spec is None:
        return None
    unsure = netlist.floating_bits or netlist.combinational_loop() or any(netlist.latches())
    has_unknown = not job.plan.by_netlist and unknown_literals(view.tree)
    if unsure or has_unknown or not has_one_meaning(view, spec):
        return None
    return _lane(job, netlist.verilog, name)


def _by_icarus(job: Job) -> Job:
    """Yosys writes what Icarus reads; building anything else would take seconds."""
    if locate.icarus() is None or job.simulator.name == "icarus":
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
        for inverted in (False, True):
            text = from_drawn_values(lane.unit.text, drawn_by(work), inverted=inverted)
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
