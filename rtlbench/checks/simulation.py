"""simulation: the answer does, frame by frame, what the reference model does.

Candidates share simulations as lanes, those of several Specs too; where there is no model, what the
golden in Verilog shows is right. A Spec whose Verilog testbench alone can tell is judged by that
(see rtlbench.checks.testbench). What is right is asked again from other values at power-up, where
any are unknown, and as its own netlist (see rtlbench.checks.synthesis_mismatch).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from msgspec.structs import replace as replace_fields

from rtlbench.checks.base import Check, Context, Work, error_of, one_by_one
from rtlbench.checks.cocotb_bench import judge_by_harness, solution_passes
from rtlbench.checks.record_testbench import judge_by_record_testbench
from rtlbench.checks.safety import rules_broken_by
from rtlbench.checks.synthesis import MAX_STATE_BITS
from rtlbench.checks.synthesis_mismatch import (
    Circuit,
    PowerUp,
    beside,
    circuit_of,
    from_netlists,
    from_other_values,
    stand_in,
)
from rtlbench.checks.testbench import (
    has_asked_ports,
    is_passed_by_bench,
    judge_by_testbench,
    reference_run,
)
from rtlbench.errors import HarnessError, UserError
from rtlbench.records.spec import Port, Spec
from rtlbench.records.verdict import CheckResult, Detail, Finding, Outcome, Severity, TraceRow
from rtlbench.rtl.batches import Unit, words_of
from rtlbench.rtl.netlist import Netlist, NetlistFailure, renamed_module
from rtlbench.rtl.renaming import GOLDEN_PREFIX, renamed_golden
from rtlbench.rtl.roles import given_roles
from rtlbench.simulation.expected import NotReadError
from rtlbench.simulation.frames import Frame, Plan, unpack
from rtlbench.simulation.kept_plan import kept_plan
from rtlbench.simulation.lanes import (
    Job,
    Lane,
    LaneResult,
    Mismatch,
    Played,
    simulate,
    simulate_anyhow,
)
from rtlbench.simulation.reference_plan import reference_plan

TRACE_ROWS = 6
KEPT_PLANS = 16
"""Some 100 kB each; one of a golden without a model a megabyte."""
IN_LANES = ("model", "golden")
"""Judges whose answers share simulations."""


class Simulation(Check):
    """Compares the answer with the reference model, frame by frame, or runs a testbench."""

    name = "simulation"
    needs: tuple[str, ...] = ("syntax", "safety")

    def applies(self, context: Context) -> bool:
        """Where the Spec says what right behaviour is."""
        spec = context.spec
        return spec is not None and spec.judge != "none" and context.simulator is not None

    def run(self, works: Sequence[Work]) -> list[CheckResult]:
        """Simulate all of `works`; what cannot be simulated safely fails unseen."""
        results = {id(w): r for w in works if (r := _refused(w)) is not None}
        left = [w for w in works if id(w) not in results]
        in_lanes = [w for w in left if w.context.spec and w.context.spec.judge in IN_LANES]
        results.update(_by_lanes(in_lanes))
        others = [w for w in left if id(w) not in results]
        judged = one_by_one(self.name, others, _by_testbench)
        results.update((id(w), r) for w, r in zip(others, judged, strict=True))
        doubted = [w for w in others if _may_judge_golden(w, results[id(w)])]
        by_golden = _by_lanes(doubted)
        results.update(
            (id(w), by_golden[id(w)])
            for w in doubted if not _is_contradicted(w, by_golden[id(w)])
        )  # fmt: skip
        return [results[id(w)] for w in works]


def _by_testbench(work: Work) -> CheckResult:
    spec = work.context.spec
    assert spec is not None
    if spec.judge == "harness":
        return judge_by_harness(spec, work)
    return judge_by_testbench(spec, work) if spec.golden else judge_by_record_testbench(spec, work)


def _may_judge_golden(work: Work, result: CheckResult) -> bool:
    """Whether the testbench cannot tell, and there is a golden that can.

    Where a testbench refuses its own golden, the golden may judge unless it is at fault itself: one
    that lives by delays, or by a port that the task does not name, judges nobody.
    """
    spec = work.context.spec
    if result.outcome is not Outcome.ERROR or spec is None or spec.testbench is None:
        return False
    if not (spec.golden and spec.ports):
        return False
    if spec.judge == "harness":
        return solution_passes(spec)
    is_at_fault = rules_broken_by(spec.golden) or not has_asked_ports(spec)
    return reference_run(spec).ended == "pass" or not is_at_fault


def _is_contradicted(work: Work, by_golden: CheckResult) -> bool:
    """Whether a golden says no where a testbench that refuses that golden says yes."""
    spec = work.context.spec
    assert spec is not None
    if by_golden.outcome is not Outcome.FAIL or spec.judge == "harness":
        return False
    if reference_run(spec).ended == "pass":
        return False
    return is_passed_by_bench(spec, work)


def _judged_by_golden(context: Context) -> Spec:
    """The Spec as one whose golden judges, whatever its testbench is worth."""
    spec = context.spec
    assert spec is not None
    if spec.judge not in ("testbench", "harness"):
        return spec
    assert spec.testbench is not None
    bench = replace_fields(spec.testbench, compares=True) if spec.judge == "testbench" else None
    return given_roles(replace_fields(spec, testbench=bench), context.golden)


def _refused(work: Work) -> CheckResult | None:
    """Why a candidate is not simulated: what synthesis could not finish, or what loops, would only
    hang the simulator."""
    if isinstance(work.netlist, NetlistFailure) and work.netlist.reason == "timeout":
        return _failed("simulation.unsafe", "not simulated: synthesis ran out of time")
    if isinstance(work.netlist, Netlist) and work.netlist.state_bits > MAX_STATE_BITS:
        return _failed("simulation.unsafe", "not simulated: it holds too much state")
    if isinstance(work.netlist, Netlist) and work.netlist.combinational_loop():
        return _failed("simulation.unsafe", "not simulated: it has a combinational loop")
    return None


def _failed(rule: str, message: str, outcome: Outcome = Outcome.FAIL) -> CheckResult:
    finding = Finding(rule, Severity.ERROR, message)
    return CheckResult(name="simulation", outcome=outcome, value=0.0, findings=(finding,))


def _by_lanes(works: Sequence[Work]) -> dict[int, CheckResult]:
    """The results of answers to Specs with a reference, model or golden, by id of the work."""
    jobs: dict[str, Job | Exception] = {}
    for work in works:
        assert work.context.spec is not None
        key = work.context.spec.digest()
        jobs[key] = jobs[key] if key in jobs else _job(work.context)
    asked = [(w, jobs[w.context.spec.digest()]) for w in works if w.context.spec is not None]
    results = {id(w): error_of("simulation", e) for w, e in asked if isinstance(e, Exception)}
    answers = [(w, job) for w, job in asked if isinstance(job, Job)]
    results_of, netlists = _play_answers(answers)
    for (work, job), played in zip(answers, results_of, strict=True):
        result = _result(job, played)
        if work.by_netlist:
            result = replace_fields(result, detail={**result.detail, "of": "its netlist"})
        results[id(work)] = result
    right = [(w, job) for w, job in answers if results[id(w)].outcome is Outcome.PASS]
    for (work, job), found in zip(right, from_other_values(right, simulate_anyhow), strict=True):
        if found is not None:
            results[id(work)] = _with_other_values(job, results[id(work)], found)
    right = [(w, job) for w, job in right if results[id(w)].outcome is Outcome.PASS]
    as_made = from_netlists(right, simulate_anyhow, netlists)
    for (work, job), netlist in zip(right, as_made, strict=True):
        if netlist is not None:
            results[id(work)] = _as_synthesized(job, results[id(work)], netlist)
    return results


def _play_answers(
    answers: Sequence[tuple[Work, Job]],
) -> tuple[list[Played], dict[Circuit, Played]]:
    """What the answers did; where the simulator compiles no such text, perhaps as netlists. And
    what the netlists did that were played beside them."""
    lanes = [Lane(job, w.unit(f"lane{k}_")) for k, (w, job) in enumerate(answers)]
    words = [_words(work, job) for work, job in answers]
    others = beside(answers)
    results, played = _together(lanes, others, words)
    netlists = {circuit_of(others[k]): result for k, result in played.items()}
    refused = [k for k, result in enumerate(results) if _is_refused(result)]
    found = {k: stand_in(*answers[k], f"netlist{k}") for k in refused}
    stand_ins = {k: lane for k, lane in found.items() if lane is not None}
    for k, result in zip(stand_ins, simulate(list(stand_ins.values())), strict=True):
        if not _is_refused(result):
            results[k] = result
            answers[k][0].by_netlist = True
    for k in refused:
        if not answers[k][0].by_netlist:
            results[k] = simulate_anyhow([lanes[k]])[0]
    return results, netlists


def _words(work: Work, job: Job) -> Hashable:
    assert work.cleared is not None
    return id(job), work.top, words_of(work.cleared.text)


def _together(
    lanes: Sequence[Lane], others: Mapping[int, Lane], words: Sequence[Hashable]
) -> tuple[list[Played], dict[int, Played]]:
    """What lanes did, and what the others did that each may have beside it, by its place; what does
    not compile of these is left out.

    Args:
        words: Of each lane; those of the same words are played once, where that goes well.
    """
    first: dict[Hashable, int] = {}
    alike = [first.setdefault(said, k) for k, said in enumerate(words)]
    order = [
        (k, lane)
        for k, own in enumerate(lanes) for lane in (own if alike[k] == k else None, others.get(k))
        if lane is not None
    ]  # fmt: skip
    results: dict[int, Played] = {}
    found: dict[int, Played] = {}
    for (k, lane), played in zip(order, simulate([lane for _, lane in order]), strict=True):
        if lane is lanes[k]:
            results[k] = played
        elif not _is_refused(played):
            found[k] = played
    apart = [k for k, one in enumerate(alike) if k != one and not _is_done(results[one])]
    results.update(zip(apart, simulate([lanes[k] for k in apart]), strict=True))
    return [results.get(k, results[one]) for k, one in enumerate(alike)], found


def _is_done(result: Played) -> bool:
    return isinstance(result, LaneResult) and result.ended == "done"


def _is_refused(result: Played) -> bool:
    return isinstance(result, LaneResult) and result.ended == "compile"


_PLANS: dict[tuple[str, int], tuple[Plan, Unit]] = {}


def _job(context: Context) -> Job | Exception:
    """What the answers to a Spec with a reference model are simulated by; or why there is nothing:
    the model makes no stimulus, or the golden is no module."""
    assert context.spec is not None
    assert context.simulator is not None
    try:
        spec = _judged_by_golden(context)
        return Job(spec, *plan_for(spec, context.seed, context.golden), context.simulator)
    except UserError:
        raise
    except Exception as e:  # noqa: BLE001 - a model is code from a family's folder
        return e


def plan_for(spec: Spec, seed: int, netlist: Netlist | None = None) -> tuple[Plan, Unit]:
    """Stimulus and golden of a Spec; the last few are kept.

    Args:
        netlist: The golden's, which stands in for one that judges and that Icarus does not read.
    """
    key = (spec.digest(), seed)
    if key not in _PLANS:
        while len(_PLANS) >= KEPT_PLANS:
            _PLANS.pop(next(iter(_PLANS)))
        golden = renamed_golden(spec, f"{GOLDEN_PREFIX}{spec.digest()}_")
        if spec.judge == "model":
            _PLANS[key] = (kept_plan(spec, seed), golden)
        else:
            _PLANS[key] = _by_golden(spec, seed, golden, netlist)
    return _PLANS[key]


def _by_golden(
    spec: Spec, seed: int, golden: Unit, netlist: Netlist | None
) -> tuple[Plan, Unit]:
    try:
        return reference_plan(spec, golden, seed), golden
    except NotReadError:
        if netlist is None or not netlist.verilog:
            raise
    made = Unit(renamed_module(netlist.verilog, golden.top), golden.top)
    return reference_plan(spec, made, seed, stands_in=True), made


def _result(job: Job, lane: Played) -> CheckResult:
    spec, plan = job.spec, job.plan
    if isinstance(lane, HarnessError):
        return error_of("simulation", lane)
    if lane.ended == "timeout":
        message = f"the simulation does not come to its end: {lane.detail}"
        return _failed("simulation.timeout", message, Outcome.TIMEOUT)
    if lane.ended != "done":
        detail: Detail = {"reason": lane.detail[:1000]}
        return CheckResult(name="simulation", outcome=Outcome.ERROR, value=0.0, detail=detail)
    facts: Detail = {
        "compared": lane.compared,
        "simulator": lane.simulator,
    }
    if plan.source:
        facts |= {"judge": "the suite's reference", "stimulus": plan.source}
    if lane.mismatch is None:
        return CheckResult(name="simulation", outcome=Outcome.PASS, value=1.0, detail=facts)
    trace = trace_of(spec, plan, lane.mismatch)
    finding = Finding("simulation.mismatch", Severity.ERROR, mismatch_message(trace[-1]))
    return CheckResult(
        name="simulation",
        outcome=Outcome.FAIL,
        value=0.0,
        findings=(finding,),
        detail=facts,
        trace=trace,
    )


def _with_other_values(job: Job, right: CheckResult, found: PowerUp) -> CheckResult:
    """What `right` becomes, knowing what other values at power-up do to it."""
    if found.played is None:
        told = f"not asked of {found.variables}: the golden is no better"
        return replace_fields(right, detail={**right.detail, "power_up": told})
    result = _result(job, found.played)
    if result.outcome is Outcome.PASS:
        told = f"right from drawn starts and their complement: {found.variables}"
        return replace_fields(right, detail={**right.detail, "power_up": told})
    if not result.findings or result.outcome is Outcome.TIMEOUT:
        return result
    first = result.findings[0].message
    message = f"right only while unknown at power-up: {found.variables}; {first}"
    finding = Finding("simulation.power-up", Severity.ERROR, message)
    return replace_fields(result, findings=(finding,))


def _as_synthesized(job: Job, right: CheckResult, netlist: Played) -> CheckResult:
    """What `right` becomes, knowing what the answer's netlist does."""
    result = _result(job, netlist)
    if result.outcome is Outcome.PASS:
        return right
    if not result.findings or result.outcome is Outcome.TIMEOUT:
        return result
    message = f"simulation and synthesis part: the netlist is wrong; {result.findings[0].message}"
    finding = Finding("simulation.netlist", Severity.ERROR, message)
    return replace_fields(result, findings=(finding,))


