"""A suite's cocotb harness, as the simulation Check.

Controls, once for each Spec in a process. Where the suite has a solution, it must pass first: else
nothing is said of any answer. What passes is worth something only where modules whose outputs are
constant do not: a harness that compares an answer with itself passes those, too. Then the solution
judges, if there is one (rtlbench.checks.simulation).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from rtlbench.checks.base import Work
from rtlbench.checks.testbench_run import CONSTANT_STUBS, interface_of, stub
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Detail, Finding, Outcome, Severity
from rtlbench.simulation.cocotb_harness import HarnessRun, run_harness

JUDGE = "the suite's cocotb harness"
_SOLUTIONS: dict[str, HarnessRun] = {}
_BLIND: dict[str, str] = {}
"""What else a harness passes; empty where it tells right from wrong."""


def solution_passes(spec: Spec) -> bool:
    """Whether there is a solution, and the harness, which has been run with it, passes it."""
    ran = _SOLUTIONS.get(spec.digest())
    return ran is not None and ran.ended == "pass"


def judge_by_harness(spec: Spec, work: Work) -> CheckResult:
    """Judge one answer by the Spec's harness."""
    ran = _run(spec, work)
    solution = _SOLUTIONS.get(spec.digest())
    if solution is not None and solution.ended != "pass":
        return _error(f"not judged: the suite's own solution does not pass: {solution.told}")
    detail: Detail = {"judge": JUDGE, "compared": ran.tests}
    if ran.ended == "broken":
        return _error(f"not judged: the harness does not come to its end: {ran.told}")
    if ran.ended == "pass":
        blind = _blind(spec, work)
        if blind:
            return _error(f"not judged: the harness cannot tell: it also passes {blind}")
        return CheckResult(name="simulation", outcome=Outcome.PASS, value=1.0, detail=detail)
    rule = "simulation.timeout" if ran.ended == "timeout" else "simulation.harness"
    outcome = Outcome.TIMEOUT if ran.ended == "timeout" else Outcome.FAIL
    finding = Finding(rule, Severity.ERROR, ran.told)
    return CheckResult(
        name="simulation", outcome=outcome, value=0.0, findings=(finding,), detail=detail
    )


def _run(spec: Spec, work: Work) -> HarnessRun:
    """The answer's run; beside it the solution's, where that has not been run yet."""
    assert work.cleared is not None
    key, texts = spec.digest(), [work.cleared.text]
    if spec.golden and key not in _SOLUTIONS:
        texts.append(spec.golden)
    ran = _side_by_side(spec, texts)
    if len(ran) > 1:
        _SOLUTIONS[key] = ran[1]
    return ran[0]


def _side_by_side(spec: Spec, texts: list[str]) -> list[HarnessRun]:
    """One run for each text that is not there twice: all draw the same."""
    assert spec.testbench is not None
    harness, distinct = spec.testbench, list(dict.fromkeys(texts))
    with ThreadPoolExecutor(len(distinct)) as pool:  # the work is done in processes
        ran = list(pool.map(lambda t: run_harness(harness, t), distinct))
    return [ran[distinct.index(t)] for t in texts]


def _blind(spec: Spec, work: Work) -> str:
    """A module that does nothing and that the harness passes as well; empty where there is none."""
    key = spec.digest()
    if key not in _BLIND:
        assert work.elaboration is not None
        face = interface_of(work.elaboration.top)
        texts = {said: stub(face, value) for said, value in CONSTANT_STUBS.items()}
        ran = zip(texts, _side_by_side(spec, list(texts.values())), strict=True)
        passed = [f"a module whose outputs are {said}" for said, r in ran if r.ended == "pass"]
        _BLIND[key] = passed[0] if passed else ""
    return _BLIND[key]


def _error(reason: str) -> CheckResult:
    detail: Detail = {"reason": reason[:1000]}
    return CheckResult(name="simulation", outcome=Outcome.ERROR, value=0.0, detail=detail)
