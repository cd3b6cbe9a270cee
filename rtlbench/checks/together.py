"""The simulation Check's part for candidates of several Specs at once: their lanes are played in
one simulation, and each keeps its result for the Check (rtlbench.simulation.mixed).

What is refused unseen, what declares more than modules, and what has no reference model is left
to the Check alone; so is every Spec of which a shared simulation gives no result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rtlbench.checks.base import Context, Played, Work
from rtlbench.checks.other_starts import question
from rtlbench.checks.simulation import MAX_LANES, job_for, lane_of, refuse
from rtlbench.errors import HarnessError
from rtlbench.rtl.renaming import renamed
from rtlbench.simulation.lanes import Job
from rtlbench.simulation.mixed import Results, simulate_mixed
from rtlbench.simulation.wrapper import Lane, Part


@dataclass(frozen=True)
class _Asked:
    """The candidates of one Spec that can share a simulation."""

    job: Job
    works: list[Work]
    seed: int


def play_together(groups: Sequence[tuple[Context, Sequence[Work]]]) -> None:
    """Give each candidate that can share simulations what it did in them.

    Raises:
        HarnessError: The simulator's result is not of this run.
    """
    asked = list(_shareable(groups))
    _play_all(asked)
    _play_other_starts([replace(a, works=[w for w in a.works if _is_right(w)]) for a in asked])


def _shareable(groups: Sequence[tuple[Context, Sequence[Work]]]) -> Iterator[_Asked]:
    found: dict[str, tuple[Context, list[Work]]] = {}
    for context, works in groups:
        if context.spec is not None and context.spec.reference is not None:
            _, same = found.setdefault(context.spec.digest(), (context, []))
            same += [w for w in works if refuse(w) is None and not _declares_more(w)]
    for context, works in found.values():
        if not works:
            continue
        try:
            job = job_for(context)
        except (HarnessError, ValueError, ArithmeticError, LookupError):
            continue  # the Check says so
        yield _Asked(job, works, context.seed)


def _declares_more(work: Work) -> bool:
    return work.scan is None or work.scan.other_members


def _is_right(work: Work) -> bool:
    return work.played is not None and work.played.result.mismatch is None


def _play_all(asked: Sequence[_Asked]) -> None:
    lanes, number = [], 0
    for one in asked:
        units = [renamed(w, f"lane{k}_") for k, w in enumerate(one.works, number)]
        number += len(units)
        lanes.append((one.job, [lane_of(u) for u in units]))
    for one, results in zip(asked, _played(lanes), strict=True):
        for work, result in zip(one.works, results or (), strict=results is not None):
            work.played = Played(one.job, result)


def _play_other_starts(asked: Sequence[_Asked]) -> None:
    """From other values at power-up, those that are right (rtlbench.checks.other_starts)."""
    questions = [
        question(one.job.spec, one.works, one.seed, f"{k}_") for k, one in enumerate(asked)
    ]
    played = _played([(one.job, q.lanes) for one, q in zip(asked, questions, strict=True)])
    for one, q, results in zip(asked, questions, played, strict=True):
        if results is None and q.lanes:
            continue
        for work, starts in zip(one.works, q.answered(results or ()), strict=True):
            assert work.played is not None
            work.played = replace(work.played, has_starts=True, starts=starts)


def _played(wanted: Sequence[tuple[Job, Sequence[Lane]]]) -> list[Results]:
    """The results of the lanes of each Spec; None where they must be played by themselves."""
    found: list[Results] = [None] * len(wanted)
    able = [
        k for k, (job, lanes) in enumerate(wanted)
        if lanes and not any(lane.alone for lane in (*lanes, job.golden))
    ]
    for batch in _batches(able, [len(lanes) for _, lanes in wanted]):
        parts = [
            Part(job.spec, job.plan, [*lanes, job.golden]) for job, lanes in
            (wanted[k] for k in batch)
        ]
        simulator = wanted[batch[0]][0].simulator
        for k, results in zip(batch, simulate_mixed(parts, simulator), strict=True):
            found[k] = results
    return found


def _batches(places: Iterable[int], sizes: Sequence[int]) -> Iterator[list[int]]:
    """Those of one simulation: up to MAX_LANES lanes, or those of one Spec."""
    batch: list[int] = []
    for k in places:
        if batch and sum(sizes[b] for b in batch) + sizes[k] > MAX_LANES:
            yield batch
            batch = []
        batch.append(k)
    if batch:
        yield batch
