"""simulation: the answer does, frame by frame, what the reference model does.

Candidates of one Spec share simulations as lanes. A Spec that comes with a Verilog testbench is
judged by that (see rtlbench.checks.testbench). What is right is asked again from other values at
power-up, where any are unknown (see rtlbench.checks.other_starts).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from msgspec.structs import replace as replace_fields

from rtlbench.checks.base import Check, Context, OtherStarts, Work
from rtlbench.checks.other_starts import other_starts
from rtlbench.checks.own_bench import run_own_bench
from rtlbench.checks.synthesis import MAX_STATE_BITS
from rtlbench.checks.testbench import run_testbench
from rtlbench.errors import HarnessError
from rtlbench.records.spec import Port, Spec
from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity, TraceRow
from rtlbench.rtl.netlist import Netlist, NetlistFailure
from rtlbench.rtl.renaming import GOLDEN_PREFIX, renamed, renamed_golden
from rtlbench.rtl.yosys import Unit
from rtlbench.simulation.frames import Frame, Plan, unpack
from rtlbench.simulation.lanes import Job, LaneResult, Mismatch, simulate
from rtlbench.simulation.plan import build_plan
from rtlbench.simulation.simulators import get_simulator
from rtlbench.simulation.wrapper import Lane

MAX_LANES = 64
TRACE_ROWS = 6
KEPT_PLANS = 4
FALLBACK = "verilator"
"""Takes what Icarus cannot compile; 2-state, so X is not seen there."""


class Simulation:
    """See the module's docstring."""

    name = "simulation"
    needs: tuple[str, ...] = ("syntax", "safety")

    def applies(self, context: Context) -> bool:
        """Where the Spec says what right behaviour is."""
        spec = context.spec
        has_judge = spec is not None and (spec.reference is not None or spec.testbench is not None)
        return has_judge and context.simulator is not None

    def run(self, works: Sequence[Work], context: Context) -> list[CheckResult]:
        """Simulate all of `works`; what cannot be simulated safely fails unseen."""
        assert context.spec is not None
        assert context.simulator is not None
        results = {id(w): r for w in works if (r := refuse(w)) is not None}
        left = [w for w in works if id(w) not in results]
        if context.spec.reference is None:
            judge = run_testbench if context.spec.golden else run_own_bench
            judged = [judge(context.spec, w) for w in left]
        else:
            judged = _judge_lanes(left, context)
        results.update((id(w), r) for w, r in zip(left, judged, strict=True))
        return [results[id(w)] for w in works]


def refuse(work: Work) -> CheckResult | None:
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


def _judge_lanes(works: Sequence[Work], context: Context) -> list[CheckResult]:
    played = {id(w): w.played for w in works if w.played is not None}
    job = next(iter(played.values())).job if played else job_for(context)
    spec, plan = job.spec, job.plan
    results = {k: shared.result for k, shared in played.items()}
    for batch in _batches([w for w in works if id(w) not in played]):
        lanes = [lane_of(renamed(w, f"lane{k}_")) for k, w in enumerate(batch)]
        for work, result in zip(batch, _play(job, lanes), strict=True):
            results[id(work)] = result
    judged = {id(w): _result(spec, plan, results[id(w)]) for w in works}
    right = [w for w in works if judged[id(w)].outcome is Outcome.PASS]
    for work, starts in zip(right, _starts(job, right, context.seed), strict=True):
        if starts is not None:
            judged[id(work)] = _from_other_starts(spec, plan, judged[id(work)], starts)
    return [judged[id(w)] for w in works]


def _starts(job: Job, right: Sequence[Work], seed: int) -> list[OtherStarts | None]:
    known = {
        id(w): w.played.starts for w in right if w.played is not None and w.played.has_starts
    }
    left = [w for w in right if id(w) not in known]
    found = other_starts(job, left, seed, _play, MAX_LANES)
    known.update((id(w), starts) for w, starts in zip(left, found, strict=True))
    return [known[id(w)] for w in right]


def _play(job: Job, lanes: Sequence[Lane]) -> list[LaneResult]:
    played = simulate(job, lanes)
    return [_second_try(job, lane, r) for lane, r in zip(lanes, played, strict=True)]


_PLANS: dict[tuple[str, int], tuple[Plan, Lane]] = {}


def job_for(context: Context) -> Job:
    """What the candidates of a Spec with a reference model are simulated by.

    Raises:
        HarnessError: The model makes no stimulus, or the golden is no module.
    """
    assert context.spec is not None
    assert context.simulator is not None
    return Job(context.spec, *_plan_for(context.spec, context.seed), context.simulator)


def _plan_for(spec: Spec, seed: int) -> tuple[Plan, Lane]:
    """Stimulus and golden of a Spec; the last few are kept."""
    key = (spec.digest(), seed)
    if key not in _PLANS:
        while len(_PLANS) >= KEPT_PLANS:
            _PLANS.pop(next(iter(_PLANS)))
        golden = renamed_golden(spec, f"{GOLDEN_PREFIX}{spec.digest()}_")
        _PLANS[key] = (build_plan(spec, seed), lane_of(golden))
    return _PLANS[key]


def lane_of(unit: Unit) -> Lane:
    """The unit as a lane."""
    return Lane(unit.text, unit.top, unit.alone)


def _batches(works: Sequence[Work]) -> list[list[Work]]:
    """Up to MAX_LANES together; candidates with more than modules each alone."""
    shared = [w for w in works if w.scan is not None and not w.scan.other_members]
    alone = [[w] for w in works if w.scan is None or w.scan.other_members]
    groups = [shared[k : k + MAX_LANES] for k in range(0, len(shared), MAX_LANES)]
    return [*groups, *alone]


def _second_try(job: Job, lane: Lane, result: LaneResult) -> LaneResult:
    """slang accepted it: what Icarus cannot compile, Verilator may."""
    if result.ended != "compile" or job.simulator.name == FALLBACK:
        return result
    return simulate(replace(job, simulator=get_simulator(FALLBACK)), [lane])[0]


def _result(spec: Spec, plan: Plan, lane: LaneResult) -> CheckResult:
    if lane.ended == "timeout":
        message = f"the simulation does not come to its end: {lane.detail}"
        return _failed("simulation.timeout", message, Outcome.TIMEOUT)
    if lane.ended != "done":
        detail: dict[str, str | int | float | bool | None] = {"reason": lane.detail[:1000]}
        return CheckResult(name="simulation", outcome=Outcome.ERROR, value=0.0, detail=detail)
    if lane.compared != len(plan.frames):
        raise HarnessError(f"{spec.id}: {lane.compared} comparisons, not {len(plan.frames)}")
    facts: dict[str, str | int | float | bool | None] = {
        "compared": lane.compared,
        "simulator": lane.simulator,
    }
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


def _from_other_starts(
    spec: Spec, plan: Plan, right: CheckResult, starts: OtherStarts
) -> CheckResult:
    """What `right` becomes, knowing what other start values do to it."""
    lane = starts.lane
    if lane is None:
        told = f"not asked of {starts.told}: the golden is no better"
        return replace_fields(right, detail={**right.detail, "power_up": told})
    result = _result(spec, plan, lane)
    if result.outcome is Outcome.PASS:
        told = f"right from drawn starts and their complement: {starts.told}"
        return replace_fields(right, detail={**right.detail, "power_up": told})
    if not result.findings or lane.mismatch is None:
        return result
    message = f"right only while unknown at power-up: {starts.told}; {result.findings[0].message}"
    finding = Finding("simulation.power-up", Severity.ERROR, message)
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
