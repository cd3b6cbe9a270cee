"""Answers that are right until their inputs have done something rare: a golden and a counter, or a
golden and a shift register, that no task has asked for."""

from __future__ import annotations

import random

from perf.rare_faults import ASSIGNMENT
from rtlbench.records.spec import Port, Spec
from rtlbench.rtl.slang import elaborate

COUNT = (8, 256)
"""How often a condition on the inputs must have been met since the last reset."""
HISTORY = (5, 10)
"""Over how many cycles inputs must have been as one word says."""


def with_trigger(spec: Spec, k: int) -> str | None:
    """The golden, wrong in one assignment once the trigger has been met; None where it has no place
    for that, or no clock, or several."""
    rng = random.Random(f"{spec.id}/trigger/{k}")
    places = [m for m in ASSIGNMENT.finditer(spec.golden) if "'d0" not in m[3]]
    data = [p for p in spec.inputs if p.role == "data"]
    if not places or not data or len(spec.clocks) != 1:
        return None
    place = rng.choice(places)
    value = f"trigger ? ~({place[3]}) : ({place[3]})"
    text = spec.golden[: place.start(3)] + value + spec.golden[place.end(3) :]
    at = text.index(");") + 2
    text = f"{text[:at]}\n{_trigger(spec, _met(rng.choice(data), rng), rng)}{text[at:]}"
    return None if any(elaborate(text, spec.top).errors) else text


def _met(port: Port, rng: random.Random) -> str:
    if port.width == 1:
        return port.name
    return f"({port.name} == {port.width}'d{rng.randrange(min(4, 1 << port.width))})"


def _trigger(spec: Spec, met: str, rng: random.Random) -> str:
    clock, reset = spec.port_of_role("clock"), spec.port_of_role("reset")
    assert clock is not None
    if rng.random() < 0.5:
        width, low, high = COUNT[1].bit_length(), *COUNT
        wanted = rng.randint(low, high)
        step = f"if ({met} && !trigger) past <= past + 1'b1;"
    else:
        width = rng.randint(*HISTORY)
        wanted = rng.randrange(1 << width)
        step = f"past <= {{past[{width - 2}:0], {met}}};"
    begin = f"initial past = {width}'d0;"
    if reset is not None:
        begin, level = "", int(reset.active == "high")
        step = f"if ({reset.name} == 1'b{level}) past <= {width}'d0; else {step}"
    return (
        f"logic [{width - 1}:0] past; {begin}\n"
        f"wire trigger = past == {width}'d{wanted};\n"
        f"always_ff @({spec.edge} {clock.name}) {step}\n"
    )
