"""Processes that work together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rtlbench.sandbox.level import choose, wish
from rtlbench.sandbox.pool import Progress, WorkerPool


@pytest.fixture(autouse=True)
def _no_wish() -> Iterator[None]:
    before = wish()
    yield
    choose(before)


def told(_number: int) -> str:
    """The wish of the process that runs it."""
    return wish()


def test_a_worker_pool_shuts_its_tools_away_as_its_leader_does() -> None:
    choose("none")
    with WorkerPool(2, 2) as pool:
        assert list(pool.map(told, [1, 2])) == ["none", "none"]


def test_the_last_line_says_what_ran_dry(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("members", 3) as progress:
        progress.add(1, 0)
        progress.empty.append("updown (1)")
        progress.add(2, 4)
    first, last = capsys.readouterr().err.splitlines()
    assert first == "members: 0 of 3, 0 draws dropped"
    assert last == "members: 3 of 3, 4 draws dropped; no more of updown (1)"
