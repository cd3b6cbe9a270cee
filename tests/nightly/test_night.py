"""Whole nights with a toy model: published, nothing new, poisoned; killed in each heavy stage."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from rtlbench.nightly.publish import published
from tests.nightly.killing import left
from tests.nightly.made import Runs, Task, argv, lines, night_of, nightly, surroundings
from tests.training.toy import RECIPE, make_toy

DATE = "2026-03-02"
POLICY = '[baseline]\nfigures = ["functional"]\nnot_below = ["functional"]\n'
KILLED_AT = (
    "curate/verified.part/log.txt",
    "train/tuned.part/run_nightly.part/checkpoints/checkpoint-3/whole.json",
    "benchmark/candidate.part/results/answers.jsonl",
)
"""What is there once a command is at work."""


@pytest.fixture
def options(root: Path) -> list[str]:
    """A night of a toy model: six steps, two tasks, answers of sixteen tokens."""
    base = make_toy(root / "models" / "toy")
    (root / "toy.toml").write_text(RECIPE.format(base=base.relative_to(root)))
    (root / "gate.toml").write_text(POLICY)
    return [
        "--min-delta", "1", "--workers", "1", "--recipe", "toy.toml", "--set", "train.max_steps=6",
        "--set", "data.max_length=4096", "--policy", "gate.toml", "--samples", "1",
        "--bench-option=--max-tokens=16", "--bench-option=-k",
        "--bench-option=updown_w4_sync or updown_w5",
    ]  # fmt: skip


@pytest.mark.slow
def test_nights_that_are_killed_end_as_undisturbed_ones_and_poison_is_left_out(
    root: Path, runs: Runs, updown: Task, shift: Task, options: list[str]
) -> None:
    runs.answer("a", updown, updown.wrong, status="fail")
    runs.answer("a", updown)
    runs.answer("b", shift)
    torn = Path(shutil.copytree(root, root.parent / "torn"))

    calm = nightly(root, "--date", DATE, *options)
    assert calm.returncode == 0, calm.stdout + calm.stderr
    assert f"latest_nightly leads to nightly_{DATE}" in calm.stdout

    for pattern in KILLED_AT:
        kill_at(torn, pattern, options)
    done = nightly(torn, "--date", DATE, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert left(torn) == left(root)

    nothing_new(root, options)
    poisoned(root, runs, shift, options)


def kill_at(root: Path, pattern: str, options: list[str]) -> None:
    """Begin the night, and end it by SIGKILL once the path is there."""
    job = subprocess.Popen(
        argv(root, "--date", DATE, *options), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, cwd=root, env=surroundings(),
    )  # fmt: skip
    path = root / "work" / "continuous_retrain" / DATE / pattern
    while job.poll() is None and not path.is_file():
        time.sleep(0.01)
    assert job.poll() is None, f"ended before {pattern}: {job.communicate()[0]}"
    os.kill(job.pid, signal.SIGKILL)
    job.communicate(timeout=60)


SUCCESS = "work/continuous_retrain/last_success.json"


def nothing_new(root: Path, options: list[str]) -> None:
    """It leaves all as it was but the row of its history and the mark that the job is alive."""
    before = {k: v for k, v in left(root).items() if not k.startswith("data/run_db/")}
    done = nightly(root, "--date", "2026-03-03", *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2026-03-03: nothing new in the runs: nothing to do\n"
    alive = {"nights": {"2026-03-03": "nothing new"}, "exit_code": 0, "schema_version": 1}
    after = {k: v for k, v in left(root).items() if not k.startswith("data/run_db/")}
    assert before.keys() == after.keys()
    assert after == {**before, SUCCESS: alive}


def poisoned(root: Path, runs: Runs, task: Task, options: list[str]) -> None:
    runs.answer("poisoned", task, task.wrong, at="2026-03-03T12:00:00Z")
    done = nightly(root, "--date", "2026-03-04", *options)
    assert done.returncode == 0, done.stderr
    night = night_of(root, "2026-03-04")
    (refused,) = lines(night.paths.refused)
    assert refused["reason"].startswith("simulation.")
    assert "2026-03-04: skipped" in done.stdout
    latest = published(night.paths.latest)
    assert latest is not None
    assert latest.name == f"nightly_{DATE}"


@pytest.mark.slow
def test_a_published_night_that_is_trained_anew_has_two_models_and_its_records_once(
    root: Path, runs: Runs, updown: Task, options: list[str]
) -> None:
    """With its raw copies purged and its traces gone: they are read back from the snapshot."""
    runs.answer("a", updown)
    copies = ["--snapshot", "offsite"]
    first = nightly(root, "--date", DATE, *options, *copies)
    assert first.returncode == 0, first.stdout + first.stderr
    night = night_of(root, DATE)
    before = {p: p.read_bytes() for p in night.paths.model.rglob("*") if p.is_file()}
    records = lines(night.paths.delta)
    shutil.rmtree(night.paths.raw)
    shutil.rmtree(root / "data" / "runs")

    again = nightly(root, "--date", DATE, "--from", "curate", *options, *copies)
    assert again.returncode == 0, again.stdout + again.stderr
    latest = published(night.paths.latest)
    assert latest is not None
    assert latest.name == f"nightly_{DATE}.2"
    assert {p: p.read_bytes() for p in before} == before
    assert [r["output"] for r in lines(night.paths.delta)] == [r["output"] for r in records]
    assert list(night.paths.raw.glob("*/*/rtl.sv"))
    assert (root / "offsite" / latest.name / "manifest.json").is_file()
    aside = night.paths.work / "set_aside" / DATE
    assert lines(aside / "delta.jsonl") == records
