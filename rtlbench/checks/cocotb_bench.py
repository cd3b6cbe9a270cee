"""A suite's cocotb harness, as the simulation Check. Where the suite has a solution, it must pass
first: else nothing is said of any answer."""

from __future__ import annotations

from rtlbench.checks.base import Work
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Detail, Finding, Outcome, Severity
from rtlbench.simulation.cocotb_harness import HarnessRun, run_harness

JUDGE = "the suite's cocotb harness"
_SOLUTIONS: dict[str, HarnessRun] = {}


def judge_by_harness(spec: Spec, work: Work) -> CheckResult:
    """Judge one answer by the Spec's harness."""
    assert spec.testbench is not None
    assert work.cleared is not None
    if spec.golden:
        key = spec.digest()
        if key not in _SOLUTIONS:
            _SOLUTIONS[key] = run_harness(spec.testbench, spec.golden)
        if _SOLUTIONS[key].ended != "pass":
            told = _SOLUTIONS[key].told
            return _error(f"not judged: the suite's own solution does not pass: {told}")
    ran = run_harness(spec.testbench, work.cleared.text)
    detail: Detail = {"judge": JUDGE, "compared": ran.tests}
    if ran.ended == "broken":
        return _error(f"not judged: the harness does not come to its end: {ran.told}")
    if ran.ended == "pass":
        return CheckResult(name="simulation", outcome=Outcome.PASS, value=1.0, detail=detail)
    rule = "simulation.timeout" if ran.ended == "timeout" else "simulation.harness"
    outcome = Outcome.TIMEOUT if ran.ended == "timeout" else Outcome.FAIL
    finding = Finding(rule, Severity.ERROR, ran.told)
    return CheckResult(
        name="simulation", outcome=outcome, value=0.0, findings=(finding,), detail=detail
    )


def _error(reason: str) -> CheckResult:
    detail: Detail = {"reason": reason[:1000]}
    return CheckResult(name="simulation", outcome=Outcome.ERROR, value=0.0, detail=detail)
