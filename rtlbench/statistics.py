"""Figures over many Verdicts: rates, means, intervals, pass@k. Pure.

Verdicts with outcome `error` are counted and left out of every figure: they say nothing of the
answers. A task without an answer has no Verdict; who wants it to count as wrong, adds `missing`.
Every figure carries a 95% interval by tasks, in one way: samples of one task resemble each other
and count together. Where each task is all right or all wrong, it is Wilson's, else a percentile
bootstrap over tasks, which depends neither on the order of the answers nor on the run. They agree
with scipy's, whose import would take longer than all of a short run's sums.

Two runs: Whether two runs over the same tasks differ beyond chance. Pure; numpy only.

The unit is the task: samples of one task resemble each other, so that counting them one by one
would take the same luck for evidence several times. A task's difference is the mean over its
samples. Significance is by random signs (Fisher, Pitman): were both models the same, each
task's difference could as well have had the other sign. With one right-or-wrong sample a task
that is McNemar's exact test; it needs no normal approximation and holds for few tasks, where a
bootstrap calls too much significant. The interval of the mean is a paired bootstrap over tasks.

Guarantee: the same differences, in whatever order of tasks they are given by name, give the same
figures; swapping the runs swaps `p_worse` and `p_better`; a larger difference of one task
never lowers `p_worse`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import msgspec

from rtlbench.records.verdict import Outcome, Verdict

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
RESAMPLES = 1000
BOOTSTRAP_LIMIT = 20_000
"""Above so many values the mean's normal approximation serves; resampling would add nothing."""
PASS_AT = (1, 5, 10)
_EQUAL = 1e-12


class Figure(msgspec.Struct, frozen=True):
    """A figure in [0, 1] with its 95% interval; all None where there was nothing to count."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one category, or of a whole run."""

    answers: int
    outcomes: dict[str, int]
    score: Figure
    syntax: Figure
    synthesis: Figure
    all_io_used: Figure
    functional: Figure
    passed: Figure
    pass_at: dict[str, Figure]
    """`functional` by k; specs with fewer than k judged samples are left out."""
    truncated: int = 0
    """Judged answers that the limit on tokens cut off; they count in every figure."""
    missing: int = 0
    """Answers that are not there and count as wrong in every figure; they are none of `answers`."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures need of a Verdict; small, so that millions fit in memory."""

    spec_id: str | None
    category: str | None
    outcome: Outcome
    score: float
    syntax_valid: bool
    synthesizes: bool | None
    all_io_used: bool | None
    functional: bool | None
    truncated: bool = False
    is_missing: bool = False
    """Whether it is an answer that is not there."""

    @staticmethod
    def of(verdict: Verdict) -> Judged:
        """The part of `verdict` that counts."""
        return Judged(
            spec_id=verdict.spec_id,
            category=verdict.category,
            outcome=verdict.outcome,
            score=verdict.score,
            syntax_valid=verdict.syntax_valid,
            synthesizes=verdict.synthesizes,
            all_io_used=verdict.all_io_used,
            functional=verdict.functional,
            truncated=verdict.truncated,
        )


def missing(spec_id: str, category: str, *, has_function: bool) -> Judged:
    """An answer that is not there, as one that has nothing right.

    Args:
        has_function: Whether there is something that judges the function of the task's answers.
    """
    return Judged(
        spec_id=spec_id,
        category=category,
        outcome=Outcome.FAIL,
        score=0.0,
        syntax_valid=False,
        synthesizes=False,
        all_io_used=False,
        functional=False if has_function else None,
        is_missing=True,
    )


def pass_at_k(n: int, c: int, k: int) -> float | None:
    """The chance that at least one of k samples is right, unbiased; None where n < k.

    Formula: 1 - C(n-c, k) / C(n, k), Chen et al. 2021, https://arxiv.org/abs/2107.03374.

    Raises:
        ValueError: Not 0 <= c <= n, or k < 1.
    """
    if not 0 <= c <= n or k < 1:
        raise ValueError(f"need 0 <= c <= n and k >= 1, not n={n} c={c} k={k}")
    if n < k:
        return None
    return 1.0 - math.comb(n - c, k) / math.comb(n, k)


