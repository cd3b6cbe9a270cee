"""Lanes: many candidates in one simulation, each judged as if it were alone."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import HarnessError, UserError
from rtlbench.records.spec import Spec
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.renaming import renamed_golden
from rtlbench.sandbox.process import Finished, Limits, run
from rtlbench.simulation.lanes import Job, LaneResult, Mismatch, limits_for, play, simulate_answers
from rtlbench.simulation.simulators import Simulator, get_simulator
from rtlbench.simulation.stimulus import build_plan
from rtlbench.simulation.wrapper import Part
from rtlbench.suites.families import load_suite
from tests.support import async_counter, golden_lane, lane, sync_counter, updown

ICARUS = get_simulator("icarus")


def job_for(spec: Spec, simulator: Simulator = ICARUS) -> Job:
    return Job(spec, build_plan(spec), golden_lane(spec), simulator)


def variants(spec: Spec) -> dict[str, str]:
    """The golden and answers that differ from it as models' answers do."""
    g = spec.golden
    clock = "negedge" if spec.edge == "negedge" else "posedge"
    other = "posedge" if clock == "negedge" else "negedge"
    made = {
        "golden": g,
        "counts by two": g.replace("+ 1'b1", "+ 2'd2"),
        "direction swapped": g.replace("+ 1'b1", "- 1'd1").replace("- 1'b1", "+ 1'd1"),
        "other reset value": g.replace("'d0;", "'d1;").replace("'d2;", "'d3;"),
        "other clock edge": g.replace(f"@({clock}", f"@({other}"),
        "no enable": g.replace("else if (en) begin", "else begin"),
        "other enable level": g.replace("(en)", "(!en)"),
        "other reset level": g.replace("(!rst_n)", "(rst_n)").replace("(rst)", "(!rst)"),
        "reset only with enable": g.replace("(!rst_n)", "(!rst_n && en)"),
        "asynchronous for synchronous": g.replace("(posedge clk)", "(posedge clk or posedge rst)"),
        "synchronous for asynchronous": g.replace(" or negedge rst_n", ""),
        "unknown after reset": g.replace("'d0;", "'dx;").replace("'d2;", "'dx;"),
        "nothing": g[: g.index(");") + 3] + "endmodule\n",
    }
    return {name: text for name, text in made.items() if name == "golden" or text != g}


def latch_for(spec: Spec) -> str:
    """A register that is transparent while the clock is high, in place of a flip-flop."""
    head = spec.golden[: spec.golden.index(");") + 3]
    return (
        head
        + """    reg [3:0] next, held;
    always @* if (!clk) next = rst ? 4'd0 : up ? held + 4'd1 : held - 4'd1;
    always @* if (clk) held = rst ? 4'd0 : next;
    assign q = held;
endmodule
"""
    )


def lanes_for(texts: list[str], spec: Spec) -> list[Unit]:
    return [lane(t, spec.top, f"lane{k}_") for k, t in enumerate(texts)]


def told(result: LaneResult) -> tuple[str, Mismatch | None, int]:
    """What a lane's result says of the candidate."""
    return result.ended, result.mismatch, result.compared


@pytest.mark.slow
@pytest.mark.parametrize("member", ["w4_sync", "w8_async_low_en"])
def test_a_lane_is_judged_as_it_is_alone(member: str) -> None:
    spec = updown()[member]
    job = job_for(spec)
    lanes = lanes_for(list(variants(spec).values()), spec)
    together = simulate_answers(job, lanes)
    alone = [simulate_answers(job, [one])[0] for one in lanes]
    assert list(map(told, together)) == list(map(told, alone))
    assert together[0].mismatch is None
    assert all(r.ended == "done" for r in together)
    assert all(r.compared == len(job.plan.frames) for r in together)


@pytest.mark.parametrize("spec", [sync_counter(), async_counter()], ids=lambda s: s.id)
def test_every_wrong_variant_is_caught_and_the_golden_is_not(spec: Spec) -> None:
    made = variants(spec)
    results = simulate_answers(job_for(spec), lanes_for(list(made.values()), spec))
    passed = {name for name, r in zip(made, results, strict=True) if r.mismatch is None}
    assert passed == {"golden"}
    assert {r.ended for r in results} == {"done"}
    assert len(made) >= 7


