"""What becomes of mutants, with provers that say what a test wants them to."""

from __future__ import annotations

from rtlbench.mutation.classification import (
    MutantCounts,
    Proof,
    Prover,
    Simulated,
    counts_of,
    judge_mutants,
)
from rtlbench.mutation.design import Mutant
from rtlbench.records.spec import Spec
from rtlbench.verifier import Verifier
from tests.support import sync_counter

GOLDEN = sync_counter().golden


def mutant(text: str, name: str) -> Mutant:
    return Mutant(kind=name, text=text, line=9, description=name, source="source")


KILLED = mutant(GOLDEN.replace("+ 1'b1", "+ 2'd2"), "killed")
SURVIVES = mutant(GOLDEN.replace("+ 1'b1", "+ 4'd1"), "survives")
LATCH = mutant(
    GOLDEN.replace("if (up)", "if (held)").replace(
        "always_ff", "reg held; always_comb if (!rst) held = up;\nalways_ff"
    ),
    "latch",
)


def says(verdict: str, asked: list[str] | None = None) -> Prover:
    def prover(spec: Spec, mutant: Mutant, simulated: Simulated) -> Proof:
        if asked is not None:
            asked.append(mutant.kind)
        return Proof(verdict=verdict, reason="because")  # type: ignore[arg-type]

    return prover


def ends(prover: Prover | None, prove_killed: int = 0) -> MutantCounts:
    mutants = [KILLED, SURVIVES]
    return counts_of(judge_mutants(sync_counter(), mutants, Verifier(), prover, prove_killed))


def test_without_a_prover_survivors_stay_unproved() -> None:
    assert ends(None) == MutantCounts(made=2, killed=1, unproved=1)


def test_only_survivors_are_proved() -> None:
    asked: list[str] = []
    assert ends(says("equivalent", asked)) == MutantCounts(made=2, killed=1, equivalent=1, agree=1)
    assert asked == ["survives"]


def test_a_survivor_that_is_proven_different_disagrees() -> None:
    assert ends(says("different")) == MutantCounts(made=2, killed=1, different=1, disagree=1)


def test_undecided_neither_agrees_nor_disagrees() -> None:
    assert ends(says("undecided"), 5) == MutantCounts(made=2, killed=1, undecided=1)


def test_killed_ones_can_be_proved_too() -> None:
    assert ends(says("different"), 5) == MutantCounts(
        made=2, killed=1, different=1, agree=1, disagree=1
    )
    assert ends(says("equivalent"), 5) == MutantCounts(
        made=2, killed=1, equivalent=1, agree=1, disagree=1
    )


def test_what_synthesis_refuses_needs_no_proof() -> None:
    asked: list[str] = []
    judged = judge_mutants(sync_counter(), [LATCH], Verifier(), says("equivalent", asked))
    assert (judged[0].simulated, asked) == ("refused", [])
    assert "synthesis." in judged[0].finding


def test_the_finding_is_what_a_person_reads() -> None:
    judged = judge_mutants(sync_counter(), [KILLED, SURVIVES], Verifier())
    assert judged[0].finding.startswith("cycle ")
    assert judged[0].finding.endswith("[simulation.mismatch]")
    assert judged[1].finding == ""
