"""The fuzzer notices what it is there to notice, and keeps the case."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from fuzz.report import summary
from fuzz.supervisor import Plan, Turn, fuzz
from tests.fuzz.planted import Number

pytest.importorskip("atheris", reason="the coverage-guided fuzzer has wheels for Linux only")


def turn_of(name: str, folder: Path, seconds: int = 2) -> tuple[Plan, Turn]:
    plan = Plan(seed=1, seconds=seconds, folder=folder, module="tests.fuzz.planted")
    return plan, fuzz(plan, name, seconds)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "how"),
    [("raises", "a hundred is too much"), ("killed", "status -9"), ("hangs", "timeout after")],
)
def test_a_broken_promise_is_found_and_its_case_kept(tmp_path: Path, name: str, how: str) -> None:
    plan, turn = turn_of(name, tmp_path)
    assert turn.finds
    assert all(how in f.how for f in turn.finds), turn.finds
    for find in turn.finds:
        assert msgspec.json.decode(find.case.read_bytes(), type=Number).value >= 100
    assert f"| {len(turn.finds)} |" in summary(plan, [turn])


@pytest.mark.slow
def test_a_promise_that_holds_gives_counts_and_no_find(tmp_path: Path) -> None:
    plan, turn = turn_of("holds", tmp_path)
    assert not turn.finds
    assert 0 < turn.counts.reached < turn.counts.executions
    told = summary(plan, [turn])
    assert f"| holds | {turn.seconds:.0f} | {turn.counts.executions:,} |" in told
    assert told.count(f"| {turn.counts.executions:,} |") == 2  # its own row and the sum
