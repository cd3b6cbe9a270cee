"""Hooks that rtlbench's pytest plugin calls."""

from __future__ import annotations


def pytest_rtlbench_started(folder: str, answers: int, problems: int) -> None:
    """The benchmark's results folder is open and `answers` answers are to be judged.

    `problems` counts the lines of input that could not be used. Called once, on the controller.
    """