def rate(successes: int, n: int) -> Figure:
    """A share with its Wilson interval."""
    if n == 0:
        return Figure(None)
    p, square = successes / n, Z * Z / n
    centre = (p + square / 2) / (1 + square)
    half = Z * math.sqrt(p * (1 - p) / n + square / (4 * n)) / (1 + square)
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Figure(p, low, high, n)


def mean(values: Iterable[tuple[Hashable, float]]) -> Figure:
    """A mean over answers with its interval by tasks; of one task, by its answers.

    Args:
        values: Each answer's task, and its value in [0, 1]; in any order.
    """
    by_task: dict[Hashable, list[float]] = defaultdict(list)
    for task, value in values:
        by_task[task].append(value)
    if not by_task:
        return Figure(None)
    units = list(by_task.values())
    if len(units) == 1:
        units = [[value] for value in units[0]]
    sums = sorted((math.fsum(v), len(v)) for v in units)
    count = sum(n for _, n in sums)
    average = math.fsum(v for own in by_task.values() for v in own) / count
    even = len({n for _, n in sums}) == 1 or average in (0, 1)
    if even and all(total in (0, n) for total, n in sums):
        span = rate(sum(total > 0 for total, _ in sums), len(sums))
        return Figure(average, span.low, span.high, count)
    return Figure(average, *_resampled(sums, average), count)


def _resampled(sums: Sequence[tuple[float, int]], average: float) -> tuple[float, float]:
    """The interval of a mean, tasks drawn with replacement.

    Args:
        sums: Of each task the sum of its values and their number, sorted.
    """
    import numpy as np

    totals, counts = np.asarray(sums, dtype=float).T
    tasks = len(sums)
    if float(np.ptp(totals - average * counts)) < _EQUAL:
        return average, average
    if tasks > BOOTSTRAP_LIMIT:  # the ratio's linearised variance
        spread = float(np.square(totals - average * counts).sum()) * tasks / (tasks - 1)
        half = Z * math.sqrt(spread) / float(counts.sum())
        return average - half, average + half
    rng = np.random.default_rng(0)
    draws = (rng.integers(tasks, size=tasks) for _ in range(RESAMPLES))
    means = [totals[drawn].sum() / counts[drawn].sum() for drawn in draws]
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def summarise(judged: Iterable[Judged]) -> Summary:
    """The figures of `judged`."""
    every = list(judged)
    counted = [(j.spec_id or k, j) for k, j in enumerate(every) if j.outcome is not Outcome.ERROR]
    given = [j for j in every if not j.is_missing]
    outcomes = {o.value: sum(j.outcome is o for j in given) for o in Outcome}
    functional = [(task, j) for task, j in counted if j.functional is not None]
    return Summary(
        answers=len(given),
        outcomes=outcomes,
        score=mean((task, j.score) for task, j in counted),
        syntax=mean((task, j.syntax_valid) for task, j in counted),
        synthesis=mean((task, j.synthesizes is True) for task, j in counted),
        all_io_used=mean((task, j.all_io_used is True) for task, j in counted),
        functional=mean((task, j.functional is True) for task, j in functional),
        passed=mean((task, j.outcome is Outcome.PASS) for task, j in counted),
        pass_at=_pass_at(functional),
        truncated=sum(j.truncated for _, j in counted),
        missing=len(every) - len(given),
    )


