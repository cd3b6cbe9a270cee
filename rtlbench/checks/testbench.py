"""A Verilog testbench that came with a suite, as the simulation Check.

The testbench decides by what it prints (rtlbench.checks.bench_words). Its word is made unforgeable:
all that it prints bears the mark of the run; the candidate may neither print nor end the run
(safety), its helper modules are renamed out of the testbench's way, and it is a compilation unit of
its own, so that none of its names reach the testbench. A run counts, as a pass or as a fail, only
if the simulator came to its end: a module of ours beside the testbench prints a second nonce in its
`final` block. Sources are gone from the folder before the design's time 0.

And the word is made to mean something, by controls run once for each Spec in a process. The
suite's own reference must pass, or nothing that the testbench says counts (what the reference does
may still tell: rtlbench.checks.simulation). A module whose outputs
are constant must not pass, or a pass says nothing; a fail still does. Where only a module with
unknown outputs passes, the testbench does not see X and Z: then whatever it passes must pass again
with every unknown output bit shown as 0, and as 1, the reference included.

Limit: a testbench with few vectors stays one with few vectors.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from rtlbench.checks.base import Work
from rtlbench.checks.testbench_run import (
    CONSTANT_STUBS,
    UNKNOWN_STUBS,
    Fill,
    TestbenchRun,
    TestedDesign,
    interface_of,
    keep_top,
    run_testbench,
    stub,
    veiled,
)
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec, Testbench
from rtlbench.records.verdict import CheckResult, Detail, Finding, Outcome, Severity
from rtlbench.rtl.netlist import NetlistFailure
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import elaborate

FILLS: tuple[Fill, Fill] = (0, 1)

Worth = Literal["full", "known", "none"]
"""What a testbench's pass counts for: all, only with unknown outputs shown as known, or nothing."""


class Qualification(msgspec.Struct, frozen=True):
    """What a testbench did with designs whose worth is known."""

    worth: Worth
    reason: str = ""
    """Why it is less than full."""


_REFERENCE_RUNS: dict[str, TestbenchRun] = {}
_QUALIFICATIONS: dict[str, Qualification] = {}


def reference_run(spec: Spec) -> TestbenchRun:
    """How the suite's own solution, as it is written, does at the bench."""
    key = spec.digest()
    if key not in _REFERENCE_RUNS:
        assert spec.testbench is not None
        missing = TestbenchRun("fail", "there is none")
        ran = sure(run_testbench(spec.testbench, spec.golden)) if spec.golden else missing
        _REFERENCE_RUNS[key] = ran
    return _REFERENCE_RUNS[key]


def sure(ran: TestbenchRun) -> TestbenchRun:
    """A control that broke says nothing, and is not to be remembered.

    Raises:
        HarnessError: The simulator broke over it.
    """
    if ran.ended == "crash":
        raise HarnessError(f"Icarus broke over a control: {ran.printed}")
    return ran


def qualification_of(spec: Spec) -> Qualification:
    """The controls of a testbench that its reference passes."""
    key = spec.digest()
    if key not in _QUALIFICATIONS:
        _QUALIFICATIONS[key] = _qualify(spec)
    return _QUALIFICATIONS[key]


def _qualify(spec: Spec) -> Qualification:
    assert spec.testbench is not None
    reference = _golden_design(spec)
    if reference is None:
        told = "slang does not elaborate the reference: no controls can be made"
        return Qualification("none", told)
    blind = ""
    for said, value in (CONSTANT_STUBS | UNKNOWN_STUBS).items():
        ran = sure(run_testbench(spec.testbench, stub(reference.face, value)))
        if ran.ended == "compile":
            return Qualification("none", f"the controls do not compile: {ran.printed}")
        if ran.ended == "pass" and said in CONSTANT_STUBS:
            told = f"it also passes a module whose outputs are {said}"
            return Qualification("none", f"the bench cannot tell right from wrong: {told}")
        blind = said if ran.ended == "pass" else blind
    return _run_veils(spec.testbench, reference) if blind else Qualification("full")


