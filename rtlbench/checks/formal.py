"""formal: the answer is equivalent to the golden, for all inputs, as far as can be shown.

`different` counts only with a counterexample that fails in simulation against the reference
model: where anything is right, golden and answer may differ. A counterexample that simulation
does not confirm at all is an error of the harness. What stays undecided is left out of the score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial

from rtlbench.checks.base import Check, Context, Work, one_by_one
from rtlbench.checks.simulation import mismatch_message, trace_of
from rtlbench.equivalence.compare import Equivalence, check_equivalence
from rtlbench.equivalence.convert import Circuits
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Detail, Finding, Outcome, Severity, TraceRow
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.renaming import GOLDEN_PREFIX, renamed_golden
from rtlbench.simulation.replay import DONT_CARE, replay

PREFIX = "lane0_"
"""Of an answer's modules."""
TOGETHER = 16
"""Answers whose circuits are made together, with their goldens."""


class Formal(Check):
    """Proves the answer equivalent to the golden, or shows where they differ."""

    name = "formal"
    needs: tuple[str, ...] = ("syntax", "safety", "synthesis", "simulation")

    def applies(self, context: Context) -> bool:
        """Where it is asked for, and there is a golden to compare with and a model to replay."""
        spec = context.spec
        return context.formal and spec is not None and bool(spec.golden and spec.reference)

    def run(self, works: Sequence[Work]) -> list[CheckResult]:
        """Compare each of `works` with the golden."""
        parts = [works[at : at + TOGETHER] for at in range(0, len(works), TOGETHER)]
        return [r for part in parts for r in _judge_together(self.name, part)]


def _judge_together(name: str, works: Sequence[Work]) -> list[CheckResult]:
    """The results of candidates that share a call of Yosys."""
    circuits = Circuits()
    with suppress(HarnessError):  # then each is asked for alone, and says what is wrong
        circuits = Circuits(list(_wanted(works)))
    return one_by_one(name, works, partial(_judge, circuits=circuits))


def _wanted(works: Sequence[Work]) -> Iterator[tuple[Unit, tuple[str, ...]]]:
    """What is to be compared, in the order in which it will be."""
    for work in works:
        spec = work.context.spec
        assert spec is not None
        clocks = tuple(p.name for p in spec.ports if p.role == "clock")
        with suppress(HarnessError):  # no golden: an error of those works that have none
            yield from ((unit, clocks) for unit in _sides(work))


def _sides(work: Work) -> tuple[Unit, Unit]:
    """Golden and answer, their modules named alike: they are never in one design."""
    assert work.context.spec is not None
    return renamed_golden(work.context.spec, PREFIX), work.unit(PREFIX)


def _judge(work: Work, circuits: Circuits | None = None) -> CheckResult:
    """The result for one candidate; where a difference does not matter, other outputs may.

    Every look leaves out the outputs whose difference turned out not to matter.
    """
    spec = work.context.spec
    assert spec is not None
    outputs = frozenset(p.name for p in spec.outputs)
    first: CheckResult | None = None
    while True:
        result, differing = _look(work, spec, outputs, circuits)
        first = first or result
        outputs -= differing
        if result.detail.get("reason") != DONT_CARE or not differing or not outputs:
            return result if result.outcome is Outcome.FAIL else first


def _look(
    work: Work, spec: Spec, outputs: frozenset[str], circuits: Circuits | None
) -> tuple[CheckResult, frozenset[str]]:
    """One comparison of `outputs`, and those in which a counterexample shows a difference."""
    context = work.context
    alike, candidate = _sides(work)
    found = check_equivalence(
        spec, alike, candidate, context.formal_seconds, outputs, circuits=circuits
    )
    detail: Detail = {"engine": found.engine, "seconds": round(found.seconds, 2)}
    if found.verdict is None:
        return _undecided(found.reason, detail), frozenset()
    detail["verdict"] = found.verdict
    if found.counterexample is None:
        return _equivalent(found, detail), frozenset()
    assert context.simulator is not None
    detail["cycles"] = found.counterexample.cycles
    golden = renamed_golden(spec, GOLDEN_PREFIX)
    seen = replay(spec, context.simulator, golden, candidate, found.counterexample)
    if seen.mismatch is None:
        result = _undecided(seen.reason, detail)
    else:
        result = _different(trace_of(spec, seen.plan, seen.mismatch), detail)
    return result, found.counterexample.differing & outputs


def _equivalent(found: Equivalence, detail: Detail) -> CheckResult:
    if found.verdict == "bounded":
        detail["depth"] = found.depth
    return CheckResult(name="formal", outcome=Outcome.PASS, value=1.0, detail=detail)


def _undecided(reason: str, detail: Detail) -> CheckResult:
    told: Detail = {**{k: v for k, v in detail.items() if k != "verdict"}, "reason": reason}
    return CheckResult(
        name="formal", outcome=Outcome.ERROR, value=0.0, detail=told, decided=False
    )


def _different(trace: tuple[TraceRow, ...], detail: Detail) -> CheckResult:
    message = f"not equivalent to the reference: {mismatch_message(trace[-1])}"
    return CheckResult(
        name="formal",
        outcome=Outcome.FAIL,
        value=0.0,
        findings=(Finding("formal.different", Severity.ERROR, message),),
        detail=detail,
        trace=trace,
    )


CHECK: Check = Formal()
