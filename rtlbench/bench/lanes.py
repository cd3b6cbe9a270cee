"""Many candidates of one Spec in one simulation, and what to do when a batch breaks.

Guarantee: a lane's result is the result it would have alone. A lane passes only when the
simulator's side says, under this run's nonce, that every frame was compared, that the golden
beside it passed and that the golden's complement failed. What breaks a batch (hangs it, crashes
it, cannot be compiled) is found by splitting; its neighbours are run again without it.
"""

from __future__ import annotations

import json
import re
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from rtlbench.bench.handover import LANES, NONCE, RESULT_FILE
from rtlbench.bench.simulators import Simulator
from rtlbench.bench.stimulus import Plan
from rtlbench.bench.wrapper import STIMULUS_FILE, Lane, stimulus_text, wrapper_text
from rtlbench.errors import HarnessError
from rtlbench.spec import Spec
from rtlbench.tools.process import Finished, Limits

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
        HarnessError: The golden itself fails, or a result is not what the run must give.
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
    named = _named_lanes(broken, lanes) if broken.ended == "compile" else set()
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
    """A lone lane broke the simulation: make sure that it was not the harness."""
    control = _play(job, [job.golden])
    if isinstance(control, list):
        return broken
    raise HarnessError(f"{job.spec.id}: the golden alone ends in {control.ended}: {control.detail}")


def limits_for(plan: Plan, lanes: int) -> Limits:
    """What a simulation of `lanes` lanes may use."""
    cpu = BASE_CPU_SECONDS + len(plan.frames) * lanes // LANE_FRAMES_PER_CPU_SECOND
    return Limits(wall=float(cpu * WALL_PER_CPU), cpu=cpu, memory=4 << 30)


def _play(job: Job, lanes: Sequence[Lane]) -> list[LaneResult] | Broken:
    """One simulation; the last lane is the golden, whose result is checked and dropped."""
    spec, plan, simulator = job.spec, job.plan, job.simulator
    limits = limits_for(plan, len(lanes))
    nonce = secrets.token_hex(16)
    top = f"rtlbench_{nonce}"
    with tempfile.TemporaryDirectory(prefix="rtlbench-") as name:
        folder = Path(name)
        (folder / STIMULUS_FILE).write_text(stimulus_text(plan))
        texts = [_marked(k, lane.text) for k, lane in enumerate(lanes)]
        wrapper = wrapper_text(spec, plan, lanes, top)
        (folder / "lanes.sv").write_text("\n".join([wrapper, *texts]))
        built = simulator.build(folder, "lanes.sv", top, limits)
        if not built.ok:
            return _broken_build(built, folder)
        result = folder / "result.json"
        env = {
            "COCOTB_TEST_MODULES": "rtlbench.bench.playback",
            RESULT_FILE: str(result),
            NONCE: nonce,
            LANES: str(len(lanes) + 1),
        }
        ran = simulator.run(folder, top, env, limits)
        if not result.is_file():
            return _broken_run(ran)
        return _read(spec, plan, len(lanes), result, nonce)


def _marked(k: int, text: str) -> str:
    """`` `line`` makes tools name the lane and its own line in their messages."""
    return f'`line 1 "lane{k}" 0\n{text}'


def _named_lanes(broken: Broken, lanes: Sequence[Lane]) -> set[int]:
    found = {int(m) for m in re.findall(r"\blane(\d+):\d+", broken.detail)}
    return {k for k in found if k < len(lanes)}


def _broken_build(built: Finished, folder: Path) -> Broken:
    text = (built.stderr + built.stdout).replace(str(folder), "")
    ended: Literal["compile", "timeout"] = "timeout" if built.reason == "timeout" else "compile"
    return LaneResult(ended=ended, detail=text[:4000])


def _broken_run(ran: Finished) -> Broken:
    if ran.reason == "timeout":
        return LaneResult(ended="timeout", detail=f"the simulation took {ran.wall:.1f} s")
    text = f"{ran.reason} {ran.code}: {(ran.stderr + ran.stdout)[-2000:]}"
    return LaneResult(ended="crash", detail=text)


class _Handed(msgspec.Struct, forbid_unknown_fields=True):
    nonce: str
    compared: int
    lanes: int
    mismatches: dict[str, tuple[int, str]]
    simulator: str


def _read(spec: Spec, plan: Plan, count: int, path: Path, nonce: str) -> list[LaneResult]:
    """Check the evidence; a result that is not complete and ours is an error of the harness."""
    try:
        handed = msgspec.convert(json.loads(path.read_text()), _Handed)
    except (ValueError, msgspec.ValidationError) as e:
        raise HarnessError(f"{spec.id}: the simulator's result cannot be read: {e}") from e
    if handed.nonce != nonce or handed.lanes != count + 1:
        raise HarnessError(f"{spec.id}: the result is not of this run")
    if handed.compared != len(plan.frames):
        short = f"{handed.compared} of {len(plan.frames)} frames"
        raise HarnessError(f"{spec.id}: the simulation compared only {short}")
    mismatches = {int(k): Mismatch(*v) for k, v in handed.mismatches.items()}
    golden, complement = count - 1, count
    if golden in mismatches:
        at = mismatches[golden]
        raise HarnessError(f"{spec.id}: the golden fails in frame {at.frame}, showing {at.got}")
    if complement not in mismatches:
        raise HarnessError(f"{spec.id}: the stimulus cannot tell the golden from its complement")
    return [
        LaneResult(
            ended="done",
            mismatch=mismatches.get(k),
            compared=handed.compared,
            simulator=handed.simulator,
        )
        for k in range(count - 1)
    ]
