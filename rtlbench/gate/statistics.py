"""Whether two runs over the same tasks differ beyond chance. Pure; numpy only.

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
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from rtlbench.statistics import CONFIDENCE

EXACT = 14
"""Up to so many tasks all signs are gone through; beyond, `DRAWS` of them are drawn."""
DRAWS = 20_000
RESAMPLES = 2_000
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
    low, high = _interval(values)
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


def _interval(values: Sequence[float]) -> tuple[float, float]:
    import numpy as np

    if min(values) == max(values):
        return values[0], values[0]
    data = np.asarray(values)
    chosen = np.random.default_rng(0).integers(len(data), size=(RESAMPLES, len(data)))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(data[chosen].mean(axis=1), [tail, 1 - tail])
    return float(low), float(high)
