"""`kill -9` at each step, then the same command: the end is that of an undisturbed run."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.nightly.judged import judged_night
from tests.nightly.killing import killed_at, left
from tests.nightly.made import ROOT, Runs, Task, argv
from tests.nightly.test_outcome import last_model

DATE = "2026-03-02"
EVERY = 2
"""Of the steps one in so many is tried."""


@pytest.mark.slow
def test_collecting_that_is_killed_takes_all_and_nothing_twice(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    for run_id, task in (("a", updown), ("b", shift)):
        runs.answer(run_id, task, task.wrong, status="fail")
        runs.answer(run_id, task)
    runs.event("c", {"status": "pass"})
    script = str(ROOT / "training" / "nightly" / "collect.py")
    command = [sys.executable, script, "--date", DATE, "--root"]
    killed = kills(root, command, [])
    assert killed >= 5


@pytest.mark.slow
@pytest.mark.parametrize("right", [11, 3], ids=["published", "refused"])
def test_from_the_gate_on_a_kill_changes_nothing_of_the_end(
    root: Path, updown: Task, right: int
) -> None:
    last_model(root)
    judged_night(root, updown, DATE, right=right, last=10)
    before = left(root)["models/qwen_coder_rtl/latest_nightly"]
    command = argv(root)[:-2]
    options = ["--date", DATE, "--policy", "gate.toml", "--workers", "1",
               "--snapshot", "offsite"]  # fmt: skip
    killed = kills(root, [*command, "--root"], options)
    assert killed >= 5
    after = left(root.parent / "undisturbed")["models/qwen_coder_rtl/latest_nightly"]
    assert after == (before if right == 3 else f"-> nightly_{DATE}")


def kills(root: Path, command: list[str], options: list[str]) -> int:
    """Kill the command at one step in EVERY, then run it to its end; how often it was killed."""
    calm = copied(root, root.parent / "undisturbed")
    assert not killed_at(1_000_000, [*command, str(calm), *options], root.parent)
    wanted = left(calm)
    step = killed = 0
    while True:
        step += EVERY
        torn = copied(root, root.parent / "torn")
        if not killed_at(step, [*command, str(torn), *options], root.parent):
            return killed
        killed += 1
        assert not killed_at(1_000_000, [*command, str(torn), *options], root.parent)
        assert left(torn) == wanted, f"killed at step {step}"


def copied(root: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    return Path(shutil.copytree(root, to, symlinks=True))
