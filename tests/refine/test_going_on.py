"""A model by wire: conversations, budgets, and kills in any turn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from tests.conftest import Command, SmallSuite
from tests.refine.conftest import Endpoint
from tests.refine.looking import assert_whole, report_of


def test_a_chat_is_told_in_a_conversation(
    command: Command, by_wire: list[str], endpoint: Endpoint, small_suite: SmallSuite, run: Path
) -> None:
    ran = command(*by_wire)
    assert ran.returncode == 0, ran.stderr
    assert report_of(run)["turns"][-1]["solved"]["value"] == 1.0
    assert [len(m) for m in endpoint.asked] == [1, 1, 3, 3]
    roles = [m["role"] for m in endpoint.asked[-1]]
    assert roles == ["user", "assistant", "user"]
    task, answer, told = (m["content"] for m in endpoint.asked[2])
    assert task == small_suite.specs[0].prompt
    assert answer.startswith("Sure:")
    assert "simulation.mismatch" in told
    assert "q:expected" in told


def test_without_feedback_the_task_alone_is_asked_again(
    command: Command, by_wire: list[str], endpoint: Endpoint, run: Path
) -> None:
    assert command(*by_wire, "--no-feedback", "--turns", 2).returncode == 0
    assert [len(m) for m in endpoint.asked] == [1, 1, 1, 1]
    assert endpoint.asked[:2] == endpoint.asked[2:]
    assert report_of(run)["turns"][1]["solved"]["value"] == 0.0
    ran = command(*by_wire)
    assert "feedback: False before, True now" in ran.stderr


def test_a_budget_of_tokens_stops_and_a_larger_one_goes_on(
    command: Command, by_wire: list[str], endpoint: Endpoint, run: Path
) -> None:
    ran = command(*by_wire, "--max-tokens-total", 400)
    assert ran.returncode == 0, ran.stderr
    report = report_of(run)
    assert (report["status"], report["stopped_by"]) == ("stopped", "tokens")
    assert len(endpoint.asked) == 3, "two of 150 tokens each, and the one that goes over"
    assert "the budget of tokens is used up" in ran.stdout
    assert command(*by_wire).returncode == 0
    assert (report_of(run)["status"], len(endpoint.asked)) == ("finished", 4)


def test_a_budget_of_no_time_asks_nothing(
    command: Command, by_wire: list[str], endpoint: Endpoint, run: Path
) -> None:
    assert command(*by_wire, "--max-seconds", 0).returncode == 0
    assert report_of(run)["stopped_by"] == "seconds"
    assert endpoint.asked == []


@pytest.mark.slow
@pytest.mark.parametrize("hold_at", [2, 4])
def test_killed_in_any_turn_it_goes_on_to_the_same_end(
    command: Command, by_wire: list[str], endpoint: Endpoint, run: Path, hold_at: int
) -> None:
    endpoint.hold_at = hold_at
    process = started(run.parents[2], by_wire)
    assert endpoint.held.wait(60)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
    endpoint.hold_at = None
    endpoint.released.set()
    assert command(*by_wire).returncode == 0
    assert len(endpoint.asked) == 4 + 1, "only what was under way is asked for again"
    assert_whole(run)


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["turns/1/samples.jsonl", "trace.jsonl", "turns/2/answers.jsonl"])
def test_killed_while_it_judges_it_goes_on_to_the_same_end(
    command: Command, by_wire: list[str], run: Path, sign: str
) -> None:
    process = started(run.parents[2], by_wire)
    deadline = time.monotonic() + 60
    while not (run / sign).exists() and time.monotonic() < deadline:
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
    assert command(*by_wire).returncode == 0
    assert_whole(run)


def started(folder: Path, given: list[str]) -> subprocess.Popen[bytes]:
    script = Path(sysconfig.get_path("scripts")) / "rtlbench"
    argv = [sys.executable, str(script), "refine", "-n", "1", *map(str, given)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(argv, cwd=folder, start_new_session=True, stdout=quiet, stderr=quiet)
