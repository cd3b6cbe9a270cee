"""Significance, held against direct computation and against scipy."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rtlbench.statistics import (
    DRAWS,
    EXACT,
    difference,
    holm,
    least_chance,
    sign_test,
)

CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=20)
VALUES = st.integers(-100, 100).map(lambda n: n / 100)


def by_task(values: list[float]) -> dict[str, float]:
    return {f"t{k:03}": v for k, v in enumerate(values)}


@given(st.lists(VALUES, max_size=9))
def test_the_chance_is_the_share_of_all_signs_that_give_as_low_a_sum(values: list[float]) -> None:
    parts = [round(100 * v) for v in values]
    sums = [sum(s * v for s, v in zip(signs, parts, strict=True))
            for signs in product((1, -1), repeat=len(parts))]
    worse, better = sign_test(values)
    assert worse == pytest.approx(sum(s <= sum(parts) for s in sums) / len(sums))
    assert better == pytest.approx(sum(s >= sum(parts) for s in sums) / len(sums))


@given(st.integers(0, EXACT), st.integers(0, EXACT))
def test_with_one_right_or_wrong_sample_a_task_it_is_mcnemars_exact_test(
    lost: int, won: int
) -> None:
    lost = min(lost, EXACT - won)
    values = [-1.0] * lost + [1.0] * won
    worse, better = sign_test(values)
    if lost + won:
        p = stats.binomtest(won, lost + won, 0.5, alternative="less").pvalue
        assert worse == pytest.approx(p)
        p = stats.binomtest(won, lost + won, 0.5, alternative="greater").pvalue
        assert better == pytest.approx(p)
    else:
        assert (worse, better) == (1.0, 1.0)


def test_many_tasks_are_drawn_and_agree_with_the_exact_test() -> None:
    values = [-1.0] * 13 + [1.0] * 7 + [0.0] * 30
    exact = stats.binomtest(7, 20, 0.5, alternative="less").pvalue
    assert sign_test(values)[0] == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize("tasks", [0, 1, 5, EXACT, EXACT + 1, 100])
def test_the_least_chance_is_that_of_losing_every_task(tasks: int) -> None:
    worse, better = sign_test([-1.0] * tasks)
    assert worse == pytest.approx(least_chance(tasks), abs=2 / DRAWS)
    assert better == 1.0


@given(st.lists(VALUES, max_size=25))
def test_swapping_the_runs_swaps_all(values: list[float]) -> None:
    one = difference(by_task(values))
    other = difference(by_task([-v for v in values]))
    assert (one.p_worse, one.p_better) == (other.p_better, other.p_worse)
    assert one.tasks == other.tasks
    if one.value is not None and one.low is not None and one.high is not None:
        assert other.value == -one.value
        assert (other.low, other.high) == pytest.approx((-one.high, -one.low))


@given(st.lists(VALUES, min_size=1, max_size=25), st.data())
def test_the_order_of_tasks_plays_no_part(values: list[float], data: st.DataObject) -> None:
    pairs = list(by_task(values).items())
    assert difference(dict(data.draw(st.permutations(pairs)))) == difference(dict(pairs))


@given(st.lists(VALUES, min_size=1, max_size=25), st.data())
def test_a_better_task_never_makes_worse_more_likely(
    values: list[float], data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, len(values) - 1))
    raised = [*values[:k], data.draw(st.floats(values[k], 1.0)), *values[k + 1 :]]
    assert sign_test(raised)[0] >= sign_test(values)[0]
    assert sign_test(raised)[1] <= sign_test(values)[1]


@given(st.lists(VALUES, min_size=1, max_size=40))
def test_the_mean_lies_inside_its_interval(values: list[float]) -> None:
    found = difference(by_task(values))
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert min(values) - 1e-12 <= found.low <= found.high <= max(values) + 1e-12


def test_the_interval_agrees_with_scipys_bootstrap() -> None:
    values = [((7 * k) % 41 - 18) / 41 for k in range(40)]
    found = difference(by_task(values))
    other = stats.bootstrap((values,), lambda v, axis: v.mean(axis=axis), method="percentile",
                            n_resamples=5000, random_state=1).confidence_interval
    assert (found.low, found.high) == pytest.approx((other.low, other.high), abs=0.02)


def test_of_nothing_nothing_is_said() -> None:
    found = difference({})
    assert found.value is None
    assert (found.tasks, found.p_worse, found.p_better) == (0, 1.0, 1.0)


@given(CHANCES)
def test_holm_lies_between_no_correction_and_bonferronis(chances: list[float]) -> None:
    for one, corrected in zip(chances, holm(chances), strict=True):
        assert one <= corrected <= min(1.0, one * len(chances)) + 1e-12


def test_holm_is_the_textbooks() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


@given(CHANCES, st.data())
def test_a_larger_chance_never_makes_another_significant(
    chances: list[float], data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, len(chances) - 1))
    raised = [*chances[:k], data.draw(st.floats(chances[k], 1.0)), *chances[k + 1 :]]
    pairs = zip(holm(chances), holm(raised), strict=True)
    assert all(before <= after + 1e-12 for before, after in pairs)


@pytest.mark.parametrize("seed", range(3))
def test_equal_models_are_seldom_called_different(seed: int) -> None:
    rng = random.Random(seed)
    trials = [sign_test([rng.choice((-1.0, 0.0, 1.0)) for _ in range(12)])[0] for _ in range(300)]
    assert sum(p < 0.05 for p in trials) <= 35  # 15 expected at most; 5 sigma
