"""From a survivor to directed stimulus: proof, replay, the file beside the family."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rtlbench.equivalence.witness import Counterexample
from rtlbench.equivalence.witness import CounterexampleStep as Levels
from rtlbench.errors import HarnessError, UserError
from rtlbench.mutation.classification import (
    JudgedMutant,
    counts_of,
    judge_mutants,
    moments_of,
    prover,
)
from rtlbench.mutation.design import Mutant
from rtlbench.mutation.validate import record
from rtlbench.records.spec import Spec
from rtlbench.simulation.model import STIMULUS_FILE, Moment, Recorded, add_recorded, recorded_for
from rtlbench.simulation.replay import logical
from rtlbench.simulation.stimulus import build_plan
from rtlbench.verifier import Verifier
from tests.support import async_counter

HIDDEN = """    logic [15:0] seen;
    always_ff @(posedge clk)
        if (rst) seen <= 16'd0;
        else seen <= {seen[14:0], up};
"""
"""Goes wrong after one sequence of 16 values out of 65,536."""


def hidden(spec: Spec, condition: str) -> Mutant:
    text = spec.golden.replace("    always_ff", f"{HIDDEN}    always_ff", 1)
    text = text.replace("q + 1'b1", f"q + 1'b1 + ({condition})")
    return Mutant(kind="hidden", text=text, line=9, description="hidden", source="source")


def judged(spec: Spec, condition: str) -> JudgedMutant:
    return judge_mutants(spec, [hidden(spec, condition)], Verifier(), prover(10))[0]


def test_a_survivor_that_differs_becomes_stimulus_that_kills_it(small_suite: Any) -> None:
    spec = small_suite.specs[0]
    survivor = judged(spec, "seen == 16'hb371 && q == 4'd3")
    assert survivor.simulated == "survived"
    assert survivor.proof is not None
    assert survivor.proof.verdict == "different"
    assert counts_of([survivor]).disagree == 1

    assert record(spec, survivor).startswith("recorded, ")
    assert record(spec, survivor) == "killed by what is recorded already"
    again = small_suite.specs[0]
    assert again.digest() != spec.digest()
    assert judge_mutants(again, [survivor.mutant], Verifier())[0].simulated == "killed"
    assert len(build_plan(again).frames) > len(build_plan(spec).frames) - 1
    assert build_plan(again) == build_plan(again)


def test_other_members_do_not_change(small_suite: Any) -> None:
    one, other = small_suite.specs[:2]
    add_recorded(one, Recorded(one.id, "x", [Moment({"up": 1}, "active")]))
    again = small_suite.specs
    assert again[0].digest() != one.digest()
    assert again[1].digest() == other.digest()
    assert recorded_for(small_suite.family, other.id) == ()


def test_a_survivor_that_is_the_same_circuit_is_proven(small_suite: Any) -> None:
    survivor = judged(small_suite.specs[0], "seen != seen")
    assert survivor.simulated == "survived"
    assert survivor.proof is not None
    assert survivor.proof.verdict == "equivalent"


def test_a_broken_line_is_named(small_suite: Any) -> None:
    (small_suite.family / STIMULUS_FILE).write_text('{"member": 3}\n')
    with pytest.raises(UserError, match=rf"{STIMULUS_FILE}:1: .*str"):
        _ = small_suite.specs


def test_unknown_inputs_are_an_error(small_suite: Any) -> None:
    spec = small_suite.specs[0]
    add_recorded(spec, Recorded(spec.id, "x", [Moment({"down": 1}, "active")]))
    with pytest.raises(HarnessError, match="unknown input 'down'"):
        build_plan(small_suite.specs[0])


def test_the_clock_rests_after_a_sequence_that_ends_in_mid_cycle(small_suite: Any) -> None:
    spec = small_suite.specs[0]
    add_recorded(spec, Recorded(spec.id, "x", [Moment({"rst": 1}, "active")]))
    frames = build_plan(small_suite.specs[0]).frames
    clock = next(k for k, p in enumerate(reversed(spec.inputs)) if p.role == "clock")
    assert clock is not None
    assert frames[-1].inputs != frames[-2].inputs


def test_levels_at_the_ports_become_logical_values() -> None:
    spec = async_counter()
    assert logical(spec, {"rst_n": 0, "en": 1, "up": 0}) == {"rst": 1, "en": 1, "up": 0}


def test_only_changes_are_kept() -> None:
    spec = async_counter()
    levels = {"rst_n": 1, "en": 1, "up": 0}
    moments = (Levels(levels, "active"), Levels(levels, "inactive"),
               Levels({**levels, "up": 1}, "none"))  # fmt: skip
    found = moments_of(
        spec, Counterexample(moments=moments, golden={}, candidate={}, certain=True)
    )
    assert found == [
        Moment({"rst": 0, "en": 1, "up": 0}, "active"), Moment({}, "inactive"),
        Moment({"up": 1}, "none"),
    ]  # fmt: skip


def test_no_file_no_stimulus(tmp_path: Path) -> None:
    assert recorded_for(tmp_path, "x") == ()
