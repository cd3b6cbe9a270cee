"""Is a counterexample real? It is where simulation contradicts the reference model under it.

Golden and answer may differ where the task leaves something open. So a counterexample is played
to the answer beside the golden, the reference model saying what each frame must show, and it
counts only where the answer then shows something else.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from rtlbench.equivalence.witness import Counterexample, CounterexampleStep
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.rtl.batches import Unit
from rtlbench.simulation.frames import Plan, plan_of
from rtlbench.simulation.lanes import Job, LaneResult, Mismatch, simulate_answers
from rtlbench.simulation.model import Moment, load_reference
from rtlbench.simulation.simulators import Simulator
from rtlbench.simulation.stimulus import Stimulus

MAX_FRAMES = 50_000
"""A counterexample with more is not replayed."""
DONT_CARE = "differs only where anything is right"
UNDEFINED = "differs only in what is undefined at the start, which simulation does not show"


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What simulation makes of a counterexample."""

    plan: Plan
    mismatch: Mismatch | None = None
    """Where the answer contradicts the reference model; None where it does not, or may."""
    reason: str = ""
    """Why the counterexample does not count; empty where it does."""


def replay(
    spec: Spec, simulator: Simulator, golden: Unit, candidate: Unit, counterexample: Counterexample
) -> Replay:
    """Play a counterexample to `candidate` beside `golden`.

    Raises:
        HarnessError: The simulation breaks or times out, the golden itself contradicts the model,
            or a certain difference is not seen at all.
    """
    plan, last = replay_plan(spec, counterexample.moments)
    if len(plan.frames) > MAX_FRAMES:
        told = f"a difference after {counterexample.cycles} cycles, not replayed"
        return Replay(plan=plan, reason=told)
    mismatch = _mismatch(Job(spec, plan, golden, simulator), candidate)
    if mismatch is not None:
        return Replay(plan=plan, mismatch=mismatch)
    shown = _expecting(spec, plan, last, counterexample.golden)
    if _mismatch(Job(spec, shown, golden, simulator), candidate) is not None:
        return Replay(plan=plan, reason=DONT_CARE)
    if not counterexample.certain:
        return Replay(plan=plan, reason=UNDEFINED)
    raise HarnessError(
        f"{spec.id}: a counterexample of {counterexample.cycles} cycles is not seen in simulation: "
        f"golden {counterexample.golden}, answer {counterexample.candidate}"
    )


def _mismatch(job: Job, candidate: Unit) -> Mismatch | None:
    if not any(f.care for f in job.plan.frames):
        return None  # nothing could fail, not even the control
    result: LaneResult = simulate_answers(job, [candidate])[0]
    if result.ended != "done":
        raise HarnessError(f"{job.spec.id}: the replay ends in {result.ended}: {result.detail}")
    return result.mismatch


def replay_plan(spec: Spec, moments: Sequence[CounterexampleStep]) -> tuple[Plan, int]:
    """The frames of a counterexample, with what the reference model expects in each; and the place
    of the one that shows what the last moment led to.

    Raises:
        HarnessError: The Spec has no reference model, or the model breaks its contract.
    """
    if spec.reference is None:
        raise HarnessError(f"{spec.id}: no reference model to replay a counterexample against")
    stimulus = Stimulus(spec, load_reference(spec.reference)(spec.params), random.Random(0))
    last = stimulus.play(as_recorded(spec, moments))
    return plan_of(spec, stimulus.frames), last


def _expecting(spec: Spec, plan: Plan, last: int, shown: Mapping[str, str]) -> Plan:
    """The same frames, comparing `shown` (binary digits, `-` for any) in the frame `last` alone."""
    digits = "".join(shown[p.name] for p in spec.outputs)
    expected = int(digits.replace("-", "0"), 2)
    care = int("".join("0" if d == "-" else "1" for d in digits), 2)
    frames = [msgspec.structs.replace(f, expected=0, care=0) for f in plan.frames]
    frames[last] = msgspec.structs.replace(frames[last], expected=expected, care=care)
    return plan_of(spec, frames)


def as_recorded(spec: Spec, moments: Sequence[CounterexampleStep]) -> list[Moment]:
    """Moments in the words of a stimulus: port ids and logical values."""
    ids = {p.name: p.id for p in spec.inputs}
    return [
        Moment(logical(spec, m.inputs), m.edge, ids.get(m.clock, "")) for m in moments
    ]


def logical(spec: Spec, levels: Mapping[str, int]) -> dict[str, int]:
    """Port levels by name as logical values by id."""
    values: dict[str, int] = {}
    for port in spec.inputs:
        if port.name in levels:
            flipped = port.active == "low" and port.role != "data"
            values[port.id] = levels[port.name] ^ ((1 << port.width) - 1 if flipped else 0)
    return values
