"""Rewards over arbitrary Verdicts: no wrong answer gets as much as a right one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity, TraceRow, Verdict
from rtlbench.rewards import output_shares, right, shaped, sparse
from rtlbench.rewards.functions import RIGHT_AT_LEAST, STEPS, TRICKS, WRONG_AT_MOST, tricked
from rtlbench.scoring import WEIGHTS

FLAGS = st.sampled_from([None, True, False])
DIGITS = st.text("01xz-", max_size=9)
RULES = st.sampled_from([*TRICKS, "simulation.mismatch", "ports.unused-input", "syntax.error"])
FINDINGS = st.lists(st.builds(Finding, RULES, st.sampled_from(Severity), st.text(max_size=5)),
                    max_size=3).map(tuple)
ROWS = st.builds(
    TraceRow, cycle=st.integers(0, 999), inputs=st.just({}),
    expected=st.dictionaries(st.sampled_from("qrs"), DIGITS, max_size=3),
    got=st.none() | st.dictionaries(st.sampled_from("qrs"), DIGITS, max_size=3),
)  # fmt: skip
CHECKS = st.builds(
    CheckResult, name=st.just("any"), outcome=st.sampled_from(Outcome), value=st.floats(),
    findings=FINDINGS, trace=st.lists(ROWS, max_size=2).map(tuple),
)  # fmt: skip
NAMES = st.sampled_from([*WEIGHTS])
VERDICTS = st.builds(
    Verdict, spec_id=st.just("s"), sample=st.just(0), model=st.just("m"),
    outcome=st.sampled_from(Outcome), score=st.floats(), syntax_valid=st.booleans(),
    synthesizes=FLAGS, all_io_used=FLAGS, functional=FLAGS,
    formal=st.sampled_from([None, "proved", "bounded", "different"]),
    checks=st.dictionaries(NAMES, CHECKS), findings=FINDINGS,
    weights=st.dictionaries(NAMES, st.floats()),
)  # fmt: skip


@given(VERDICTS, VERDICTS)
def test_no_wrong_answer_gets_as_much_as_a_right_one(one: Verdict, other: Verdict) -> None:
    better = replace(one, outcome=Outcome.PASS, functional=True, formal=None)
    for reward in (sparse, shaped):
        best, worth = reward(better), reward(other)
        assert best is not None
        assert worth is None or right(other) or worth < best


@given(VERDICTS)
def test_what_could_not_be_told_is_no_number_and_all_else_is_in_range(verdict: Verdict) -> None:
    errored = replace(verdict, outcome=Outcome.ERROR)
    assert sparse(errored) is None
    assert shaped(errored) is None
    if verdict.outcome is Outcome.ERROR:
        return
    assert sparse(verdict) in (0.0, 1.0, None)
    worth = shaped(verdict)
    assert worth is not None
    least, most = (RIGHT_AT_LEAST, 1.0) if right(verdict) else (0.0, WRONG_AT_MOST)
    assert least <= worth <= most + 1e-12
    assert all(0.0 <= share <= 1.0 for share in output_shares(verdict).values())


@given(VERDICTS)
def test_a_trick_gets_nothing(verdict: Verdict) -> None:
    wrong = replace(verdict, outcome=Outcome.FAIL)
    unsafe = CheckResult(name="safety", outcome=Outcome.FAIL, value=0.0)
    assert shaped(replace(wrong, checks={**wrong.checks, "safety": unsafe})) == 0.0
    assert shaped(replace(wrong, outcome=Outcome.TIMEOUT)) == 0.0
    if tricked(wrong):
        assert shaped(wrong) == 0.0


@given(VERDICTS, st.sampled_from([n for n in STEPS if n != "simulation"]))
def test_a_further_step_never_costs(verdict: Verdict, step: str) -> None:
    asked = replace(verdict, outcome=Outcome.FAIL, weights=dict.fromkeys(STEPS, 0.1))
    done = CheckResult(name=step, outcome=Outcome.PASS, value=1.0)
    before, after = shaped(asked), shaped(replace(asked, checks={**asked.checks, step: done}))
    assert before is not None
    assert after is not None
    assert after >= before - 1e-12


def test_shares_are_counted_per_output() -> None:
    row = TraceRow(3, {}, {"q": "1100", "full": "0", "any": "--"},
                   {"q": "1x01", "full": "0", "any": "zz"})
    failed = CheckResult(name="simulation", outcome=Outcome.FAIL, value=0.0, trace=(row,))
    verdict = Verdict(
        spec_id=None, sample=0, model="m", outcome=Outcome.FAIL, score=0.5, syntax_valid=True,
        synthesizes=True, all_io_used=True, functional=False, checks={"simulation": failed},
        findings=(), weights={"simulation": 0.2},
    )  # fmt: skip
    assert output_shares(verdict) == {"q": 0.5, "full": 1.0, "any": 1.0}
    assert shaped(verdict) == WRONG_AT_MOST * 2.5 / 3


def test_a_pass_without_a_judge_of_function_is_not_right() -> None:
    verdict = Verdict(
        spec_id=None, sample=0, model="m", outcome=Outcome.PASS, score=1.0, syntax_valid=True,
        synthesizes=True, all_io_used=True, functional=None,
        checks={n: CheckResult(name=n, outcome=Outcome.PASS, value=1.0) for n in ("syntax",)},
        findings=(), weights={"syntax": 0.2},
    )  # fmt: skip
    assert sparse(verdict) is None
    assert shaped(verdict) == WRONG_AT_MOST


def test_what_simulation_did_not_see_is_no_step() -> None:
    passed = {n: CheckResult(name=n, outcome=Outcome.PASS, value=1.0) for n in STEPS}
    verdict = Verdict(
        spec_id=None, sample=0, model="m", outcome=Outcome.FAIL, score=0.5, syntax_valid=True,
        synthesizes=True, all_io_used=True, functional=False, formal="different", checks=passed,
        findings=(), weights=dict.fromkeys([*STEPS, "formal"], 0.2),
    )  # fmt: skip
    assert shaped(verdict) == pytest.approx(WRONG_AT_MOST * (1 - STEPS["simulation"]))
