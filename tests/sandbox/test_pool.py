"""Processes that work together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rtlbench.sandbox.level import choose, wish
from rtlbench.sandbox.pool import WorkerPool


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