def test_the_order_of_lanes_changes_nothing() -> None:
    spec = async_counter()
    job = job_for(spec)
    lanes = lanes_for(list(variants(spec).values()), spec)
    assert list(map(told, simulate_answers(job, lanes[::-1]))) == [
        told(r) for r in simulate_answers(job, lanes)[::-1]
    ]


def test_a_latch_in_place_of_a_flip_flop_is_caught() -> None:
    spec = sync_counter()
    (result,) = simulate_answers(job_for(spec), lanes_for([latch_for(spec)], spec))
    assert result.mismatch is not None


def test_unknown_outputs_are_mismatches() -> None:
    spec = async_counter()
    nothing = variants(spec)["nothing"]
    net = nothing.replace("output logic", "output")
    texts = [variants(spec)["unknown after reset"], nothing, net]
    unknown, unset, undriven = simulate_answers(job_for(spec), lanes_for(texts, spec))
    shown = [r.mismatch.got.lower() for r in (unknown, unset, undriven) if r.mismatch]
    assert shown == ["x" * 8, "x" * 8, "z" * 8]


def test_a_lane_that_has_failed_sleeps() -> None:
    spec = async_counter()
    late = "reg [9:0] n = 0; always @(posedge clk) begin n = n + 1; if (n == 900) $finish; end"
    right, fails = broken(spec.golden, late), broken(variants(spec)["nothing"], late)
    job = job_for(spec)
    (result,) = simulate_answers(job, lanes_for([fails], spec))
    assert result.ended == "done"
    assert result.mismatch is not None
    assert result.compared == len(job.plan.frames)
    (awake,) = simulate_answers(job, lanes_for([right], spec))
    assert awake.ended == "crash"


def test_nothing_gives_nothing() -> None:
    assert simulate_answers(job_for(sync_counter()), []) == []


def broken(text: str, body: str) -> str:
    return text.replace("endmodule", f"    {body}\nendmodule")


