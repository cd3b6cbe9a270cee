"""The time left that is told is true within a factor of two, or none is told."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from rtlbench.io.time_left import TimeLeft

Clock = list[float]


def ends_of(durations: list[float], workers: int, start: float = 0.0) -> list[float]:
    """When each of the pieces is done, taken in turn by workers."""
    free = [start] * workers
    ends = []
    for duration in durations:
        first = min(range(workers), key=free.__getitem__)
        free[first] += duration
        ends.append(free[first])
    return sorted(ends)


def told_of(ends: list[float], each: int = 1) -> list[tuple[float, float]]:
    """Time left as told and as it was, at each end where something was told."""
    now: Clock = [0.0]
    left, told = TimeLeft(lambda: now[0]), []
    for k, end in enumerate(ends, 1):
        now[0] = end
        left.note(k * each)
        found = left.seconds(len(ends) * each)
        if found is not None:
            told.append((found, ends[-1] - end))
    return told


def is_true(told: float, truth: float) -> bool:
    return truth / 2 <= told <= truth * 2 or max(told, truth) < 60


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("each", [1, 5])
def test_of_like_pieces_all_that_is_told_is_true(seed: int, each: int) -> None:
    draws = random.Random(seed)
    count, workers = draws.choice([100, 277, 1000]), draws.choice([1, 2, 8])
    seconds = draws.choice([0.3, 1.0, 4.0]) * workers
    pieces = [draws.lognormvariate(0, 0.3) * seconds for _ in range(count)]
    told = told_of(ends_of(pieces, workers, start=draws.choice([0.0, 60.0, 600.0])), each)
    assert all(is_true(*one) for one in told)
    assert len(told) > count / 4


SHAPES: dict[str, Callable[[random.Random], list[float]]] = {
    "a third was there already": lambda r: [0.001] * 100 + [r.uniform(0.8, 1.2)] * 200,
    "it becomes five times as slow": lambda r: [r.uniform(0.8, 1.2) for _ in range(150)]
    + [r.uniform(4, 6) for _ in range(150)],
    "it becomes five times as fast": lambda r: [r.uniform(4, 6) for _ in range(150)]
    + [r.uniform(0.8, 1.2) for _ in range(150)],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_changed_is_told_anew_or_not_at_all(shape: str) -> None:
    """What nobody can know beforehand aside: from a while after the change on all is true. What
    becomes fast is done before that shows."""
    pieces = SHAPES[shape](random.Random(1))
    ends = ends_of(pieces, 1)
    at = 100 if shape.startswith("a third") else 150
    after = ends[at - 1] + 0.35 * (ends[-1] - ends[at - 1])
    late = [one for one in told_of(ends) if ends[-1] - one[1] > after]
    assert late or shape.endswith("fast")
    assert all(is_true(*one) for one in late)


def test_pieces_of_very_different_size_are_mostly_told_rightly() -> None:
    told = []
    for seed in range(60):
        draws = random.Random(seed)
        pieces = [draws.lognormvariate(0, 1.0) for _ in range(400)]
        told += told_of(ends_of(pieces, 2))
    right = sum(is_true(*one) for one in told)
    assert len(told) > 5000
    assert right / len(told) > 0.97


def test_nothing_is_told_at_first_or_while_nothing_comes() -> None:
    now: Clock = [0.0]
    left = TimeLeft(lambda: now[0])
    assert left.words(100) == ""
    for k in range(9):
        now[0] = float(k)
        left.note(k + 1)
        assert left.words(100) == "", "ten seconds are too few"
    for k in range(9, 60):
        now[0] = float(k)
        left.note(k + 1)
    assert left.words(1000) == ", about 15 min left"
    assert left.words(70) == ", less than a minute left"
    now[0] = 300.0
    assert left.words(1000) == "", "it stands still"
