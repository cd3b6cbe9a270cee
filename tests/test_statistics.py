"""Figures over Verdicts, held against direct computation."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlbench.records.verdict import Outcome
from rtlbench.statistics import (
    BOOTSTRAP_LIMIT,
    PASS_AT,
    Figure,
    Judged,
    by_category,
    mean,
    pass_at_k,
    rate,
    summarise,
)

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


def judged(
    outcome: Outcome = Outcome.PASS,
    *,
    spec: str = "s",
    category: str | None = "c",
    score: float = 1.0,
    functional: bool | None = True,
) -> Judged:
    return Judged(
        spec_id=spec,
        category=category,
        outcome=outcome,
        score=score,
        syntax_valid=outcome is not Outcome.ERROR,
        synthesizes=True,
        all_io_used=functional,
        functional=functional,
    )


def span_of(figure: Figure) -> tuple[float | None, float | None]:
    return figure.low, figure.high


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_one_sample_a_task_gives_functional_and_pass_at_1_one_interval(right: list[bool]) -> None:
    summary = summarise(judged(spec=str(k), functional=r) for k, r in enumerate(right))
    assert summary.functional == summary.pass_at["1"] == rate(sum(right), len(right))


@settings(max_examples=25)
@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(st.booleans(), min_size=n, max_size=n), max_size=12)
    )
)
def test_as_many_samples_of_each_task_give_them_one_interval_too(tasks: list[list[bool]]) -> None:
    every = [judged(spec=str(k), functional=r) for k, own in enumerate(tasks) for r in own]
    summary = summarise(every)
    one, other = summary.functional, summary.pass_at["1"]
    assert one.value == pytest.approx(other.value)
    assert one.low == pytest.approx(other.low)
    assert one.high == pytest.approx(other.high)
    assert summarise(reversed(every)) == summary


def test_of_a_single_task_the_answers_are_what_varies() -> None:
    few = [judged(functional=k < 3, score=0.8 if k < 3 else 0.6) for k in range(5)]
    summary = summarise(few)
    assert summary.functional == rate(3, 5)
    assert span_of(summary.pass_at["1"]) == span_of(rate(3, 5))
    assert summary.pass_at["1"].n == 1
    assert summary.score.low is not None
    assert summary.score.low < 0.72 < (summary.score.high or 0)


def test_samples_of_one_task_are_not_so_many_witnesses() -> None:
    apart = summarise([judged(spec=str(k), functional=k % 2 == 0) for k in range(40)]).functional
    alike = [judged(spec=str(k % 4), functional=k % 2 == 0) for k in range(40)]
    together = summarise(alike).functional
    assert apart.low is not None
    assert together.low is not None
    assert together.low < apart.low


@pytest.mark.parametrize("n", range(1, 8))
def test_pass_at_k_is_the_share_of_all_draws_that_hold_a_right_answer(n: int) -> None:
    for c in range(n + 1):
        for k in range(1, n + 1):
            draws = list(combinations(range(n), k))
            share = sum(any(i < c for i in draw) for draw in draws) / len(draws)
            assert pass_at_k(n, c, k) == pytest.approx(share)


def test_pass_at_k_is_undefined_for_fewer_than_k_samples() -> None:
    assert pass_at_k(4, 4, 5) is None
    assert pass_at_k(0, 0, 1) is None


@pytest.mark.parametrize(("n", "c", "k"), [(3, 4, 1), (3, -1, 1), (3, 1, 0)])
def test_pass_at_k_refuses_impossible_counts(n: int, c: int, k: int) -> None:
    with pytest.raises(ValueError, match="0 <= c <= n"):
        pass_at_k(n, c, k)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_lies_inside_its_interval(case: tuple[int, int]) -> None:
    figure = rate(*case)
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    assert 0.0 <= figure.low <= figure.value + 1e-12
    assert figure.value - 1e-12 <= figure.high <= 1.0


def test_a_wilson_interval_is_the_textbooks() -> None:
    figure = rate(8, 10)
    assert (figure.low, figure.high) == pytest.approx((0.490162, 0.943317), abs=1e-6)


@settings(max_examples=25)
@given(SCORES)
def test_a_mean_lies_inside_its_interval_and_is_always_the_same(values: list[float]) -> None:
    figure = mean(enumerate(values))
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= figure.high
    if not set(values) <= {0.0, 1.0}:
        assert min(values) - 1e-9 <= figure.low
        assert figure.high <= max(values) + 1e-9
    assert mean(enumerate(values)) == figure
    assert mean(enumerate(reversed(values))) == figure


@settings(max_examples=25)
@given(st.lists(st.floats(0, 1), min_size=20, max_size=60))
def test_a_mean_of_many_values_is_inside_its_interval(values: list[float]) -> None:
    figure = mean(enumerate(values))
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low - 1e-9 <= figure.value <= figure.high + 1e-9


def test_the_mean_of_a_great_many_values_needs_no_resampling() -> None:
    values = [0.25, 0.75] * (BOOTSTRAP_LIMIT // 2 + 1)
    figure = mean(enumerate(values))
    assert figure.value == 0.5
    assert figure.low == pytest.approx(0.5 - 1.959964 * 0.25 / len(values) ** 0.5, rel=1e-4)


def test_nothing_to_count_gives_no_figure() -> None:
    assert rate(0, 0) == mean([]) == Figure(None)


def test_errors_are_counted_and_left_out_of_every_figure() -> None:
    told = [judged(), judged(Outcome.FAIL, score=0.5, functional=False)]
    broken = [judged(Outcome.ERROR, score=0.0, functional=None)] * 3
    with_errors, without = summarise([*told, *broken]), summarise(told)
    assert with_errors.answers == 5
    assert with_errors.outcomes == {"pass": 1, "fail": 1, "timeout": 0, "error": 3}
    assert with_errors.score == without.score
    assert with_errors.syntax == without.syntax
    assert with_errors.functional == without.functional
    assert with_errors.pass_at == without.pass_at
    assert without.score.value == 0.75


def test_what_nothing_could_judge_is_left_out_of_functional() -> None:
    summary = summarise([judged(), judged(functional=None)])
    assert summary.functional.n == 1
    assert summary.syntax.n == 2


def test_pass_at_k_is_averaged_over_the_specs_with_enough_samples() -> None:
    many = [judged(spec="a", functional=k == 0) for k in range(5)]
    few = [judged(spec="b")]
    summary = summarise([*many, *few])
    assert summary.pass_at["1"].value == pytest.approx((0.2 + 1.0) / 2)
    assert summary.pass_at["5"] == Figure(1.0, *span_of(rate(1, 1)), 1)
    assert summary.pass_at["10"] == Figure(None)
    assert set(summary.pass_at) == {str(k) for k in PASS_AT}


def test_categories_are_summed_up_apart_and_in_order() -> None:
    found = by_category([judged(category="z"), judged(category="a"), judged(category=None)])
    assert list(found) == ["a", "none", "z"]
    assert all(s.answers == 1 for s in found.values())


def test_nothing_at_all_gives_an_empty_summary() -> None:
    summary = summarise([])
    assert summary.answers == 0
    assert summary.score.value is None
