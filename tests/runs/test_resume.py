"""A run that is killed goes on: every verdict once, none lost, only the missing ones made again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PER_SPEC = 130
"""More than two batches: verdicts are recorded a batch at a time."""


class Killable:
    """A command that fills a results folder."""

    def __init__(self, argv: list[str], results: Path) -> None:
        self.argv = argv
        self.samples = results / "samples.jsonl"
        self.run_json = results / "run.json"

    def run_and_kill(self) -> bytes:
        """Kill the whole process group by SIGKILL when something is recorded; what then is."""
        with subprocess.Popen(
            self.argv, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as child:
            deadline = time.monotonic() + 120
            while not (self.samples.is_file() and self.samples.stat().st_size):
                assert time.monotonic() < deadline, "nothing was recorded"
                assert child.poll() is None, "it ended before it could be killed"
                time.sleep(0.01)
            os.killpg(child.pid, signal.SIGKILL)
        return self.samples.read_bytes()

    def run_to_the_end(self) -> None:
        """Run it with no one in the way."""
        ran = subprocess.run(self.argv, capture_output=True, text=True, timeout=300, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    @property
    def recorded(self) -> list[dict[str, Any]]:
        """What is in samples.jsonl."""
        return [json.loads(line) for line in self.samples.read_text().splitlines()]


@pytest.fixture
def killable(
    tmp_path: Path,
    small_suite: Any,
    write_answers: Callable[..., Path],
    answer_kinds: dict[str, Callable[..., dict[str, Any]]],
    benchmark_file: Path,
) -> Callable[..., Killable]:
    """Makes a command that judges PER_SPEC answers to each of three specs."""
    specs = small_suite.specs[:3]
    answers = write_answers(*(answer_kinds["right"](s, k) for s in specs for k in range(PER_SPEC)))

    def make(*how: str) -> Killable:
        results = tmp_path / "results"
        command = [sys.executable, "-m", "pytest", str(benchmark_file), small_suite.option]
        command += [f"--candidates={answers}", f"--results={results}", f"--rootdir={tmp_path}"]
        return Killable([*command, "--partial", "-q", "-p", "no:cacheprovider", *how], results)

    return make


@pytest.mark.slow
@pytest.mark.parametrize("how", [(), ("-n", "2")])
def test_after_kill_9_the_same_command_makes_only_what_is_missing(
    killable: Callable[..., Killable], how: tuple[str, ...]
) -> None:
    command = killable(*how)
    before = command.run_and_kill()
    whole = before[: before.rfind(b"\n") + 1]
    assert 0 < whole.count(b"\n") < 3 * PER_SPEC, "it was not killed in mid-run"
    assert json.loads(command.run_json.read_text())["status"] == "running"

    command.run_to_the_end()

    assert command.samples.read_bytes().startswith(whole)
    keys = Counter(v["key"] for v in command.recorded)
    assert set(keys.values()) == {1}
    answers = Counter((v["spec_id"], v["sample"]) for v in command.recorded)
    assert len(answers) == 3 * PER_SPEC == sum(answers.values())
    run = json.loads(command.run_json.read_text())
    assert run["status"] == "finished"
    assert run["total"]["answers"] == 3 * PER_SPEC


@pytest.mark.slow
def test_the_answer_of_a_torn_line_is_judged_again(killable: Callable[..., Killable]) -> None:
    command = killable("-k", "w4_sync")
    command.run_to_the_end()
    complete = command.recorded
    data = command.samples.read_bytes()
    command.samples.write_bytes(data[:-50])

    command.run_to_the_end()

    assert command.samples.read_bytes() == data
    assert command.recorded == complete
    assert command.samples.with_name("samples.torn").stat().st_size > 0
