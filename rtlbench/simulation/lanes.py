"""Many candidates of one Spec in one simulation, and what to do when a batch breaks.

Guarantee: a lane's result is the result it would have alone. A lane passes only on evidence
(rtlbench.simulation.evidence) that every frame was compared, that the golden beside it passed and
that the golden's complement failed, from a simulator that ended well. What breaks a batch (hangs
it, crashes it, cannot be compiled) is found by splitting; its neighbours are run again without it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal, TypeAlias

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.sandbox.process import Finished, Limits
from rtlbench.sandbox.sandbox import private_folder
from rtlbench.simulation.evidence import Evidence, Handover, believed, opened
from rtlbench.simulation.frames import Plan
from rtlbench.simulation.simulators import Simulator
from rtlbench.simulation.wrapper import Lane, Part, wrapper_text, write_stimulus

SPLIT = 8
"""A broken batch is cut into this many parts: one hanging lane of 64 costs three timeouts."""
BASE_CPU_SECONDS = 3
LANE_FRAMES_PER_CPU_SECOND = 50_000
"""Far below what the slowest of our goldens needs; a lane that takes longer is a timeout."""
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


Broken: TypeAlias = LaneResult


@dataclass(frozen=True)
class Job:
    """What all lanes of a Spec have in common.

    `golden` is the Spec's golden RTL; it runs in every batch as a control.
    """

    spec: Spec
    plan: Plan
    golden: Lane
    simulator: Simulator


def simulate(job: Job, lanes: Sequence[Lane]) -> list[LaneResult]:
    """The result of every lane, in order.

    Args:
        lanes: Candidates whose module names are apart from each other and from the golden's.

    Raises:
        GoldenError: The golden itself fails.
        HarnessError: A result is not what the run must give.
    """
    if not lanes:
        return []
    result = _play(job, [*lanes, job.golden])
    if isinstance(result, list):
        return result
    if len(lanes) == 1:
        return [_blame(job, result)]
    return _split(job, lanes, result)


def _split(job: Job, lanes: Sequence[Lane], broken: Broken) -> list[LaneResult]:
    """Run the parts of a broken batch; the lanes a compiler named go alone."""
    named = {k for k in named_lanes(broken) if k < len(lanes)}
    groups: list[list[int]] = [[k] for k in sorted(named)]
    rest = [k for k in range(len(lanes)) if k not in named]
    if named:
        groups += [rest] if rest else []
    else:
        size = max(1, -(-len(rest) // SPLIT))
        groups += [rest[k : k + size] for k in range(0, len(rest), size)]
    results: dict[int, LaneResult] = {}
    for group in groups:
        part = simulate(job, [lanes[k] for k in group])
        results.update(zip(group, part, strict=True))
    return [results[k] for k in range(len(lanes))]


def _blame(job: Job, broken: Broken) -> LaneResult:
    """A lone lane broke the simulation: make sure that it was not the harness.

    What does not compile speaks of nobody anyway, and the control can take Verilator long to build.
    """
    if broken.ended == "compile":
        return broken
    control = _play(job, [job.golden])
    if isinstance(control, list):
        return broken
    raise HarnessError(f"{job.spec.id}: the golden alone ends in {control.ended}: {control.detail}")


def limits_for(lane_frames: int) -> Limits:
    """What a simulation may use that plays so many frames, counted once for each lane."""
    cpu = BASE_CPU_SECONDS + lane_frames // LANE_FRAMES_PER_CPU_SECOND
    return Limits(wall=float(cpu * WALL_PER_CPU), cpu=cpu, memory=4 << 30)


def _play(job: Job, lanes: Sequence[Lane]) -> list[LaneResult] | Broken:
    """One simulation; the last lane is the golden, whose result is checked and dropped."""
    played = play([Part(job.spec, job.plan, lanes)], job.simulator)
    if isinstance(played, LaneResult):
        return played
    if isinstance(played[0], HarnessError):
        raise played[0]
    return played[0]


def play(
    parts: Sequence[Part], simulator: Simulator
) -> list[list[LaneResult] | HarnessError] | Broken:
    """One simulation of the lanes of one or more Specs, all modules' names apart.

    Returns:
        For each part the results of its lanes without the golden, or why nothing can be believed
        of that part; or how the simulation broke, which may be any lane's fault.

    Raises:
        HarnessError: The result is not of this run.
    """
    limits = limits_for(sum(len(p.plan.frames) * len(p.lanes) for p in parts))
    top = f"rtlbench_{secrets.token_hex(8)}"
    with private_folder() as folder:
        write_stimulus(folder, parts)
        (folder / "lanes.sv").write_text("\n".join([wrapper_text(parts, top), *_texts(parts)]))
        built = simulator.build(folder, "lanes.sv", top, limits)
        if not built.ok:
            return _broken_build(built)
        env = {"COCOTB_TEST_MODULES": "rtlbench.simulation.in_simulator.playback"}
        with Handover(folder, *(p.count for p in parts)) as handover:
            ran = simulator.run(folder, top, env, limits)
            handed = handover.taken()
        if handed is None or not ran.ok:
            return _broken_run(ran)
        found = opened(handed, handover.key, len(parts))
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


def named_lanes(broken: Broken) -> set[int]:
    """The lanes that a compiler named, counted through all parts; none where it was no compiler."""
    if broken.ended != "compile":
        return set()
    return {int(m) for m in re.findall(r"\blane(\d+):\d+", broken.detail)}


def _broken_build(built: Finished) -> Broken:
    if built.reason == "timeout":
        return _late(built)
    return LaneResult(ended="compile", detail=(built.stderr + built.stdout)[:4000])


def _broken_run(ran: Finished) -> Broken:
    if ran.reason == "timeout":
        return _late(ran)
    text = f"{ran.reason} {ran.code}: {(ran.stderr + ran.stdout)[-2000:]}"
    return LaneResult(ended="crash", detail=text)


def _late(ran: Finished) -> Broken:
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
