"""What rtlbench's pytest plugins share with each other, with conftests, and with programs that
call pytest: hooks, and the note of how much a case judged.
"""

from __future__ import annotations

import pytest

JUDGED = pytest.StashKey[int]()
"""How many answers or records a case judged, for its report."""
PASSED = pytest.StashKey[int]()
"""How many of these passed."""


@pytest.hookspec(firstresult=True)
def pytest_rtlbench_is_asked(config: pytest.Config) -> bool | None:
    """Whether this session judges answers; None leaves it to others to say.

    Called once, on the controller, before anything is collected: a mistake in the options is one
    message then, and workers of xdist's find the results folder open. Where nobody says yes, the
    folder is opened when the first test asks for `rtl_spec`, which needs a session without -n.
    """


def pytest_rtlbench_started(folder: str, answers: int, problems: int) -> None:
    """The benchmark's results folder is open and `answers` answers are to be judged.

    `problems` counts the lines of input that could not be used. Called once, on the controller.
    """


def pytest_rtlbench_selected(answers: int, written_to: str) -> None:
    """The cases are known, after -k and -m: `answers` answers are theirs.

    `written_to` is the file that a model's answers go to, a line each, where one is asked
    meanwhile; else empty. Called once, on the controller, after `pytest_rtlbench_started`.
    """
