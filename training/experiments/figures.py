"""Figures over several seeds. Pure; numpy only.

Each seed is a fine-tuning and a benchmark of its own over the same tasks. An interval says how
far the mean would move with other seeds and other tasks of the kind: both are drawn anew, with
replacement (a two-way bootstrap). With few seeds it is rough, so each seed's own figure is given
beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import structs

from rtlbench.gate.runs import ALL, by_group, task_values
from rtlbench.runs.finished import JudgedRun
from rtlbench.statistics import CONFIDENCE, rate

RESAMPLES = 2000


class Mean(msgspec.Struct, frozen=True, kw_only=True):
    """A figure's mean over seeds."""

    value: float | None
    low: float | None = None
    high: float | None = None
    """The 95% interval."""
    seeds: tuple[float, ...] = ()
    """Each seed's own."""


def mean_of(runs: Sequence[JudgedRun], figure: str, of: str = ALL) -> Mean:
    """A figure of the same arm's runs, one a seed; of one category, or of all."""
    return mean([_values(run, figure, of) for run in runs])


def sure_mean_of(runs: Sequence[JudgedRun], figure: str, of: str = ALL) -> Mean:
    """A figure with its interval; where all tasks agree, drawing them anew says nothing, and the
    interval is that of a rate of so many tasks."""
    found = mean_of(runs, figure, of)
    if found.value not in (0.0, 1.0) or found.low != found.high:
        return found
    tasks = {t for run in runs for (t, _), j in run.answers.items() if of in (ALL, j.category)}
    sure = rate(round(found.value * len(tasks)), len(tasks))
    return structs.replace(found, low=sure.low, high=sure.high)


def change_of(
    ones: Sequence[JudgedRun], others: Sequence[JudgedRun], figure: str, of: str = ALL
) -> Mean:
    """How much more of a figure one arm has than another, seed by seed."""
    pairs = zip(ones, others, strict=True)
    return mean([_less(_values(a, figure, of), _values(b, figure, of)) for a, b in pairs])


def mean(by_seed: Sequence[Mapping[str, float]]) -> Mean:
    """The mean of what each seed says of each task; tasks that one says nothing of are left out."""
    import numpy as np

    tasks = sorted(set.intersection(*(set(values) for values in by_seed))) if by_seed else []
    if not tasks:
        return Mean(value=None)
    data = np.array([[values[task] for task in tasks] for values in by_seed])
    rng = np.random.default_rng(0)
    seeds = rng.integers(len(data), size=(RESAMPLES, len(data)))
    drawn = rng.integers(len(tasks), size=(RESAMPLES, len(tasks)))
    means = [data[np.ix_(s, t)].mean() for s, t in zip(seeds, drawn, strict=True)]
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    own = tuple(math.fsum(row) / len(tasks) for row in data.tolist())
    return Mean(value=math.fsum(own) / len(own), low=float(low), high=float(high), seeds=own)


def _values(run: JudgedRun, figure: str, of: str) -> dict[str, float]:
    answers = run.answers if of == ALL else by_group(run.answers).get(of, {})
    return task_values(answers, figure)


def _less(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {task: value - other[task] for task, value in one.items() if task in other}
