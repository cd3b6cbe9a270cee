"""Counterexamples as stimulus: the reference model says what each frame must show."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import msgspec

from rtlbench.equivalence.witness import Moment
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.simulation import recorded
from rtlbench.simulation.frames import Plan, plan_of
from rtlbench.simulation.model import load_model
from rtlbench.simulation.stimulus import Stimulus


def replay_plan(spec: Spec, moments: Sequence[Moment]) -> Plan:
    """The frames of a counterexample, with what the reference model expects in each.

    Raises:
        HarnessError: The Spec has no reference model, or the model breaks its contract.
    """
    if spec.reference is None:
        raise HarnessError(f"{spec.id}: no reference model to replay a counterexample against")
    stimulus = Stimulus(spec, load_model(spec.reference)(spec.params), random.Random(0))
    stimulus.play(as_recorded(spec, moments))
    return plan_of(spec, stimulus.frames)


def expecting(
    spec: Spec, plan: Plan, moments: Sequence[Moment], shown: Mapping[str, str]
) -> Plan:
    """The same frames, comparing `shown` (binary digits, `-` for any) after the last moment."""
    digits = "".join(shown[p.name] for p in spec.outputs)
    expected = int(digits.replace("-", "0"), 2)
    care = int("".join("0" if d == "-" else "1" for d in digits), 2)
    last = sum(1 + (m.edge != "none") for m in moments) - 1
    frames = [msgspec.structs.replace(f, expected=0, care=0) for f in plan.frames]
    frames[last] = msgspec.structs.replace(frames[last], expected=expected, care=care)
    return plan_of(spec, frames)


def as_recorded(spec: Spec, moments: Sequence[Moment]) -> list[recorded.Moment]:
    """Moments in the words of a stimulus: port ids and logical values."""
    ids = {p.name: p.id for p in spec.inputs}
    return [
        recorded.Moment(logical(spec, m.inputs), m.edge, ids.get(m.clock, "")) for m in moments
    ]


def logical(spec: Spec, levels: Mapping[str, int]) -> dict[str, int]:
    """Port levels by name as logical values by id."""
    values: dict[str, int] = {}
    for port in spec.inputs:
        if port.name in levels:
            flipped = port.active == "low" and port.role != "data"
            values[port.id] = levels[port.name] ^ ((1 << port.width) - 1 if flipped else 0)
    return values