def trace_of(spec: Spec, plan: Plan, mismatch: Mismatch) -> tuple[TraceRow, ...]:
    """The rows that lead to a mismatch, the mismatch last."""
    frames = plan.frames[max(0, mismatch.frame - TRACE_ROWS + 1) : mismatch.frame + 1]
    rows = [_row(spec, plan, f) for f in frames]
    got = _split_digits(mismatch.got.lower(), spec.outputs)
    last = rows[-1]
    rows[-1] = TraceRow(last.cycle, last.inputs, last.expected, got)
    return tuple(rows)


def _row(spec: Spec, plan: Plan, frame: Frame) -> TraceRow:
    width = plan.output_bits
    expected, care = f"{frame.expected:0{width}b}", f"{frame.care:0{width}b}"
    shown = "".join(e if c == "1" else "-" for e, c in zip(expected, care, strict=True))
    return TraceRow(
        frame.cycle, unpack(frame.inputs, spec.inputs), _split_digits(shown, spec.outputs)
    )


def _split_digits(digits: str, ports: tuple[Port, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    at = 0
    for port in ports:
        values[port.name] = digits[at : at + port.width]
        at += port.width
    return values


def mismatch_message(row: TraceRow) -> str:
    """`cycle 12: q is 0101, expected 0110 (clk=1 rst=0 en=1)`."""
    assert row.got is not None
    wrong = [n for n, e in row.expected.items() if not _agree(e, row.got[n])]
    told = ", ".join(f"{n} is {row.got[n]}, expected {row.expected[n]}" for n in wrong)
    inputs = " ".join(f"{n}={v}" for n, v in row.inputs.items())
    return f"cycle {row.cycle}: {told} ({inputs})"


def _agree(expected: str, got: str) -> bool:
    return all(e in ("-", g) for e, g in zip(expected, got, strict=True))


CHECK: Check = Simulation()
