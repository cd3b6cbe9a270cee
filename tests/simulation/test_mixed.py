"""Lanes of several Specs in one simulation: each Spec's as if it had a simulation of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import pytest

from rtlbench.errors import GoldenError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.rtl.batches import Unit
from rtlbench.simulation import lanes
from rtlbench.simulation.lanes import (
    Job,
    Lane,
    LaneResult,
    Mismatch,
    Played,
    simulate,
    simulate_answers,
)
from rtlbench.simulation.simulators import Simulator, get_simulator
from rtlbench.simulation.stimulus import build_plan
from rtlbench.simulation.wrapper import Part
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier
from tests.support import async_counter, lane, sync_counter

ICARUS = get_simulator("icarus")


def wrong(spec: Spec) -> str:
    """An answer that does nothing."""
    return spec.golden[: spec.golden.index(");") + 2] + "\nendmodule\n"


def answers(spec: Spec, number: int, *texts: str, simulator: Simulator = ICARUS) -> list[Lane]:
    """Answers to a Spec, all modules' names apart from other Specs'."""
    golden = lane(spec.golden, spec.top, f"golden{number}_")
    job = Job(spec, build_plan(spec), golden, simulator)
    units = [lane(t, spec.top, f"lane{number}_{k}_") for k, t in enumerate(texts)]
    return [Lane(job, unit) for unit in units]


def told(results: Sequence[Played]) -> list[tuple[str, Mismatch | None, int]]:
    """What results say of the answers."""
    assert all(isinstance(r, LaneResult) for r in results), results
    return [(r.ended, r.mismatch, r.compared) for r in results if isinstance(r, LaneResult)]


def apart(asked: Sequence[Sequence[Lane]]) -> list[tuple[str, Mismatch | None, int]]:
    """What simulations of their own give."""
    return [t for lanes in asked for t in told(simulate_answers(lanes[0].job, _units(lanes)))]


def _units(lanes: Sequence[Lane]) -> list[Unit]:
    return [one.unit for one in lanes]


def together(asked: Sequence[Sequence[Lane]]) -> list[Played]:
    """What all give in one simulation."""
    return simulate([one for lanes in asked for one in lanes])


def break_in(spec: Spec, body: str) -> str:
    return spec.golden.replace("endmodule", f"    {body}\nendmodule", 1)


def test_lanes_of_several_specs_do_what_they_do_apart() -> None:
    asked = [answers(s, k, s.golden, wrong(s)) for k, s in enumerate(load_suite()[::40])]
    assert len({len(lanes[0].job.plan.frames) for lanes in asked}) == len(asked) > 5
    found = told(together(asked))
    assert found == apart(asked)
    assert [mismatch is None for _, mismatch, _ in found] == [True, False] * len(asked)


@pytest.fixture
def simulations(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The number of parts of each simulation; what hangs ends soon."""
    seen: list[int] = []

    def play(parts: list[Part], simulator: Simulator) -> object:
        seen.append(len(parts))
        return original(parts, simulator)

    original = lanes.play
    monkeypatch.setattr(lanes, "play", play)
    monkeypatch.setattr(lanes, "BASE_CPU_SECONDS", 1)
    yield seen


@pytest.mark.parametrize(
    ("body", "ended", "calls"),
    [
        ("nothing_of_the_kind u();", "compile", [3, 1, 3]),  # the compiler names it
        ("initial $finish;", "crash", [3, 1, 1, 1, 1, 1]),
        pytest.param("initial forever ;", "timeout", [3, 1, 1, 1, 1, 1], marks=pytest.mark.slow),
    ],
)
def test_a_lane_that_breaks_the_simulation_costs_no_other_spec_its_result(
    body: str, ended: str, calls: list[int], simulations: list[int]
) -> None:
    spec, other = sync_counter(), async_counter()
    asked = [
        answers(spec, 0, spec.golden),
        answers(spec, 1, spec.golden, break_in(spec, body)),
        answers(other, 2, wrong(other)),
    ]
    found = told(together(asked))
    assert simulations == calls
    assert found[2][0] == ended
    assert [*found[:2], found[3]] == apart([asked[0], asked[1][:1], asked[2]])


