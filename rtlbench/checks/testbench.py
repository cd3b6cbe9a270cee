"""A Verilog testbench that came with a suite, as the simulation Check.

The bench decides by a word that it prints. That word is made unforgeable: in the bench's text
every string that says "pass" gets the nonce of the run in front of it; the candidate may neither
print nor end the run (safety), its helper modules are renamed out of the bench's way, and it is
a compilation unit of its own, so that none of its names reach the bench. A run counts, as a pass or
as a fail, only if the simulator came to its end: a module of ours beside the bench prints a second
nonce in its `final` block. Sources are gone from the folder before the design's time 0.

And the word is made to mean something, by controls run once for each Spec in a process. The
suite's own reference must pass, or nothing that the bench says counts. A module whose outputs
are constant must not pass, or a pass says nothing; a fail still does. Where only a module with
unknown outputs passes, the bench does not see X and Z: then whatever it passes must pass again
with every unknown output bit shown as 0, and as 1, the reference included.

Limits: a bench with few vectors stays one with few vectors. A bench that compares strings that
say "pass", or opens files so named, breaks by the nonce; its reference then fails, and so nothing
is judged by it.
"""

from __future__ import annotations

from rtlbench.checks.base import Work
from rtlbench.checks.controls import interface_of
from rtlbench.checks.testbench_controls import FILLS, controls_of, reference_run, sure
from rtlbench.checks.testbench_run import BenchRun, Design, keep_top, run_bench, veiled
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity
from rtlbench.rtl.netlist import NetlistFailure


def run_testbench(spec: Spec, work: Work) -> CheckResult:
    """Judge one candidate by the Spec's testbench."""
    assert spec.testbench is not None
    assert work.cleared is not None
    assert work.elaboration is not None
    reference = reference_run(spec)
    if reference.ended != "pass":
        told = f"the suite's own reference ends in {reference.ended} here: {reference.printed}"
        return _error(told)
    design = Design(work.cleared.text, work.cleared.scan, interface_of(work.elaboration.top))
    ran = run_bench(spec.testbench, keep_top(design))
    if ran.ended == "pass":
        return _weigh(spec, design)
    return _not_passed(ran, work)


def _not_passed(ran: BenchRun, work: Work) -> CheckResult:
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


def _weigh(spec: Spec, design: Design) -> CheckResult:
    """What a pass is worth."""
    assert spec.testbench is not None
    controls = controls_of(spec)
    if controls.worth == "none":
        return _error(controls.reason)
    if controls.worth == "known":
        for fill in FILLS:
            ran = sure(run_bench(spec.testbench, veiled(design, fill)))
            if ran.ended != "pass":
                told = _last_line(ran.printed)
                message = f"with its unknown outputs read as {fill}, the testbench reports: {told}"
                return _failed("unknown-output", message)
    return CheckResult(
        name="simulation",
        outcome=Outcome.PASS,
        value=1.0,
        detail={"judge": "testbench of the suite", "controls": controls.reason or "held"},
    )


def _error(reason: str) -> CheckResult:
    detail: dict[str, str | int | float | bool | None] = {"reason": reason[:1000]}
    return CheckResult(name="simulation", outcome=Outcome.ERROR, value=0.0, detail=detail)


def _failed(what: str, message: str, outcome: Outcome = Outcome.FAIL) -> CheckResult:
    finding = Finding(f"simulation.{what}", Severity.ERROR, message)
    return CheckResult(name="simulation", outcome=outcome, value=0.0, findings=(finding,))


def _first_line(text: str) -> str:
    return next((s.strip()[:200] for s in text.splitlines() if s.strip()), "nothing")


def _last_line(text: str) -> str:
    return _first_line("\n".join(reversed(text.splitlines())))
