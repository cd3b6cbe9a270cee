"""What a suite's testbench is worth: runs around designs whose worth is known, once a process."""

from __future__ import annotations

from typing import Literal

import msgspec

from rtlbench.checks.controls import CONSTANT_STUBS, UNKNOWN_STUBS, Fill, interface_of, stub
from rtlbench.checks.testbench_run import BenchRun, Design, run_bench, veiled
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec, Testbench
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import elaborate

FILLS: tuple[Fill, Fill] = (0, 1)

Worth = Literal["full", "known", "none"]
"""What a bench's pass counts for: all, only with unknown outputs shown as known, or nothing."""


class Controls(msgspec.Struct, frozen=True):
    """What a bench did with designs whose worth is known."""

    worth: Worth
    reason: str = ""
    """Why it is less than full."""


_REFERENCE_RUNS: dict[str, BenchRun] = {}
_CONTROLS: dict[str, Controls] = {}


def reference_run(spec: Spec) -> BenchRun:
    """How the suite's own solution, as it is written, does at the bench."""
    key = spec.digest()
    if key not in _REFERENCE_RUNS:
        assert spec.testbench is not None
        missing = BenchRun("fail", "there is none")
        ran = sure(run_bench(spec.testbench, spec.golden)) if spec.golden else missing
        _REFERENCE_RUNS[key] = ran
    return _REFERENCE_RUNS[key]


def sure(ran: BenchRun) -> BenchRun:
    """A control that broke says nothing, and is not to be remembered.

    Raises:
        HarnessError: The simulator broke over it.
    """
    if ran.ended == "crash":
        raise HarnessError(f"Icarus broke over a control: {ran.printed}")
    return ran


def controls_of(spec: Spec) -> Controls:
    """The controls of a bench that its reference passes."""
    key = spec.digest()
    if key not in _CONTROLS:
        _CONTROLS[key] = _run_controls(spec)
    return _CONTROLS[key]


def _run_controls(spec: Spec) -> Controls:
    assert spec.testbench is not None
    reference = _golden_design(spec)
    if reference is None:
        return Controls("none", "slang does not elaborate the reference: no controls can be made")
    blind = ""
    for said, value in (CONSTANT_STUBS | UNKNOWN_STUBS).items():
        ran = sure(run_bench(spec.testbench, stub(reference.face, value)))
        if ran.ended == "compile":
            return Controls("none", f"the controls do not compile: {ran.printed}")
        if ran.ended == "pass" and said in CONSTANT_STUBS:
            told = f"it also passes a module whose outputs are {said}"
            return Controls("none", f"the bench cannot tell right from wrong: {told}")
        blind = said if ran.ended == "pass" else blind
    return _run_veils(spec.testbench, reference) if blind else Controls("full")


def _run_veils(bench: Testbench, reference: Design) -> Controls:
    """The bench does not see unknown outputs; it counts where the reference needs none."""
    for fill in FILLS:
        if sure(run_bench(bench, veiled(reference, fill))).ended != "pass":
            told = "the bench passes unknown outputs, and the reference itself shows them"
            return Controls("none", told)
    return Controls("known", "held, with unknown outputs shown as 0 and as 1")


def _golden_design(spec: Spec) -> Design | None:
    view = elaborate(spec.golden, spec.top)
    if view.top is None or any(view.errors):
        return None
    return Design(spec.golden, scan(view.tree), interface_of(view.top))
