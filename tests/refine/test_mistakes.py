"""What a refinement refuses, and what it says then."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock

import rtlbench.refine.run
from tests.conftest import Command, SmallSuite
from tests.refine.conftest import Recorded
from tests.refine.looking import report_of


def test_another_configuration_is_refused_with_the_difference(
    command: Command, told_once: list[str]
) -> None:
    assert command(*told_once).returncode == 0
    ran = command(*told_once, "--samples", 2)
    assert ran.returncode == 2
    assert "samples: 1 before, 2 now" in ran.stderr


def test_two_at_once_are_refused(
    command: Command, told_once: list[str], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtlbench.refine.run, "WAIT", 0.1)
    run.mkdir(parents=True)
    with FileLock(run / ".lock"):
        ran = command(*told_once)
    assert ran.returncode == 2
    assert "another process works on this run" in ran.stderr


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--run-id", "../x"], "--run-id"),
        (["--training", 1], "--count"),
        (["--count", 3], "add one"),
        (["--training", 1, "--count", 2, "--fresh", 1], "give one of them"),
        (["--training", 1, "--count", 2, "--category", "poetry"], "no category 'poetry'"),
        (["--category", "poetry"], "no category 'poetry'"),
        (["-k", "no such task"], "no task fits"),
        (["--instructions", "none.jsonl"], "cannot read it"),
        (["--runs", "/proc/nowhere"], "cannot write the run there"),
    ],
)
def test_mistakes_are_one_message(
    command: Command, told_once: list[str], given: list[object], told: str
) -> None:
    model_and_suite = told_once[:3]
    ran = command(*model_and_suite, *given)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_missing_recorded_answer_is_one_message_and_what_was_done_stays(
    command: Command, small_suite: SmallSuite, recorded: Recorded, run: Path
) -> None:
    spec = small_suite.specs[0]
    given = [*recorded((spec.id, 1, "")), small_suite.option, "-k", spec.id, "--run-id", "r"]
    ran = command(*given)
    assert ran.returncode == 2
    assert f"no answer to {spec.id}, sample 0, turn 2" in ran.stderr
    report = report_of(run)
    assert report["status"] == "stopped"
    assert len(report["turns"]) == 1


def test_what_the_harness_cannot_judge_is_no_fault_of_the_model(
    command: Command, told_once: list[str], small_suite: SmallSuite, run: Path
) -> None:
    small_suite.spoil_golden()
    ran = command(*told_once)
    assert ran.returncode == 1
    (turn,) = report_of(run)["turns"]
    assert turn["answers"]["outcomes"]["error"] == 1
    assert turn["solved"]["n"] == 0