def test_a_broken_lane_among_many_costs_those_beside_it_alone(simulations: list[int]) -> None:
    spec = sync_counter()
    texts = [spec.golden] * 15 + [break_in(spec, "initial $finish;")]
    found = together([answers(spec, k, t) for k, t in enumerate(texts)])
    assert simulations == [16, *[2] * 8, 1, 1, 1]  # each of the last two, and the control
    assert [ended for ended, _, _ in told(found)] == ["done"] * 15 + ["crash"]


def test_a_golden_that_fails_speaks_for_its_own_spec_alone(simulations: list[int]) -> None:
    spec, other = sync_counter(), async_counter()
    spoilt = lane(spec.golden.replace("+ 1'b1", "+ 2'd2"), spec.top, "golden0_")
    job = Job(spec, build_plan(spec), spoilt, ICARUS)
    bad = [Lane(job, lane(spec.golden, spec.top, f"lane{k}_")) for k in range(3)]
    good = answers(other, 1, other.golden, wrong(other))
    found = together([bad, good])
    assert [type(r) for r in found[:3]] == [GoldenError] * 3
    assert simulations == [2, 1]
    assert told(found[3:]) == apart([good])


def test_what_declares_more_than_modules_is_simulated_alone(simulations: list[int]) -> None:
    spec, other = sync_counter(), async_counter()
    packed = [Lane(one.job, msgspec.structs.replace(one.unit, alone=True))
              for one in answers(spec, 0, spec.golden, wrong(spec))]
    found = told(together([packed, answers(other, 1, other.golden), answers(spec, 2, spec.golden)]))
    assert simulations == [1, 1, 2]
    assert [mismatch is None for _, mismatch, _ in found] == [True, False, True, True]


def test_a_golden_that_declares_more_than_modules_has_its_own_answers_beside_it(
    simulations: list[int],
) -> None:
    spec, other = sync_counter(), async_counter()
    golden = msgspec.structs.replace(lane(spec.golden, spec.top, "golden0_"), alone=True)
    job = Job(spec, build_plan(spec), golden, ICARUS)
    own = [Lane(job, one.unit) for one in answers(spec, 0, spec.golden, wrong(spec))]
    found = told(together([own, answers(other, 1, other.golden), answers(spec, 2, spec.golden)]))
    assert simulations == [1, 2]
    assert [mismatch is None for _, mismatch, _ in found] == [True, False, True, True]


def test_a_lane_that_drives_its_inputs_disturbs_no_other_spec() -> None:
    spec, other = sync_counter(), async_counter()
    asked = [
        answers(spec, 0, break_in(spec, "buf b(clk, 1'b0);"), spec.golden),
        answers(other, 1, other.golden),
    ]
    assert told(together(asked)) == apart(asked)


def test_an_answer_that_holds_nothing_breaks_no_simulation(simulations: list[int]) -> None:
    specs = load_suite()[:24:3]
    answers = [Candidate(text=s.golden if k % 2 else wrong(s)) for k, s in enumerate(specs)]
    verdicts = Verifier().verify_mixed(list(zip(specs, answers, strict=True)))
    assert [v.functional for v in verdicts] == [bool(k % 2) for k in range(len(specs))]
    assert simulations[0] == len(specs)
    assert 1 not in simulations


def test_a_functions_name_is_its_own_lanes_alone(simulations: list[int]) -> None:
    first, second = sync_counter(), async_counter()
    doubled = "function [7:0] twice(input [7:0] x); twice = x * 2; endfunction"
    named = "wire [7:0] twice = {8{en}}; logic [3:0] half; always_comb half = twice[3:0];"
    texts = break_in(first, doubled), break_in(second, named)
    asked = [answers(first, 0, texts[0]), answers(second, 1, texts[1])]
    assert [t[0] for t in told(together(asked))] == ["done", "done"]
    assert simulations == [2]


def test_no_lanes_need_no_simulation(simulations: list[int]) -> None:
    assert simulate([]) == []
    assert simulations == []


@pytest.mark.slow
def test_verilator_plays_several_specs_too() -> None:
    verilator = get_simulator("verilator")
    both = (sync_counter(), async_counter())
    asked = [
        answers(s, k, s.golden, wrong(s), simulator=verilator) for k, s in enumerate(both)
    ]
    found = together(asked)
    assert [mismatch is None for _, mismatch, _ in told(found)] == [True, False] * 2
    assert all(isinstance(r, LaneResult) and "Verilator" in r.simulator for r in found)
