"""What a reference in simulation only seems to know: `if (x)` takes its `else`, so that an X in a
register or at an input becomes a known output, which another right text may not show.

Three signs of it: no reset has been given yet; from drawn values at power-up, or from their
complement, the reference shows something else; likewise where inputs that are unknown are drawn.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from rtlbench.equivalence.from_starts import golden_from_starts
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Port, Spec
from rtlbench.rtl.batches import Unit
from rtlbench.simulation.expected import shown_by


def known_for_sure(
    spec: Spec, golden: Unit, inputs: Sequence[str], shown: Sequence[str], seed: int
) -> list[str]:
    """`shown`, unknown where it is a guess.

    Args:
        golden: The Spec's golden, renamed.
        inputs: Binary digits, step after step.
        shown: What the golden shows for them.
    """
    try:
        starts = [unit for unit, _ in golden_from_starts(spec, seed, "start_")]
        tried = _tried(spec, inputs, starts or [golden, golden])
        others = [shown_by(spec, unit, given)[0] for unit, given in tried]
    except HarnessError:
        return list(shown)
    first = _after_reset(spec, inputs)
    sure = ["x" * len(digits) for digits in shown[:first]] + list(shown[first:])
    for other in others:
        sure = [_where_alike(s, o) for s, o in zip(sure, other, strict=True)]
    return sure


def _tried(
    spec: Spec, inputs: Sequence[str], starts: Sequence[Unit]
) -> Iterator[tuple[Unit, Sequence[str]]]:
    """Each of the two with inputs in which nothing is unknown; none that would show the same."""
    for inverted, unit in enumerate(starts):
        drawn = _drawn(spec, inputs, bool(inverted))
        if unit is not starts[1 - inverted] or drawn != list(inputs):
            yield unit, drawn


def _drawn(spec: Spec, inputs: Sequence[str], inverted: bool) -> list[str]:
    """`inputs`, bits of data that are unknown drawn, or their complement."""
    rng = random.Random(spec.id)
    is_data = [p.role not in ("clock", "reset") for p in spec.inputs for _ in range(p.width)]
    drawn = []
    for digits in inputs:
        bits = [str(rng.getrandbits(1) ^ inverted) for _ in digits]
        drawn.append("".join(
            b if data and d in "xXzZ" else d
            for d, b, data in zip(digits, bits, is_data, strict=True)
        ))  # fmt: skip
    return drawn


def _where_alike(shown: str, other: str) -> str:
    if shown == other:
        return shown
    return "".join("x" if o in "01" and o != s else s for s, o in zip(shown, other, strict=True))


def _after_reset(spec: Spec, inputs: Sequence[str]) -> int:
    """The first step in which every reset has acted; 0 where one never does."""
    last = 0
    for reset in (p for p in spec.inputs if p.role == "reset"):
        acted = next(_acted(spec, inputs, reset), None)
        if acted is None:
            return 0
        last = max(last, acted)
    return last


def _acted(spec: Spec, inputs: Sequence[str], reset: Port) -> Iterator[int]:
    """The steps in which a reset acts: at once, or with a clock's active edge."""
    at = _places(spec)
    level = "1" if reset.active == "high" else "0"
    active = "1" if spec.edge == "posedge" else "0"
    clocks = [at[p.name] for p in spec.inputs if p.role == "clock"]
    before = ""
    for k, digits in enumerate(inputs):
        edge = any(digits[c] == active != before[c : c + 1] for c in clocks)
        if digits[at[reset.name]] == level and (spec.reset == "async" or edge):
            yield k
        before = digits


def _places(spec: Spec) -> dict[str, int]:
    """Where each input's first digit stands."""
    places, at = {}, 0
    for port in spec.inputs:
        places[port.name] = at
        at += port.width
    return places
