"""The gate's rules: what may never happen, whatever the answers."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlbench.errors import UserError
from rtlbench.gate.policy import FIGURES, Baseline, Conditions, Policy
from rtlbench.gate.rules import WEAKEST, Change, GateReport, judge_gate
from rtlbench.gate.runs import ALL, task_differences
from rtlbench.runs.finished import Key
from rtlbench.statistics import Judged
from tests.gate.made import RUN, answers_of, judged, run_of

POLICY = Policy(
    require={"score": 0.75, "functional": 0.7, "all_io_used": 0.85},
    category={"fsm": {"score": 0.7}},
    weakest_category={"score": 0.65},
)
RELATIVE = Policy(baseline=Baseline(figures=("score", "functional")))
OPPOSITE = {"worse": "better", "better": "worse", "no difference": "no difference"}

SCORES = st.sampled_from([0.0, 0.3, 0.6, 0.8, 0.94, 1.0])


CATEGORIES = ("fsm", "edge_detect")
QUICK = settings(max_examples=25)


@st.composite
def two_runs(draw: st.DrawFn) -> tuple[dict[Key, Judged], dict[Key, Judged]]:
    """Answers of two models to the same tasks and samples, in two categories."""
    runs: tuple[dict[Key, Judged], dict[Key, Judged]] = ({}, {})
    for category in CATEGORIES:
        tasks, samples = draw(st.integers(1, 8)), draw(st.integers(1, 2))
        for run in runs:
            row = st.lists(SCORES, min_size=samples, max_size=samples)
            rows = draw(st.lists(row, min_size=tasks, max_size=tasks))
            run.update(answers_of(rows, category))
    return runs


def gated(
    policy: Policy, one: dict[Key, Judged], other: dict[Key, Judged] | None = None
) -> GateReport:
    return judge_gate(policy, run_of(one), None if other is None else run_of(other))


def raised(old: Judged, score: float) -> Judged:
    """`old`, with a score that is no lower."""
    score = max(score, old.score)
    category, right = str(old.category), score == 1.0
    return judged(str(old.spec_id), category=category, score=score, right=right)


def changes(report: GateReport) -> dict[tuple[str, str], Change]:
    return {(c.figure, c.of): c for c in report.changes}


@QUICK
@given(two_runs(), st.data())
def test_a_better_sample_never_turns_a_pass_into_a_fail(
    runs: tuple[dict[Key, Judged], dict[Key, Judged]], data: st.DataObject
) -> None:
    one, other = runs
    for policy in (POLICY, RELATIVE):
        before = gated(policy, one, other)
        key = data.draw(st.sampled_from(sorted(one)))
        better = {**one, key: raised(one[key], data.draw(SCORES))}
        after = gated(policy, better, other)
        assert before.passed <= after.passed
        for rule, later in zip(before.requirements, after.requirements, strict=True):
            assert rule.passed <= later.passed
        for change, later_change in zip(before.changes, after.changes, strict=True):
            assert change.passed <= later_change.passed


@QUICK
@given(two_runs(), st.data())
def test_the_order_of_the_samples_plays_no_part(
    runs: tuple[dict[Key, Judged], dict[Key, Judged]], data: st.DataObject
) -> None:
    one, other = runs
    policy = msgspec.structs.replace(POLICY, baseline=RELATIVE.baseline)
    shuffled = dict(data.draw(st.permutations(list(one.items()))))
    assert gated(policy, shuffled, other) == gated(policy, one, other)
    assert gated(policy, other, shuffled) == gated(policy, other, one)


@QUICK
@given(two_runs())
def test_swapping_the_runs_swaps_better_and_worse(
    runs: tuple[dict[Key, Judged], dict[Key, Judged]],
) -> None:
    one, other = runs
    there, back = changes(gated(RELATIVE, one, other)), changes(gated(RELATIVE, other, one))
    for place, change in there.items():
        opposite = back[place]
        assert (change.p_worse, change.p_better) == (opposite.p_better, opposite.p_worse)
        if change.difference.value is not None:
            assert opposite.difference.value == -change.difference.value
        expected = OPPOSITE.get(change.verdict, "no difference")
        assert opposite.verdict in (expected, "too few tasks")


@QUICK
@given(two_runs())
def test_a_run_beside_itself_is_no_difference(
    runs: tuple[dict[Key, Judged], dict[Key, Judged]],
) -> None:
    report = gated(RELATIVE, runs[0], runs[0])
    assert report.passed
    assert {c.verdict for c in report.changes} == {"no difference"}


def test_one_collapsed_category_fails_though_all_together_are_better() -> None:
    good = answers_of([[0.94, 0.94]] * 30, "fsm") | answers_of([[1.0, 1.0]] * 12, "edge_detect")
    bad = answers_of([[1.0, 1.0]] * 30, "fsm") | answers_of([[0.94, 0.94]] * 12, "edge_detect")
    found = changes(gated(RELATIVE, bad, good))
    assert found["functional", ALL].difference.value == pytest.approx(18 / 42)
    assert found["functional", "edge_detect"].verdict == "worse"
    assert not gated(RELATIVE, bad, good).passed


def test_a_drop_that_chance_makes_often_is_no_difference() -> None:
    before = answers_of([[1.0]] * 10 + [[0.5]] * 10)
    after = answers_of([[1.0]] * 8 + [[0.5]] * 12)
    found = changes(gated(RELATIVE, after, before))["functional", "fsm"]
    assert found.difference.value == pytest.approx(-0.1)
    assert (found.verdict, found.passed) == ("no difference", True)


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([[0.5]] + [[1.0]] * 19, "no difference"),
        ([[1.0]] * 19 + [[0.5]], "no difference"),
        ([[0.5]] * 2 + [[1.0]] * 18, "lower"),
        ([[0.5]] * 12 + [[1.0]] * 8, "worse"),
    ],
)
def test_a_figure_that_must_not_be_below_the_baselines_is_not_by_chance_either(
    rows: list[list[float]], verdict: str
) -> None:
    policy = Policy(baseline=Baseline(figures=("functional",), not_below=("functional",)))
    report = gated(policy, answers_of(rows), answers_of([[0.5]] + [[1.0]] * 19))
    assert [c.verdict for c in report.changes] == [verdict]
    assert report.passed is (verdict == "no difference")


def test_a_floor_is_of_all_together_and_not_of_each_category() -> None:
    policy = Policy(baseline=Baseline(figures=("functional",), not_below=("functional",)))
    before = answers_of([[1.0]] * 9 + [[0.5]], "fsm") | answers_of([[0.5]] * 10, "edge_detect")
    after = answers_of([[1.0]] * 8 + [[0.5]] * 2, "fsm") | answers_of(
        [[1.0]] * 2 + [[0.5]] * 8, "edge_detect"
    )
    found = changes(gated(policy, after, before))
    assert found["functional", "fsm"].passed
    assert found["functional", ALL].difference.value == pytest.approx(0.05)
    assert gated(policy, after, before).passed
    back = changes(gated(policy, before, after))
    assert (back["functional", ALL].verdict, back["functional", "fsm"].passed) == ("lower", True)


def test_samples_of_one_task_are_no_independent_evidence() -> None:
    """Two tasks lost, with a hundred samples each, are two losses."""
    before, after = answers_of([[1.0] * 100] * 2), answers_of([[0.5] * 100] * 2)
    assert changes(gated(RELATIVE, after, before))["functional", "fsm"].difference.p_worse == 0.25


@pytest.mark.parametrize(("too_few", "passed"), [("pass", True), ("fail", False)])
def test_too_few_tasks_to_tell_are_said_and_go_by_the_policy(too_few: str, passed: bool) -> None:
    policy = Policy(baseline=msgspec.convert({"too_few": too_few}, Baseline))
    report = gated(policy, answers_of([[0.5]] * 3), answers_of([[1.0]] * 3))
    assert {c.verdict for c in report.changes} == {"too few tasks"}
    assert report.passed is passed


def test_a_requirement_of_what_is_not_there_is_not_met() -> None:
    policy = Policy(category={"fsm": {"score": 0.0}})
    rule = gated(policy, answers_of([[1.0]], "edge_detect")).requirements[0]
    assert (rule.value, rule.passed, rule.note) == (None, False, "nothing to count")
    policy = Policy(require={"pass@5": 0.0})
    assert not gated(policy, answers_of([[1.0] * 4])).passed
    assert gated(policy, answers_of([[1.0] * 5])).passed


def test_the_weakest_category_is_named() -> None:
    answers = answers_of([[1.0]] * 3, "fsm") | answers_of([[0.6]] * 3, "edge_detect")
    rule = gated(Policy(weakest_category={"score": 0.65}), answers).requirements[0]
    assert (rule.of, rule.note, rule.passed) == (WEAKEST, "edge_detect", False)


def test_only_the_policys_categories_count() -> None:
    answers = answers_of([[1.0]] * 3, "fsm") | answers_of([[0.0]] * 3, "cache")
    policy = Policy(require={"score": 0.9}, run=Conditions(categories=("fsm",)))
    assert gated(policy, answers).passed
    assert not gated(Policy(require={"score": 0.9}), answers).passed


def test_too_few_tasks_of_a_category_are_refused() -> None:
    policy = Policy(run=Conditions(categories=("fsm", "serial"), least_tasks=2))
    with pytest.raises(UserError, match="0 tasks of serial"):
        gated(policy, answers_of([[1.0]] * 3))


def test_a_run_that_the_harness_could_not_judge_is_refused() -> None:
    errors = frozenset({("other", 0), ("other", 1)})
    run = run_of(answers_of([[1.0]] * 98), errors=errors)
    with pytest.raises(UserError, match="2 of 100 answers are not judged"):
        judge_gate(RELATIVE, run, None)
    with pytest.raises(UserError, match="2 of 100 answers are not judged"):
        judge_gate(RELATIVE, run_of(answers_of([[1.0]] * 98)), run)


def test_lines_that_could_not_be_read_count_as_not_judged() -> None:
    run = run_of(answers_of([[1.0]] * 9), run=msgspec.structs.replace(RUN, problem_count=1))
    with pytest.raises(UserError, match="1 of 10"):
        judge_gate(RELATIVE, run, None)


def test_an_answer_not_judged_is_left_out_on_both_sides() -> None:
    one, other = answers_of([[1.0, 0.0]] * 3), answers_of([[1.0, 1.0]] * 3)
    del one["fsm0", 1]
    assert task_differences(one, other, "functional")["fsm0"] == 0.0
    assert task_differences(one, other, "functional")["fsm1"] == -0.5


def test_a_task_whose_function_nothing_could_judge_has_no_part_in_it() -> None:
    one = answers_of([[1.0]] * 2)
    one["fsm0", 0] = msgspec.structs.replace(one["fsm0", 0], functional=None)
    assert set(task_differences(one, answers_of([[1.0]] * 2), "functional")) == {"fsm1"}


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_can_be_compared(figure: str) -> None:
    one, other = answers_of([[1.0] * 10] * 9), answers_of([[0.0] * 10] * 9)
    assert set(task_differences(one, other, figure).values()) <= {0.0, 1.0}
    policy = Policy(require={figure: 0.5}, baseline=Baseline(figures=(figure,)))
    assert gated(policy, one, other).passed


def test_pass_at_k_is_compared_by_tasks() -> None:
    one = answers_of([[1.0, 0.0, 0.0, 0.0, 0.0]])
    other = answers_of([[0.0, 0.0, 0.0, 0.0, 0.0]])
    assert task_differences(one, other, "pass@5") == {"fsm0": 1.0}
    assert task_differences(one, other, "pass@1") == {"fsm0": pytest.approx(0.2)}
