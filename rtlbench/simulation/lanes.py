"""Many candidates, of one Spec or of several, as lanes of one simulation.

Guarantee: a lane's result is the result it would have alone. Each Spec has its own frames,
comparison, golden and complement. A lane passes only on evidence (rtlbench.simulation.evidence)
that every frame was compared, that the golden beside it passed and that the golden's complement
failed, from a simulator that ended well. What breaks a batch (hangs it, crashes it, cannot be
compiled) is found by splitting (rtlbench.rtl.batches); its neighbours are run again without it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal, TypeAlias

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.rtl.batches import BrokenBatch, Unit, in_batches
from rtlbench.sandbox.process import Finished, Limits
from rtlbench.sandbox.sandbox import private_folder
from rtlbench.simulation.evidence import Evidence, Handover, believed, unsealed
from rtlbench.simulation.frames import Plan
from rtlbench.simulation.simulators import Simulator, get_simulator
from rtlbench.simulation.wrapper import Part, wrapper_text, write_stimulus

FALLBACK = "verilator"
"""Takes what Icarus cannot compile; 2-state, so X is not seen there."""
MAX_LANES = 128
"""Of a batch of answers and their netlists; goldens and complements are not counted."""
BASE_CPU_SECONDS = 3
LANE_FRAMES_PER_CPU_SECOND = 50_000
"""Far below what the slowest of our goldens needs; a lane that takes longer is a timeout."""
TEXT_FRAMES_PER_CPU_SECOND = 10_000_000
"""Characters of a lane, played for a frame: a right netlist of 60,000 of them, wide vectors that
are assigned bit by bit, takes 10 s for 4,939 frames, a golden 0.05 s."""
MOST_FOR_TEXT = 60
"""CPU seconds that a lane's length may add."""
TIMES_THE_GOLDEN = 10
"""A right answer may take so many times as long as a golden whose time was measured."""
WALL_PER_CPU = 6
"""Wall seconds allowed for each CPU second: machines are shared."""


class Mismatch(msgspec.Struct, frozen=True):
    """A lane's first mismatch: the frame's index and what its outputs showed, as binary digits."""

    frame: int
    got: str


class LaneResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one lane did.

    `ended` is "done" when every frame was compared; otherwise how the simulation of this
    lane alone broke: it did not compile, ran out of time, or broke the simulator.
    """

    ended: Literal["done", "compile", "timeout", "crash"]
    mismatch: Mismatch | None = None
    compared: int = 0
    detail: str = ""
    simulator: str = ""


@dataclass(frozen=True)
class Job:
    """What all lanes of a Spec have in common.

    `golden` is the Spec's golden RTL; it runs in every batch as a control.
    """

    spec: Spec
    plan: Plan
    golden: Unit
    simulator: Simulator


@dataclass(frozen=True)
class Lane:
    """RTL to simulate, its module names apart from all others', and what it is judged by."""

    job: Job
    unit: Unit


Played: TypeAlias = LaneResult | HarnessError
"""What a lane did, or why nothing can be believed of it."""


def simulate(lanes: Sequence[Lane]) -> list[Played]:
    """What every lane did, in order.

    Args:
        lanes: No two Jobs may be of the same Spec, and all modules' names must be apart.
    """
    return in_batches(lanes, _attempt, _blame, key=_company, most=MAX_LANES)


def simulate_anyhow(lanes: Sequence[Lane]) -> list[Played]:
    """As `simulate`; what its simulator cannot compile, though slang accepts it, is asked of the
    one that takes nearly everything."""
    results = simulate(lanes)
    for k, (lane, result) in enumerate(zip(lanes, results, strict=True)):
        refused = isinstance(result, LaneResult) and result.ended == "compile"
        if refused and lane.job.simulator.name != FALLBACK:
            job = replace(lane.job, simulator=get_simulator(FALLBACK))
            results[k] = simulate([Lane(job, lane.unit)])[0]
    return results


