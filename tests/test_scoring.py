"""The score's invariants, stated over all results that Checks can give."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rtlbench.checks import CHECKS
from rtlbench.checks.base import conclude
from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity
from rtlbench.scoring import MUST_PASS, WEIGHTS, outcome_of, score
from tests.support import judge

NAMES = tuple(WEIGHTS)
Results = dict[str, CheckResult]


def result(name: str, outcome: Outcome = Outcome.PASS, value: float = 1.0) -> CheckResult:
    return CheckResult(name=name, outcome=outcome, value=value)


@st.composite
def check_results(draw: st.DrawFn, name: str) -> CheckResult:
    outcome = draw(st.sampled_from(Outcome))
    if outcome is Outcome.PASS:
        return result(name, outcome, draw(st.sampled_from((0.5, 0.75, 1.0)) | st.floats(0, 1)))
    return result(name, outcome, draw(st.floats(0, 0.5)))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Results, list[str]]:
    """Results of some of the Checks that apply, and the names of those that apply."""
    applicable = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    reached = draw(st.lists(st.sampled_from(applicable), unique=True))
    return {n: draw(check_results(n)) for n in reached}, applicable


@given(cases())
def test_score_lies_in_0_to_1(case: tuple[Results, list[str]]) -> None:
    assert 0.0 <= score(*case) <= 1.0


@given(cases())
def test_1_needs_every_check_that_applies_to_be_clean(case: tuple[Results, list[str]]) -> None:
    results, applicable = case
    clean = all(
        n in results and results[n].value == 1.0 and results[n].outcome is Outcome.PASS
        for n in applicable
    )
    assert (score(results, applicable) == 1.0) == clean


@given(cases(), st.sampled_from(sorted(MUST_PASS)), st.sampled_from(Outcome), st.floats(0, 1))
def test_a_failed_decisive_check_keeps_it_below_095(
    case: tuple[Results, list[str]], name: str, outcome: Outcome, value: float
) -> None:
    assume(outcome is not Outcome.PASS)
    results, applicable = case
    names = {*applicable, name}
    assert score({**results, name: result(name, outcome, value)}, names) < 0.95


@given(cases(), st.sampled_from(sorted(MUST_PASS)))
def test_a_decisive_check_that_was_not_reached_keeps_it_below_095(
    case: tuple[Results, list[str]], name: str
) -> None:
    results, applicable = case
    left = {n: r for n, r in results.items() if n != name}
    assert score(left, {*applicable, name}) < 0.95


@given(cases(), st.data())
def test_raising_a_value_never_lowers_it(
    case: tuple[Results, list[str]], data: st.DataObject
) -> None:
    results, applicable = case
    assume(results)
    name = data.draw(st.sampled_from(sorted(results)))
    higher = data.draw(st.floats(results[name].value, 1.0))
    mended = {**results, name: msgspec.structs.replace(results[name], value=higher)}
    assert score(mended, applicable) >= score(results, applicable)


@given(cases(), st.data())
def test_turning_a_fail_into_a_pass_never_lowers_it(
    case: tuple[Results, list[str]], data: st.DataObject
) -> None:
    results, applicable = case
    assume(results)
    name = data.draw(st.sampled_from(sorted(results)))
    mended = {**results, name: msgspec.structs.replace(results[name], outcome=Outcome.PASS)}
    assert score(mended, applicable) >= score(results, applicable)


@given(cases(), st.data())
def test_a_result_of_a_check_that_does_not_apply_changes_nothing(
    case: tuple[Results, list[str]], data: st.DataObject
) -> None:
    results, applicable = case
    others = sorted(set(NAMES) - set(applicable))
    assume(others)
    name = data.draw(st.sampled_from(others))
    more = {**results, name: data.draw(check_results(name))}
    assert score(more, applicable) == score(results, applicable)
    assert outcome_of(more, applicable) is outcome_of(results, applicable)


@given(st.lists(st.sampled_from(("error", "warning")), max_size=6), st.sampled_from((0.0, 0.5)))
def test_mending_any_finding_never_lowers_a_checks_value(kinds: list[str], floor: float) -> None:
    findings = [Finding("a.b", Severity(k), "") for k in kinds]
    before = conclude("ports", findings, failed_value=floor / 2, floor=floor).value
    for k in range(len(findings)):
        rest = findings[:k] + findings[k + 1 :]
        assert conclude("ports", rest, failed_value=floor / 2, floor=floor).value >= before


def test_nothing_that_applies_scores_nothing() -> None:
    assert score({}, []) == 0.0


def test_every_check_has_a_weight() -> None:
    assert set(CHECKS) <= set(WEIGHTS)
    assert set(WEIGHTS) >= MUST_PASS
    assert all(w > 0 and math.isfinite(w) for w in WEIGHTS.values())


def test_synthesizable_code_that_leaves_a_port_unused_can_reach_07() -> None:
    verdict = judge(
        "module m(input a, input b, input unused, output y);\n    assign y = a & b;\nendmodule\n"
    )
    assert verdict.all_io_used is False
    assert 0.7 <= verdict.score < 0.95


def test_outcome_starts_as_error() -> None:
    assert outcome_of({}, []) is Outcome.ERROR
    assert outcome_of({}, ["syntax"]) is Outcome.ERROR


def test_a_pass_needs_the_word_of_every_check() -> None:
    results = {n: result(n) for n in ("syntax", "safety", "lint")}
    assert outcome_of(results, list(results)) is Outcome.PASS
    assert outcome_of(results, [*results, "simulation"]) is Outcome.ERROR


def test_a_lint_that_could_not_tell_keeps_a_candidate_from_passing() -> None:
    results = {"syntax": result("syntax"), "lint": result("lint", Outcome.ERROR, 0.0)}
    assert outcome_of(results, list(results)) is Outcome.ERROR


@given(cases())
def test_error_is_said_only_where_nothing_decisive_failed(case: tuple[Results, list[str]]) -> None:
    results, applicable = case
    decisive = {results[n].outcome for n in applicable if n in results and n in MUST_PASS}
    outcome = outcome_of(results, applicable)
    if Outcome.FAIL in decisive:
        assert outcome is Outcome.FAIL
    elif Outcome.TIMEOUT in decisive:
        assert outcome is Outcome.TIMEOUT
    else:
        assert outcome in (Outcome.PASS, Outcome.ERROR)


@pytest.mark.parametrize("missing", NAMES)
def test_a_pass_is_never_said_without_a_result(missing: str) -> None:
    results = {n: result(n) for n in NAMES if n != missing}
    assert outcome_of(results, NAMES) is Outcome.ERROR
