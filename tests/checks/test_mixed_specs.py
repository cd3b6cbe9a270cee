"""Candidates of several Specs, simulated together: the Verdicts that they have apart."""

from __future__ import annotations

import random

import msgspec
import pytest

from rtlbench.mutation.mutants import source_mutants
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.simulation import lanes
from rtlbench.simulation.simulators import Simulator
from rtlbench.simulation.wrapper import Part
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier
from tests.support import async_counter, sync_counter, updown

Pairs = list[tuple[Spec | None, Candidate]]
PACKAGE = "package sizes; localparam W = 4; endpackage\n"


def mutants(spec: Spec, count: int) -> Pairs:
    texts = [spec.golden, *(m.text for m in source_mutants(spec, count))]
    return [(spec, Candidate(text=t, spec_id=spec.id)) for t in texts]


@pytest.fixture
def simulations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of Specs in each simulation."""
    seen: list[int] = []

    def play(parts: list[Part], simulator: Simulator) -> object:
        seen.append(len(parts))
        return original(parts, simulator)

    original = lanes.play
    monkeypatch.setattr(lanes, "play", play)
    return seen


@pytest.mark.slow
def test_verdicts_are_those_that_each_spec_gives_by_itself(simulations: list[int]) -> None:
    members = load_suite()[::25]
    pairs = [pair for spec in members for pair in mutants(spec, 4)]
    random.Random(1).shuffle(pairs)
    verifier = Verifier()
    together = verifier.verify_mixed(pairs)
    assert len(simulations) <= 4  # two batches of candidates, each from its own and other starts
    assert max(simulations) > 5
    for spec in members:
        places = [k for k, (s, _) in enumerate(pairs) if s is spec]
        apart = verifier.verify(spec, [pairs[k][1] for k in places])
        assert [together[k] for k in places] == apart
    assert {v.functional for v in together} == {True, False}


def test_what_cannot_share_is_judged_all_the_same(simulations: list[int]) -> None:
    spec, other = sync_counter(), async_counter()
    third = list(updown().values())[2]
    packed = PACKAGE + spec.golden.replace("[3:0]", "[sizes::W-1:0]")
    wrong = packed.replace("+ 1'b1", "+ 2'd2")
    pairs: Pairs = [
        (spec, Candidate(text=packed)),
        (spec, Candidate(text=wrong)),
        (other, Candidate(text=other.golden)),
        (None, Candidate(text=other.golden)),
        (third, Candidate(text=third.golden)),
    ]
    found = Verifier().verify_mixed(pairs)
    assert [v.functional for v in found] == [True, False, True, None, True]
    assert simulations == [1, 3, 1]  # their netlists can share, and are played beside the others


def test_a_spec_whose_golden_fails_is_an_error_of_its_own(simulations: list[int]) -> None:
    spec, other = sync_counter(), async_counter()
    spoilt = msgspec.structs.replace(spec, golden=spec.golden.replace("+ 1'b1", "+ 2'd2"))
    pairs: Pairs = [(spoilt, Candidate(text=spec.golden)), (other, Candidate(text=other.golden))]
    found = Verifier().verify_mixed(pairs)
    assert [v.outcome for v in found] == ["error", "pass"]
    assert "the golden fails" in str(found[0].checks["simulation"].detail["reason"])
    assert simulations[0] == 2
