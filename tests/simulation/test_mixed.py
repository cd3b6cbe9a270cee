"""Lanes of several Specs in one simulation: each Spec's as if it had a simulation of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rtlbench.records.spec import Spec
from rtlbench.simulation import lanes, mixed
from rtlbench.simulation.lanes import Job, LaneResult, Mismatch, simulate
from rtlbench.simulation.mixed import Results, simulate_mixed
from rtlbench.simulation.plan import build_plan
from rtlbench.simulation.simulators import Simulator, get_simulator
from rtlbench.simulation.wrapper import Part
from rtlbench.suites.families import load_suite
from tests.support import async_counter, lane, sync_counter

ICARUS = get_simulator("icarus")


def wrong(spec: Spec) -> str:
    """An answer that does nothing."""
    return spec.golden[: spec.golden.index(");") + 2] + "\nendmodule\n"


def part(spec: Spec, number: int, *texts: str) -> Part:
    """Answers to a Spec, all modules' names apart from other parts'."""
    answers = [lane(t, spec.top, f"lane{number}_{k}_") for k, t in enumerate(texts)]
    golden = lane(spec.golden, spec.top, f"golden{number}_")
    return Part(spec, build_plan(spec), [*answers, golden])


def alone(one: Part, simulator: Simulator = ICARUS) -> list[LaneResult]:
    """What a simulation of its own gives."""
    job = Job(one.spec, one.plan, one.lanes[-1], simulator)
    return simulate(job, one.lanes[:-1])


def told(results: Results) -> list[tuple[str, Mismatch | None, int]]:
    assert results is not None
    return [(r.ended, r.mismatch, r.compared) for r in results]


def break_in(spec: Spec, body: str) -> str:
    return spec.golden.replace("endmodule", f"    {body}\nendmodule", 1)


def test_lanes_of_several_specs_do_what_they_do_apart() -> None:
    parts = [part(s, k, s.golden, wrong(s)) for k, s in enumerate(load_suite()[::40])]
    assert len({len(p.plan.frames) for p in parts}) == len(parts) > 5
    found = simulate_mixed(parts, ICARUS)
    assert [told(r) for r in found] == [told(alone(p)) for p in parts]
    assert all(r is not None and [x.mismatch is None for x in r] == [True, False] for r in found)


@pytest.fixture
def simulations(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The number of parts of each simulation; what hangs ends soon."""
    seen: list[int] = []

    def play(parts: list[Part], simulator: Simulator) -> object:
        seen.append(len(parts))
        return original(parts, simulator)

    original = lanes.play
    monkeypatch.setattr(mixed, "play", play)
    monkeypatch.setattr(lanes, "BASE_CPU_SECONDS", 1)
    yield seen


@pytest.mark.parametrize(
    ("body", "rounds"),
    [
        ("nothing_of_the_kind u();", [3, 2]),  # the compiler names it
        ("initial $finish;", [3]),
        pytest.param("initial forever ;", [3], marks=pytest.mark.slow),
    ],
)
def test_a_part_that_breaks_the_simulation_is_left_out(
    body: str, rounds: list[int], simulations: list[int]
) -> None:
    spec, other = sync_counter(), async_counter()
    parts = [
        part(spec, 0, spec.golden),
        part(spec, 1, spec.golden, break_in(spec, body)),
        part(other, 2, wrong(other)),
    ]
    found = simulate_mixed(parts, ICARUS)
    assert simulations == rounds
    assert found[1] is None
    if len(rounds) > 1:
        assert [told(r) for r in (found[0], found[2])] == [told(alone(p)) for p in parts[::2]]
    else:  # split into single ones, which are no mixed simulations
        assert found == [None] * 3


def test_a_broken_part_among_many_costs_those_beside_it_alone(simulations: list[int]) -> None:
    spec = sync_counter()
    texts = [spec.golden] * 15 + [break_in(spec, "initial $finish;")]
    found = simulate_mixed([part(spec, k, t) for k, t in enumerate(texts)], ICARUS)
    assert simulations == [16, *[2] * 8]
    assert [r is None for r in found] == [False] * 14 + [True] * 2


def test_a_golden_that_fails_speaks_for_its_own_spec_alone() -> None:
    spec, other = sync_counter(), async_counter()
    spoilt = lane(spec.golden.replace("+ 1'b1", "+ 2'd2"), spec.top, "golden0_")
    bad = Part(spec, build_plan(spec), [lane(spec.golden, spec.top, "lane0_"), spoilt])
    good = part(other, 1, other.golden, wrong(other))
    found = simulate_mixed([bad, good], ICARUS)
    assert found[0] is None
    assert told(found[1]) == told(alone(good))


def test_a_lane_that_drives_its_inputs_disturbs_no_other_spec() -> None:
    spec, other = sync_counter(), async_counter()
    parts = [
        part(spec, 0, break_in(spec, "buf b(clk, 1'b0);"), spec.golden),
        part(other, 1, other.golden),
    ]
    found = simulate_mixed(parts, ICARUS)
    assert [told(r) for r in found] == [told(alone(p)) for p in parts]


def test_one_spec_is_not_played_here() -> None:
    spec = sync_counter()
    assert simulate_mixed([part(spec, 0, spec.golden)], ICARUS) == [None]
    assert simulate_mixed([], ICARUS) == []


@pytest.mark.slow
def test_verilator_plays_several_specs_too() -> None:
    verilator = get_simulator("verilator")
    both = (sync_counter(), async_counter())
    parts = [part(s, k, s.golden, wrong(s)) for k, s in enumerate(both)]
    found = simulate_mixed(parts, verilator)
    assert all(r is not None and [x.mismatch is None for x in r] == [True, False] for r in found)
    assert {x.simulator.split()[0] for r in found for x in r or ()} == {"Verilator"}
