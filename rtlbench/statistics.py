"""Figures over many Verdicts: rates, means, intervals, pass@k. Pure.

Verdicts with outcome `error` are counted and left out of every figure: they say nothing of the
answers. Rates carry Wilson intervals, means percentile-bootstrap intervals, both at 95%; they
agree with scipy's, whose import would take longer than all of a short run's sums.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist

import msgspec

from rtlbench.records.verdict import Outcome, Verdict

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
RESAMPLES = 1000
BOOTSTRAP_LIMIT = 20_000
"""Above so many values the mean's normal approximation serves; resampling would add nothing."""
PASS_AT = (1, 5, 10)


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


def mean(values: Sequence[float]) -> Figure:
    """A mean with its bootstrap interval, the same at every call for the same values."""
    if not values:
        return Figure(None)
    import numpy as np

    average = math.fsum(values) / len(values)
    if len(set(values)) == 1:
        return Figure(average, average, average, len(values))
    data = np.asarray(values)
    if len(values) > BOOTSTRAP_LIMIT:
        half = Z * float(data.std(ddof=1)) / math.sqrt(len(values))
        return Figure(average, average - half, average + half, len(values))
    rng = np.random.default_rng(0)
    means = [data[rng.integers(len(data), size=len(data))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Figure(average, float(low), float(high), len(values))


def summarise(judged: Iterable[Judged]) -> Summary:
    """The figures of `judged`."""
    every = list(judged)
    told = [j for j in every if j.outcome is not Outcome.ERROR]
    outcomes = {o.value: sum(j.outcome is o for j in every) for o in Outcome}
    functional = [j for j in told if j.functional is not None]
    return Summary(
        answers=len(every),
        outcomes=outcomes,
        score=mean([j.score for j in told]),
        syntax=rate(sum(j.syntax_valid for j in told), len(told)),
        synthesis=rate(sum(j.synthesizes is True for j in told), len(told)),
        all_io_used=rate(sum(j.all_io_used is True for j in told), len(told)),
        functional=rate(sum(j.functional is True for j in functional), len(functional)),
        passed=rate(sum(j.outcome is Outcome.PASS for j in told), len(told)),
        pass_at=_pass_at(functional),
        truncated=sum(j.truncated for j in told),
    )


def by_category(judged: Iterable[Judged]) -> dict[str, Summary]:
    """A Summary for each category, by name."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for j in judged:
        groups[j.category or "none"].append(j)
    return {name: summarise(groups[name]) for name in sorted(groups)}


def _pass_at(judged: Iterable[Judged]) -> dict[str, Figure]:
    right: Mapping[str, list[bool]] = defaultdict(list)
    for j in judged:
        right[j.spec_id or ""].append(j.functional is True)
    figures: dict[str, Figure] = {}
    for k in PASS_AT:
        each = [pass_at_k(len(r), sum(r), k) for r in right.values()]
        figures[str(k)] = mean([p for p in each if p is not None])
    return figures
