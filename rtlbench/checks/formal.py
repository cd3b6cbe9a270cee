"""formal: the answer is equivalent to the golden, for all inputs, as far as can be shown.

`different` counts only with a counterexample that fails in simulation against the reference
model: where anything is right, golden and answer may differ. A counterexample that simulation
does not confirm at all is an error of the harness. What stays undecided is left out of the score.
"""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.checks.base import Check, Context, Work
from rtlbench.checks.simulation import mismatch_message, trace_of
from rtlbench.equivalence.compare import Equivalence, check_equivalence
from rtlbench.equivalence.witness import Counterexample
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity, TraceRow
from rtlbench.rtl.renaming import GOLDEN_PREFIX, renamed, renamed_golden
from rtlbench.simulation.frames import Plan
from rtlbench.simulation.lanes import Job, LaneResult, simulate
from rtlbench.simulation.replay import expecting, replay_plan
from rtlbench.simulation.simulators import Simulator
from rtlbench.simulation.wrapper import Lane

Detail = dict[str, str | int | float | bool | None]
MAX_FRAMES = 50_000
"""A counterexample with more is not replayed."""
DONT_CARE = "differs only where anything is right"
UNDEFINED = "differs only in what is undefined at the start, which simulation does not show"


class Formal:
    """See the module's docstring."""

    name = "formal"
    needs: tuple[str, ...] = ("syntax", "safety", "synthesis", "simulation")

    def applies(self, context: Context) -> bool:
        """Where it is asked for, and there is a golden to compare with and a model to replay."""
        spec = context.spec
        return context.formal and spec is not None and bool(spec.golden and spec.reference)

    def run(self, works: Sequence[Work], context: Context) -> list[CheckResult]:
        """Compare each of `works` with the golden."""
        return [_judge(work, context) for work in works]


def _judge(work: Work, context: Context) -> CheckResult:
    """The result for one candidate; where a difference does not matter, other outputs may.

    Every look leaves out the outputs whose difference turned out not to matter.
    """
    spec = context.spec
    assert spec is not None
    outputs = frozenset(p.name for p in spec.outputs)
    first: CheckResult | None = None
    while True:
        result, differing = _look(work, context, outputs)
        first = first or result
        outputs -= differing
        if result.detail.get("reason") != DONT_CARE or not differing or not outputs:
            return result if result.outcome is Outcome.FAIL else first


def _look(
    work: Work, context: Context, outputs: frozenset[str]
) -> tuple[CheckResult, frozenset[str]]:
    """One comparison of `outputs`, and those in which a counterexample shows a difference."""
    spec = context.spec
    assert spec is not None
    golden, candidate = renamed_golden(spec, GOLDEN_PREFIX), renamed(work, "lane0_")
    found = check_equivalence(spec, golden, candidate, context.formal_seconds, outputs)
    detail: Detail = {"engine": found.engine, "seconds": round(found.seconds, 2)}
    if found.verdict is None:
        return _undecided(found.reason, detail), frozenset()
    detail["verdict"] = found.verdict
    if found.counterexample is None:
        return _equivalent(found, detail), frozenset()
    assert context.simulator is not None
    lanes = Lane(golden.text, golden.top), Lane(candidate.text, candidate.top)
    result = _replayed(spec, context.simulator, lanes, found.counterexample, detail)
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


def _replayed(
    spec: Spec,
    simulator: Simulator,
    lanes: tuple[Lane, Lane],
    found: Counterexample,
    detail: Detail,
) -> CheckResult:
    """What simulation makes of a counterexample."""
    detail["cycles"] = found.cycles
    plan = replay_plan(spec, found.moments)
    if len(plan.frames) > MAX_FRAMES:
        return _undecided(f"a difference after {found.cycles} cycles, not replayed", detail)
    result = _play(Job(spec, plan, lanes[0], simulator), lanes[1])
    if result.mismatch is not None:
        trace = trace_of(spec, plan, result.mismatch)
        return _different(trace, detail)
    if _is_seen(spec, plan, simulator, lanes, found):
        return _undecided(DONT_CARE, detail)
    if not found.certain:
        return _undecided(UNDEFINED, detail)
    raise HarnessError(
        f"{spec.id}: a counterexample of {found.cycles} cycles is not seen in simulation: "
        f"golden {found.golden}, answer {found.candidate}"
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


def _is_seen(
    spec: Spec,
    plan: Plan,
    simulator: Simulator,
    lanes: tuple[Lane, Lane],
    found: Counterexample,
) -> bool:
    """Whether simulation shows golden and answer to differ at all, where the proof says so."""
    shown = expecting(spec, plan, found.moments, found.golden)
    return _play(Job(spec, shown, lanes[0], simulator), lanes[1]).mismatch is not None


def _play(job: Job, lane: Lane) -> LaneResult:
    if not any(f.care for f in job.plan.frames):
        return LaneResult(ended="done")  # nothing could fail, not even the control
    result = simulate(job, [lane])[0]
    if result.ended != "done":
        raise HarnessError(f"{job.spec.id}: the replay ends in {result.ended}: {result.detail}")
    return result


CHECK: Check = Formal()