def by_category(judged: Iterable[Judged]) -> dict[str, Summary]:
    """A Summary for each category, by name."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for j in judged:
        groups[j.category or "none"].append(j)
    return {name: summarise(groups[name]) for name in sorted(groups)}


def _pass_at(judged: Iterable[tuple[Hashable, Judged]]) -> dict[str, Figure]:
    right: Mapping[Hashable, list[bool]] = defaultdict(list)
    for task, j in judged:
        right[task].append(j.functional is True)
    figures: dict[str, Figure] = {}
    if len({len(r) for r in right.values()}) == 1:  # then it is the share of right answers
        share = mean((task, value) for task, r in right.items() for value in r)
        figures["1"] = msgspec.structs.replace(share, n=len(right))
    for k in [k for k in PASS_AT if str(k) not in figures]:
        each = [(task, pass_at_k(len(r), sum(r), k)) for task, r in right.items()]
        figures[str(k)] = mean((task, p) for task, p in each if p is not None)
    return figures


EXACT = 14
"""Up to so many tasks all signs are gone through; beyond, `DRAWS` of them are drawn."""
DRAWS = 20_000
PAIRED_RESAMPLES = 2_000
_GRAIN = 10**9
"""Differences are counted in these parts, so that equal sums are equal."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """How much more the first run has of a figure than the second, from -1 to 1."""

    value: float | None
    """Mean over tasks; None where there is no task."""
    low: float | None = None
    high: float | None = None
    """The 95% interval."""
    tasks: int = 0
    p_worse: float = 1.0
    """The chance of a difference as low as this, were both the same."""
    p_better: float = 1.0
    """The chance of a difference as high as this, were both the same."""


def difference(by_task: Mapping[str, float]) -> Difference:
    """What the tasks' differences say together.

    Args:
        by_task: First run's figure less the second's, by task, in [-1, 1].
    """
    values = [by_task[task] for task in sorted(by_task)]
    if not values:
        return Difference(value=None)
    p_worse, p_better = sign_test(values)
    low, high = _paired_interval(values)
    return Difference(
        value=math.fsum(values) / len(values),
        low=low,
        high=high,
        tasks=len(values),
        p_worse=p_worse,
        p_better=p_better,
    )


def sign_test(values: Sequence[float]) -> tuple[float, float]:
    """The chances of a sum at most, and at least, as large as that of `values`, under random signs.

    Exact for up to EXACT values, else by DRAWS draws that depend on the number of values only.
    """
    import numpy as np

    parts = np.array([round(v * _GRAIN) for v in values], dtype=np.int64)
    signs = _signs(len(values))
    sums, observed = signs @ parts, parts.sum()
    drawn = int(len(values) > EXACT)  # the observed signs are a draw too
    n = len(sums) + drawn
    at_most, at_least = int((sums <= observed).sum()), int((sums >= observed).sum())
    return (at_most + drawn) / n, (at_least + drawn) / n


def least_chance(tasks: int) -> float:
    """The lowest chance that `sign_test` can give for so many values."""
    return 2.0**-tasks if tasks <= EXACT else 1 / (DRAWS + 1)


def holm(chances: Sequence[float]) -> list[float]:
    """The chances, corrected for being several: Holm's step-down, in the order given."""
    order = sorted(range(len(chances)), key=lambda k: chances[k])
    corrected, least = [1.0] * len(chances), 0.0
    for rank, k in enumerate(order):
        least = max(least, min(1.0, (len(chances) - rank) * chances[k]))
        corrected[k] = least
    return corrected


@lru_cache(maxsize=32)
def _signs(count: int) -> Any:
    """Rows of 1 and -1: all there are for few values, drawn ones for many."""
    import numpy as np

    if count <= EXACT:
        bits = np.arange(2**count)[:, None] >> np.arange(count) & 1
    else:
        bits = np.random.default_rng(0).integers(0, 2, size=(DRAWS, count), dtype=np.int8)
    return 1 - 2 * bits.astype(np.int64)


def _paired_interval(values: Sequence[float]) -> tuple[float, float]:
    import numpy as np

    if min(values) == max(values):
        return values[0], values[0]
    data = np.asarray(values)
    chosen = np.random.default_rng(0).integers(len(data), size=(PAIRED_RESAMPLES, len(data)))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(data[chosen].mean(axis=1), [tail, 1 - tail])
    return float(low), float(high)
