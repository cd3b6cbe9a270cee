"""A root with the runs of a day: what is right, wrong, mended and foreign."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nightly.made import ENABLED, SHIFT, UPDOWN, Runs, Task


@pytest.fixture(scope="session")
def updown() -> Task:
    """A counter of 5 bits."""
    return Task(UPDOWN)


@pytest.fixture(scope="session")
def enabled() -> Task:
    """A counter of 6 bits with an enable."""
    return Task(ENABLED)


@pytest.fixture(scope="session")
def shift() -> Task:
    """A shift register of 7 bits."""
    return Task(SHIFT)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty root."""
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def runs(root: Path) -> Runs:
    """Its runs."""
    return Runs(root)
