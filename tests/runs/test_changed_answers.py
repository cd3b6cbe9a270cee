"""A results folder whose recorded answers have changed since: never averaged in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def bench(rtlbench: Run, small_suite: Any, tmp_path: Path) -> Run:
    """Judges answers of a file into one folder; what it prints, and run.json's totals."""

    def run(answers: Path, *more: object, code: int = 0) -> tuple[str, dict[str, Any]]:
        folder = tmp_path / "r"
        ran = rtlbench("bench", small_suite.option, "--candidates", answers, "--results", folder,
                       "--partial", *more)  # fmt: skip
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout, json.loads((folder / "run.json").read_text())["total"]

    return run


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_newest_answers_count_alone(  # noqa: PLR0917 - fixtures
    bench: Run, small_suite: Any, write_answers: Any, answer_kinds: Any, rtlbench: Run,
    tmp_path: Path, workers: str,
) -> None:  # fmt: skip
    first, second = small_suite.specs[:2]
    right, wrong = (answer_kinds[kind](first, 0) for kind in ("right", "wrong"))
    other = answer_kinds["right"](second)
    _, total = bench(write_answers(right, other), "-n", workers)
    assert total["outcomes"]["pass"] == 2
    told, total = bench(write_answers(wrong, other), "-n", workers)
    assert (total["answers"], total["outcomes"]["fail"]) == (2, 1)
    assert "1 answer has changed since, or gone" in told
    aside = tmp_path / "r" / "samples.superseded"
    assert [json.loads(x)["outcome"] for x in aside.read_text().splitlines()] == ["pass"]
    told, total = bench(write_answers(right, other), "-n", workers)  # and back again
    assert (total["answers"], total["outcomes"]["pass"]) == (2, 2)
    assert len(aside.read_text().splitlines()) == 2
    assert rtlbench("compare", tmp_path / "r").returncode == 0  # it is whole
    told, total = bench(write_answers(right, other), "-n", workers)
    assert "changed since" not in told


def test_an_answer_that_is_gone_counts_no_more(
    bench: Run, small_suite: Any, write_answers: Any, answer_kinds: Any
) -> None:
    first, second = small_suite.specs[:2]
    right, wrong = answer_kinds["right"](first), answer_kinds["wrong"](second, 0)
    assert bench(write_answers(right, wrong))[1]["answers"] == 2
    told, total = bench(write_answers(right))
    assert (total["answers"], total["outcomes"]["fail"]) == (1, 0)
    assert "answered 1 of 5 tasks" in told


def test_what_was_not_chosen_this_time_stays(
    bench: Run, small_suite: Any, write_answers: Any, answer_kinds: Any
) -> None:
    every = [answer_kinds["right"](spec) for spec in small_suite.specs[:2]]
    bench(write_answers(*every))
    told, total = bench(write_answers(*every), "-k", small_suite.specs[0].id)
    assert total["answers"] == 2
    assert "changed since" not in told