def simulate_answers(job: Job, units: Sequence[Unit]) -> list[LaneResult]:
    """The result of every answer to one Spec, in order.

    Raises:
        GoldenError: The golden itself fails.
        HarnessError: A result is not what the run must give.
    """
    played = simulate_anyhow([Lane(job, unit) for unit in units])
    for result in played:
        if isinstance(result, HarnessError):
            raise result
    return [r for r in played if isinstance(r, LaneResult)]


def _company(lane: Lane) -> Hashable:
    """What lanes of one simulation have in common; what declares more than modules, which would
    reach its neighbours, has it with nobody, and beside such a golden are its own answers only."""
    if lane.unit.alone:
        return object()
    return lane.job.simulator.name, id(lane.job) if lane.job.golden.alone else None


def _attempt(lanes: Sequence[Lane]) -> list[Played] | BrokenBatch[Played]:
    """One simulation of all lanes; a part of which nothing is believed is asked about again."""
    owned: dict[int, list[int]] = {}
    for k, lane in enumerate(lanes):
        owned.setdefault(id(lane.job), []).append(k)
    jobs = [lanes[places[0]].job for places in owned.values()]
    played = _play(
        [(job, [lanes[k].unit for k in own]) for job, own in zip(jobs, owned.values(), strict=True)]
    )
    if not isinstance(played, list):
        return BrokenBatch(played, _named(played, list(owned.values())))
    results: dict[int, Played] = {}
    doubted: set[int] = set()
    for job, own, found in zip(jobs, owned.values(), played, strict=True):
        if isinstance(found, list):
            results.update(zip(own, found, strict=True))
            continue
        results.update(dict.fromkeys(own, found))
        if len(lanes) > 1 and _control(job) is None:
            doubted.update(own)
    if doubted:
        return BrokenBatch(results[min(doubted)], frozenset(doubted))
    return [results[k] for k in range(len(lanes))]


def _named(broken: Played, owned: Sequence[Sequence[int]]) -> frozenset[int]:
    """The lanes that a compiler named; where it named a golden, all that stand beside it."""
    if not isinstance(broken, LaneResult) or broken.ended != "compile":
        return frozenset()
    numbered = [beside for own in owned for beside in (*([k] for k in own), own)]
    found = {int(m) for m in re.findall(r"\blane(\d+):\d+", broken.detail)}
    return frozenset(k for n in found if n < len(numbered) for k in numbered[n])


def _blame(lane: Lane, broken: Played) -> Played:
    """A lone lane broke the simulation: make sure that it was not the harness.

    What does not compile speaks of nobody anyway, and the control can take Verilator long to build.
    """
    if isinstance(broken, HarnessError) or broken.ended == "compile":
        return broken
    return _control(lane.job) or broken


def _control(job: Job) -> HarnessError | None:
    """What is wrong with a simulation of the golden alone; None where nothing is."""
    played = _play([(job, [])])
    if isinstance(played, LaneResult):
        told = f"the golden alone ends in {played.ended}: {played.detail}"
        return HarnessError(f"{job.spec.id}: {told}")
    if isinstance(played, HarnessError):
        return played
    return played[0] if isinstance(played[0], HarnessError) else None


def _play(
    asked: Sequence[tuple[Job, Sequence[Unit]]],
) -> list[list[LaneResult] | HarnessError] | Played:
    """One simulation of answers to each of some Specs."""
    parts = [Part(job.spec, job.plan, [*units, job.golden]) for job, units in asked]
    try:
        return play(parts, asked[0][0].simulator)
    except HarnessError as e:
        return e


def limits_for(
    lane_frames: int, golden_seconds: float = 0.0, text_seconds: float = 0.0
) -> Limits:
    """What a simulation may use that plays so many frames, counted once for each lane.

    Args:
        golden_seconds: What a golden in each lane would take, where that was measured.
        text_seconds: What the lanes' length adds.
    """
    cpu = BASE_CPU_SECONDS + lane_frames // LANE_FRAMES_PER_CPU_SECOND
    cpu += int(golden_seconds * TIMES_THE_GOLDEN + text_seconds)
    return Limits(wall=float(cpu * WALL_PER_CPU), cpu=cpu, memory=4 << 30)


