"""The plan of a Spec that is judged by its golden in Verilog: inputs from what the suite's bench
drives, or else drawn (rtlbench.simulation.reference_stimulus), and what the golden shows for them.

What the golden leaves undefined is not compared, nor what it only seems to know
(rtlbench.simulation.guesses), unless the suite's bench says that it compares that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.io.cache import kept_as
from rtlbench.records.spec import Spec
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.versions import icarus_version
from rtlbench.simulation import expected, guesses, listening, reference_stimulus
from rtlbench.simulation.expected import NotReadError, shown_by
from rtlbench.simulation.frames import Frame, Plan, plan_of
from rtlbench.simulation.guesses import known_for_sure
from rtlbench.simulation.listening import Step, compare_events, heard, steps_of
from rtlbench.simulation.reference_stimulus import drawn_steps

KEPT_PLANS = 400
LEAST_SECONDS = 0.5
"""A loop over 512 bits takes a hundred times as long as the one vector operation of a golden."""

_KNOWN = str.maketrans("xXzZ", "0000")
_UNKNOWN = str.maketrans("01xXzZ", "001111")


def reference_plan(
    spec: Spec, golden: Unit, seed: int = 0, *, stands_in: bool = False
) -> Plan:
    """All frames of `spec`; they are made once and kept in the user's cache folder.

    Args:
        golden: Its golden, modules renamed.
        stands_in: Whether `golden` is no text of the suite's, but its netlist.

    Raises:
        NotReadError: Icarus does not take the golden or the bench.
        HarnessError: The golden cannot be simulated, or never shows anything.
    """
    parts = (spec.digest(), str(seed), str(stands_in), icarus_version(), _own_text())
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    made = kept_as(
        _Made, digest, lambda: _make(spec, golden, seed, stands_in=stands_in), "plans", KEPT_PLANS
    )
    plan = plan_of(spec, _frames(spec, made.steps, made.shown))
    if not any(f.care for f in plan.frames):
        raise HarnessError(f"{spec.id}: nothing that the golden shows is ever known")
    seconds = max(made.seconds, LEAST_SECONDS)
    return msgspec.structs.replace(
        plan, seconds=seconds, source=made.source, by_netlist=stands_in
    )


class _Made(msgspec.Struct, frozen=True):
    """What is applied, and what the golden shows."""

    steps: list[Step]
    shown: list[str]
    seconds: float
    source: str


def _own_text() -> str:
    files = (expected.__file__, guesses.__file__, listening.__file__,
             reference_stimulus.__file__, __file__)
    return "\0".join(Path(f).read_text("utf-8") for f in files)


def _make(spec: Spec, golden: Unit, seed: int, *, stands_in: bool) -> _Made:
    """What the suite's bench drives; where it cannot be heard, or nothing comes of it, what is
    drawn; both, where the bench does not say when it compares, or outputs that are stuck would pass
    what it drives."""
    if spec.inputs and spec.testbench is not None:
        try:
            steps = steps_of(heard(spec, golden, stands_in=stands_in), spec.ports)
            told = len(steps) if compare_events(spec.testbench.text) else 0
            made = _played(spec, golden, steps, "the suite's bench")
        except NotReadError:
            if not stands_in:
                raise
        except HarnessError:
            pass  # a race, or a bench that waits for something else than the reference
        else:
            if _compares_anything(made):
                if not told or _is_constant(made):
                    made, told = _with_drawn(spec, golden, seed, made, told)
                return made if stands_in else _without_guesses(spec, golden, made, seed, told)
    made = _drawn_alone(spec, golden, seed)
    return made if stands_in else _without_guesses(spec, golden, made, seed, 0)


def _drawn_alone(spec: Spec, golden: Unit, seed: int) -> _Made:
    steps = drawn_steps(spec, seed) if spec.inputs else [Step("", True)]
    return _played(spec, golden, steps, "drawn")


def _without_guesses(spec: Spec, golden: Unit, made: _Made, seed: int, told: int) -> _Made:
    """What the golden cannot know made unknown, but for the first `told` steps, in which the
    suite's bench says when it compares; where nothing else is known, it stays."""
    shown = known_for_sure(spec, golden, [s.inputs for s in made.steps], made.shown, seed)
    without = msgspec.structs.replace(made, shown=[*made.shown[:told], *shown[told:]])
    return without if _compares_anything(without) else made


def _with_drawn(
    spec: Spec, golden: Unit, seed: int, heard_alone: _Made, told: int
) -> tuple[_Made, int]:
    """What the bench drives and drawn stimulus behind it, or that alone; and for how many steps the
    bench says when it compares.

    Alone where only that makes the golden show anything: an unknown input of the bench's may have
    made it unknown for good.
    """
    steps = [*heard_alone.steps, *drawn_steps(spec, seed)]
    both = _played(spec, golden, steps, f"{heard_alone.source}, and drawn")
    if _is_constant(both):
        alone = _drawn_alone(spec, golden, seed)
        if not _is_constant(alone):
            return alone, 0
    return both, told


def _is_constant(made: _Made) -> bool:
    """Whether outputs that are stuck would pass: no digit that is compared is ever both."""
    shown = [s for step, s in zip(made.steps, made.shown, strict=True) if step.compares]
    return all({"0", "1"} - set(digits) for digits in zip(*shown, strict=True))


def _compares_anything(made: _Made) -> bool:
    """Whether what the golden shows is ever known where it is compared."""
    pairs = zip(made.steps, made.shown, strict=True)
    return any(step.compares and set(shown) & {"0", "1"} for step, shown in pairs)


def _played(spec: Spec, golden: Unit, steps: list[Step], source: str) -> _Made:
    shown, seconds = shown_by(spec, golden, [s.inputs for s in steps])
    return _Made(steps, _as_heard(spec, steps, shown), seconds, source)


def _as_heard(spec: Spec, steps: Sequence[Step], shown: Sequence[str]) -> list[str]:
    """What the golden shows, unknown where it was so within the bench.

    Raises:
        HarnessError: It does something else than within the bench.
    """
    found: list[str] = []
    for k, (step, now) in enumerate(zip(steps, shown, strict=True)):
        then = step.shown if step.compares and step.shown else now
        if any(t in "01" and t != n for t, n in zip(then, now, strict=True)):
            raise HarnessError(
                f"{spec.id}: what the bench drives cannot be played back: in step {k} the "
                f"reference shows {now}, and {then} within the bench"
            )
        found.append(then)
    return found


def _frames(spec: Spec, steps: Sequence[Step], shown: Sequence[str]) -> list[Frame]:
    clock = _place_of_clock(spec)
    frames: list[Frame] = []
    cycle, level = 0, "0"
    for step, outputs in zip(steps, shown, strict=True):
        if clock is None:
            cycle += 1
        else:
            cycle += level == "0" and step.inputs[clock] == "1"
            level = step.inputs[clock]
        everything = (1 << len(outputs)) - 1
        care = everything ^ int(outputs.translate(_UNKNOWN), 2) if step.compares else 0
        frames.append(
            Frame(
                cycle=cycle,
                inputs=int(step.inputs.translate(_KNOWN) or "0", 2),
                expected=int(outputs.translate(_KNOWN), 2) & care,
                care=care,
                unknown=int(step.inputs.translate(_UNKNOWN) or "0", 2),
            )
        )
    return frames


def _place_of_clock(spec: Spec) -> int | None:
    """Where the first clock stands in the digits of the inputs."""
    at = 0
    for port in spec.inputs:
        if port.role == "clock":
            return at
        at += port.width
    return None
