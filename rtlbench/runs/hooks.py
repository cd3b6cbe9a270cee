"""What rtlbench's pytest plugins share with each other and with programs that call pytest."""

from __future__ import annotations

import pytest

JUDGED = pytest.StashKey[int]()
"""How many answers or records a case judged, for its report."""


def pytest_rtlbench_started(folder: str, answers: int, problems: int) -> None:
    """The benchmark's results folder is open and `answers` answers are to be judged.

    `problems` counts the lines of input that could not be used. Called once, on the controller.
    """


def pytest_rtlbench_selected(answers: int) -> None:
    """The cases are known, after -k and -m: `answers` answers are theirs.

    Called once, on the controller, after `pytest_rtlbench_started`.
    """