def _run_veils(testbench: Testbench, reference: TestedDesign) -> Qualification:
    """The testbench does not see unknown outputs; it counts where the reference needs none."""
    for fill in FILLS:
        if sure(run_testbench(testbench, veiled(reference, fill))).ended != "pass":
            told = "the bench passes unknown outputs, and the reference itself shows them"
            return Qualification("none", told)
    return Qualification("known", "held, with unknown outputs shown as 0 and as 1")


def _golden_design(spec: Spec) -> TestedDesign | None:
    view = elaborate(spec.golden, spec.top)
    if view.top is None or any(view.errors):
        return None
    return TestedDesign(spec.golden, scan(view.tree), interface_of(view.top))


def has_asked_ports(spec: Spec) -> bool:
    """Whether the reference has the ports that the task names, and no more."""
    design = _golden_design(spec)
    asked = {p.name for p in spec.ports}
    return design is not None and asked == {p.name for p in design.face.pins}


def judge_by_testbench(spec: Spec, work: Work) -> CheckResult:
    """Judge one candidate by the Spec's testbench."""
    assert spec.testbench is not None
    reference = reference_run(spec)
    if reference.ended != "pass":
        told = f"the suite's own reference ends in {reference.ended} here: {reference.printed}"
        return _error(told)
    design = _design_of(work)
    ran = run_testbench(spec.testbench, keep_top(design))
    if ran.ended == "pass":
        return _weigh(spec, design)
    return _not_passed(ran, work)


def is_passed_by_bench(spec: Spec, work: Work) -> bool:
    """Whether the testbench passes an answer, whatever that is worth."""
    assert spec.testbench is not None
    return run_testbench(spec.testbench, keep_top(_design_of(work))).ended == "pass"


def _design_of(work: Work) -> TestedDesign:
    assert work.cleared is not None
    assert work.elaboration is not None
    return TestedDesign(work.cleared.text, work.cleared.scan, interface_of(work.elaboration.top))


def _not_passed(ran: TestbenchRun, work: Work) -> CheckResult:
    if ran.ended == "timeout":
        return _failed("timeout", "the testbench does not come to its end", Outcome.TIMEOUT)
    if ran.ended == "memory":
        return _failed("memory", "the simulator runs out of memory")
    if ran.ended == "crash":
        return _error(f"Icarus broke: {ran.printed}")
    if ran.ended == "compile":
        if isinstance(work.netlist, NetlistFailure) and "sorry" not in ran.printed:
            told = f"neither synthesis nor the simulator accepts it: {_first_line(ran.printed)}"
            return _failed("compile", told)
        return _error(f"slang accepts it, Icarus does not: {ran.printed}")
    return _failed("bench", f"the testbench reports: {_last_line(ran.printed)}")


def _weigh(spec: Spec, design: TestedDesign) -> CheckResult:
    """What a pass is worth."""
    assert spec.testbench is not None
    qualification = qualification_of(spec)
    if qualification.worth == "none":
        return _error(qualification.reason)
    if qualification.worth == "known":
        for fill in FILLS:
            ran = sure(run_testbench(spec.testbench, veiled(design, fill)))
            if ran.ended != "pass":
                told = _last_line(ran.printed)
                message = f"with its unknown outputs read as {fill}, the testbench reports: {told}"
                return _failed("unknown-output", message)
    return CheckResult(
        name="simulation",
        outcome=Outcome.PASS,
        value=1.0,
        detail={"judge": "testbench of the suite", "controls": qualification.reason or "held"},
    )


def _error(reason: str) -> CheckResult:
    detail: Detail = {"reason": reason[:1000]}
    return CheckResult(name="simulation", outcome=Outcome.ERROR, value=0.0, detail=detail)


def _failed(what: str, message: str, outcome: Outcome = Outcome.FAIL) -> CheckResult:
    finding = Finding(f"simulation.{what}", Severity.ERROR, message)
    return CheckResult(name="simulation", outcome=outcome, value=0.0, findings=(finding,))


def _first_line(text: str) -> str:
    return next((s.strip()[:200] for s in text.splitlines() if s.strip()), "nothing")


def _last_line(text: str) -> str:
    return _first_line("\n".join(reversed(text.splitlines())))