@pytest.mark.parametrize(
    ("body", "ended"),
    [
        ("nothing_of_the_kind u();", "compile"),
        ("initial $finish;", "crash"),
        ("initial forever ;", "timeout"),
        ("reg w; initial w = 0; always @(w) w <= ~w;", "timeout"),
    ],
)
def test_a_lane_that_breaks_the_batch_costs_its_neighbours_nothing(
    body: str, ended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtlbench.simulation.lanes.BASE_CPU_SECONDS", 1)
    spec = sync_counter()
    wrong = variants(spec)["counts by two"]
    texts = [spec.golden, broken(spec.golden, body), wrong]
    results = simulate_answers(job_for(spec), lanes_for(texts, spec))
    assert [r.ended for r in results] == ["done", ended, "done"]
    assert [r.mismatch is None for r in results] == [True, True, False]
    assert results[1].compared == 0
    assert results[1].detail


@pytest.mark.slow
def test_several_broken_lanes_of_all_kinds_are_found_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rtlbench.simulation.lanes.BASE_CPU_SECONDS", 1)
    spec = sync_counter()
    bodies = {
        "compile": "nothing u();",
        "crash": "initial $finish;",
        "timeout": "initial forever ;",
    }
    texts: list[str] = []
    for body in bodies.values():
        texts += [spec.golden, broken(spec.golden, body)]
    results = simulate_answers(job_for(spec), lanes_for(texts, spec))
    assert [r.ended for r in results[1::2]] == list(bodies)
    assert all(r.ended == "done" and r.mismatch is None for r in results[::2])


@pytest.mark.parametrize(
    "body",
    [
        "supply0 z; tran(z, rst);",
        "buf b(up, 1'b0);",
        "buf b(clk, 1'b0);",
        "assign (supply1, supply0) up = 1'b0;",
        "pulldown(up);",
    ],
)
def test_a_lane_that_drives_its_inputs_disturbs_nobody_else(body: str) -> None:
    spec = sync_counter()
    texts = [spec.golden, broken(spec.golden, body), spec.golden]
    results = simulate_answers(job_for(spec), lanes_for(texts, spec))
    assert results[0].mismatch is None
    assert results[2].mismatch is None


def test_a_golden_that_is_wrong_is_an_error_of_the_harness() -> None:
    spec = sync_counter()
    bad = lane(variants(spec)["counts by two"], spec.top, "golden_")
    job = Job(spec, build_plan(spec), bad, ICARUS)
    with pytest.raises(HarnessError, match="the golden fails in frame"):
        simulate_answers(job, lanes_for([spec.golden], spec))


def test_a_golden_that_breaks_the_simulation_is_an_error_of_the_harness() -> None:
    spec = sync_counter()
    bad = lane(broken(spec.golden, "initial $finish;"), spec.top, "golden_")
    job = Job(spec, build_plan(spec), bad, ICARUS)
    with pytest.raises(HarnessError, match="the golden alone ends in"):
        simulate_answers(job, lanes_for([spec.golden], spec))


def test_what_does_not_compile_beside_a_golden_speaks_of_nobody() -> None:
    spec = sync_counter()
    bad = lane(broken(spec.golden, "nothing u();"), spec.top, "golden_")
    job = Job(spec, build_plan(spec), bad, ICARUS)
    result = simulate_answers(job, lanes_for([spec.golden], spec))[0]
    assert (result.ended, result.mismatch) == ("compile", None)


class Interrupted:
    """Icarus, whose runs end badly, or do not happen, behind a result that may be there."""

    name = "interrupted"
    two_state = False

    def __init__(self, *, plays: bool) -> None:
        self.plays = plays

    def build(self, folder: Path, source: str, top: str, limits: Limits) -> Finished:
        return ICARUS.build(folder, source, top, limits)

    def run(self, folder: Path, top: str, limits: Limits) -> Finished:
        if not self.plays:
            return run(["true"], folder=folder, limits=limits)
        ICARUS.run(folder, top, limits)
        return run(["false"], folder=folder, limits=limits)


@pytest.mark.slow
def test_verilator_gives_no_clock_an_edge_before_the_first_frame() -> None:
    """By whatever values it draws: each part has its own."""
    spec = next(s for s in load_suite() if s.id == "rotate_dir_w11_by3_none")
    plan = build_plan(spec)
    parts = [Part(spec, plan, [renamed_golden(spec, f"golden{k}_")]) for k in range(6)]
    played = play(parts, get_simulator("verilator"))
    assert played == [[]] * 6


@pytest.mark.parametrize("plays", [True, False])
def test_without_a_result_and_a_clean_end_there_is_no_verdict(plays: bool) -> None:
    spec = sync_counter()
    with pytest.raises(HarnessError, match="the golden alone ends in crash"):
        simulate_answers(job_for(spec, Interrupted(plays=plays)), lanes_for([spec.golden], spec))


def test_a_frame_given_twice_finds_nothing_more() -> None:
    """So a plan has none: whoever is wrong is so in the first of the two."""
    spec = sync_counter()
    plan = build_plan(spec)
    twice = msgspec.structs.replace(plan, frames=tuple(f for f in plan.frames for _ in range(2)))
    units = lanes_for([*variants(spec).values(), latch_for(spec)], spec)
    by_plan, by_twice = (
        simulate_answers(Job(spec, p, golden_lane(spec), ICARUS), units) for p in (plan, twice)
    )
    firsts = [r.mismatch for r in by_plan]
    assert [r.mismatch for r in by_twice] == [
        first and Mismatch(2 * first.frame, first.got) for first in firsts
    ]
    assert None in firsts
    assert len([f for f in firsts if f]) > len(units) / 2


def test_a_batch_may_use_more_time_the_larger_it_is() -> None:
    plan = build_plan(sync_counter())
    alone, shared, many = (limits_for(len(plan.frames) * lanes) for lanes in (1, 64, 10_000))
    assert alone.cpu <= shared.cpu <= many.cpu
    assert shared.wall > shared.cpu


def test_an_unknown_simulator_is_a_mistake_of_the_user_and_names_those_there_are() -> None:
    with pytest.raises(UserError, match="icarus, verilator"):
        get_simulator("questa")


@pytest.mark.slow
def test_verilator_gives_the_same_results() -> None:
    spec = sync_counter()
    names = ("golden", "counts by two", "other reset value", "asynchronous for synchronous")
    lanes = lanes_for([variants(spec)[n] for n in names], spec)
    icarus = simulate_answers(job_for(spec), lanes)
    verilator = simulate_answers(job_for(spec, get_simulator("verilator")), lanes)
    assert [r.mismatch is None for r in icarus] == [True, False, False, False]
    assert list(map(told, verilator)) == list(map(told, icarus))
    assert {r.simulator.split()[0] for r in verilator} == {"Verilator"}