def _for_text(parts: Sequence[Part]) -> float:
    """CPU seconds for the length of all lanes."""
    each = (len(p.plan.frames) * len(lane.text) for p in parts for lane in p.lanes)
    return sum(min(MOST_FOR_TEXT, n / TEXT_FRAMES_PER_CPU_SECOND) for n in each)


def play(
    parts: Sequence[Part], simulator: Simulator
) -> list[list[LaneResult] | HarnessError] | LaneResult:
    """One simulation of the lanes of one or more Specs, all modules' names apart.

    Returns:
        For each part the results of its lanes without the golden, or why nothing can be believed
        of that part; or how the simulation broke, which may be any lane's fault.

    Raises:
        HarnessError: The result is not of this run.
    """
    limits = limits_for(
        sum(len(p.plan.frames) * len(p.lanes) for p in parts),
        sum(p.plan.seconds * len(p.lanes) for p in parts),
        _for_text(parts),
    )
    top = f"rtlbench_{secrets.token_hex(8)}"
    with private_folder() as folder:
        write_stimulus(folder, parts)
        wrapper = wrapper_text(parts, top, two_state=simulator.two_state)
        (folder / "lanes.sv").write_text("\n".join([wrapper, *_texts(parts)]))
        built = simulator.build(folder, "lanes.sv", top, limits)
        if not built.ok:
            return _broken_build(built)
        with Handover(folder, *(p.count for p in parts)) as handover:
            ran = simulator.run(folder, top, limits)
            handed = handover.received()
        if handed is None or not ran.ok:
            return _broken_run(ran)
        found = unsealed(handed, handover.key, len(parts))
    return [_read(part, evidence) for part, evidence in zip(parts, found, strict=True)]


def _texts(parts: Sequence[Part]) -> list[str]:
    """The text of every lane. Goldens first: what a candidate declares outside modules holds from
    there on."""
    goldens, others = [], []
    numbers = count()
    for part in parts:
        marked = [_marked(next(numbers), lane.text) for lane in part.lanes]
        goldens.append(marked[-1])
        others += marked[:-1]
    return [*goldens, *others]


def _marked(k: int, text: str) -> str:
    """`` `line`` makes tools name the lane and its own line in their messages."""
    return f'`line 1 "lane{k}" 0\n{text}'


def _broken_build(built: Finished) -> LaneResult:
    if built.reason == "timeout":
        return _late(built)
    return LaneResult(ended="compile", detail=(built.stderr + built.stdout)[:4000])


def _broken_run(ran: Finished) -> LaneResult:
    if ran.reason == "timeout":
        return _late(ran)
    text = f"{ran.reason} {ran.code}: {(ran.stderr + ran.stdout)[-2000:]}"
    return LaneResult(ended="crash", detail=text)


def _late(ran: Finished) -> LaneResult:
    if ran.stalled:
        return LaneResult(ended="crash", detail="it stood still until its time was over")
    return LaneResult(ended="timeout", detail=f"the simulation took {ran.wall:.1f} s")


def _read(part: Part, evidence: Evidence) -> list[LaneResult] | HarnessError:
    """The results of all lanes but the golden's, on evidence that holds."""
    try:
        found = believed(evidence, part.plan, part.count)
    except HarnessError as e:
        return type(e)(f"{part.spec.id}: {e}")
    firsts = [found.of(k) for k in range(len(part.lanes) - 1)]
    return [
        LaneResult(
            ended="done",
            mismatch=Mismatch(*first) if first is not None else None,
            compared=found.compared,
            simulator=found.simulator,
        )
        for first in firsts
    ]
