"""Processes that work together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rtlbench.isolation.level import choose, wish
from rtlbench.suites.crew import Crew


@pytest.fixture(autouse=True)
def _no_wish() -> Iterator[None]:
    before = wish()
    yield
    choose(before)


def told(_number: int) -> str:
    """The wish of the process that runs it."""
    return wish()


def test_a_crew_shuts_its_tools_away_as_its_leader_does() -> None:
    choose("none")
    with Crew(2, 2) as crew:
        assert list(crew.map(told, [1, 2])) == ["none", "none"]
