"""Two runs' answers side by side, task by task. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from rtlbench.gate.runs import Key
from rtlbench.records.verdict import Outcome
from rtlbench.statistics import Judged, pass_at_k

ALL = "all"


def by_group(answers: Mapping[Key, Judged]) -> dict[str, dict[Key, Judged]]:
    """The answers of each category, by name, and last, where there are several, those of all."""
    groups: dict[str, dict[Key, Judged]] = defaultdict(dict)
    for key, judged in answers.items():
        groups[judged.category or "none"][key] = judged
    named = {name: groups[name] for name in sorted(groups)}
    return named if len(named) == 1 else {**named, ALL: dict(answers)}


def task_values(answers: Mapping[Key, Judged], figure: str) -> dict[str, float]:
    """A figure by task, over its samples; tasks where nothing can be said are left out."""
    samples: dict[str, list[float]] = defaultdict(list)
    for (task, _), judged in answers.items():
        value = _value(judged, figure)
        if value is not None:
            samples[task].append(value)
    told = {task: _of_task(values, figure) for task, values in samples.items()}
    return {task: value for task, value in told.items() if value is not None}


def task_differences(
    one: Mapping[Key, Judged], other: Mapping[Key, Judged], figure: str
) -> dict[str, float]:
    """First less second by task, over the samples that both have."""
    both = [
        key
        for key in one.keys() & other.keys()
        if _value(one[key], figure) is not None and _value(other[key], figure) is not None
    ]
    first, second = (task_values({k: run[k] for k in both}, figure) for run in (one, other))
    return {task: value - second[task] for task, value in first.items()}


def _value(judged: Judged, figure: str) -> float | None:
    """One answer's part in a figure, in [0, 1]; None where it has none."""
    if figure == "functional" or figure.startswith("pass@"):
        return None if judged.functional is None else float(judged.functional)
    told = {
        "score": judged.score,
        "syntax": judged.syntax_valid,
        "synthesis": judged.synthesizes is True,
        "all_io_used": judged.all_io_used is True,
        "passed": judged.outcome is Outcome.PASS,
    }
    return float(told[figure])


def _of_task(values: Sequence[float], figure: str) -> float | None:
    """A task's figure; None where it has too few samples."""
    if figure.startswith("pass@"):
        return pass_at_k(len(values), round(sum(values)), int(figure.removeprefix("pass@")))
    return math.fsum(values) / len(values)
