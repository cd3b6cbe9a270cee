"""The job through the front door, as far as it goes without a model."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from rtlbench.nightly.collect import collect
from rtlbench.nightly.night import State, read_state, write_state
from rtlbench.pipeline.state import StageRecord
from tests.nightly.made import Runs, Task, argv, lines, night_of, nightly, surroundings, tree

TOO_MANY = 10_000
"""A --min-delta that no night of a test reaches."""


def begun(root: Path, date: str, *stages: str, outcome: str | None = None) -> State:
    """A night in which some stages are done, without any work."""
    night = night_of(root, date)
    collect(night)
    record = StageRecord(started="t", finished="t", message="done", result={"records": 0})
    skipped = msgspec.structs.replace(record, result={"outcome": "skipped"})
    state = msgspec.structs.replace(
        night.state, outcome=outcome,
        stages={s: skipped if s == "publish" else record for s in stages},
        settings=night.settings.of_stages(stages),
    )  # fmt: skip
    write_state(night.paths, state)
    return state


def test_with_nothing_new_nothing_is_done_and_that_is_said(root: Path) -> None:
    (root / "data" / "runs" / "empty").mkdir(parents=True)
    done = nightly(root, "--date", "2026-03-02")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2026-03-02: nothing new in the runs: nothing to do\n"
    left = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}
    assert left == {
        "data/run_db/nightly/2026-03-02.json", "data/run_db/nightly/2026-03-02.log",
        "work/continuous_retrain/lock", "work/continuous_retrain/last_success.json",
    }  # fmt: skip
    assert "nothing new" in nightly(root, "history").stdout


@pytest.mark.slow
def test_a_second_job_leaves_with_one_message(root: Path, runs: Runs, updown: Task) -> None:
    runs.answer("a", updown)
    first = subprocess.Popen(
        argv(root, "--workers", 1), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=surroundings(), cwd=root,
    )  # fmt: skip
    try:
        log = next_path(root, "*/curate/verified.part/log.txt", first)
        second = nightly(root)
        assert first.poll() is None, "the first was still at work"
    finally:
        first.send_signal(signal.SIGTERM)
        first.wait(60)
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert "another `rtlbench nightly` is at work there; let it finish" in second.stderr
    assert log.parent.is_dir()


def next_path(root: Path, pattern: str, job: subprocess.Popen[bytes]) -> Path:
    """The first path of a night that fits, waited for as long as the job is at work."""
    while job.poll() is None:
        found = list((root / "work" / "continuous_retrain").glob(pattern))
        if found:
            return found[0]
        time.sleep(0.02)
    raise AssertionError(f"the job ended before {pattern} was there")


def test_a_night_that_is_finished_is_not_begun_again(
    root: Path, runs: Runs, updown: Task
) -> None:
    runs.answer("a", updown)
    begun(root, "2026-03-02", outcome="published")
    before = tree(root)
    done = nightly(root, "--date", "2026-03-02")
    assert done.returncode == 0, done.stderr
    assert "this night is finished (published)" in done.stdout
    for folder in ("data", "work/continuous_retrain"):  # a log, and the mark of the run's end
        del before[folder]
    assert before.items() <= tree(root).items()


def test_other_options_than_the_night_was_begun_with_are_named(
    root: Path, runs: Runs, updown: Task
) -> None:
    runs.answer("a", updown)
    begun(root, "2026-03-02", "collect", "curate")
    done = nightly(root, "--date", "2026-03-02", "--max-records", 7, "--min-delta", 3)
    assert done.returncode == 2
    assert "--max-records: 1000 then, 7 now" in done.stderr
    assert "--min-delta" not in done.stderr, "training is not done: it may have other options"


def test_an_unfinished_night_is_finished_first_under_its_own_date(
    root: Path, runs: Runs, updown: Task
) -> None:
    """As where a night was killed and the next command comes after midnight."""
    runs.answer("a", updown)
    begun(root, "2026-03-01", "collect", "curate", "train", "benchmark", "gate", "publish")
    done = nightly(root)
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert told[0] == "2026-03-01: this night was not finished; that is done first"
    assert "2026-03-01: skipped" in told
    assert told[-1].endswith("nothing new in the runs: nothing to do")
    state = read_state(night_of(root, "2026-03-01").paths)
    assert state is not None
    assert state.outcome == "skipped"


@pytest.mark.slow
def test_what_was_taken_before_midnight_belongs_to_the_night_that_took_it(
    root: Path, runs: Runs, updown: Task
) -> None:
    runs.answer("a", updown)
    collect(night_of(root, "2026-03-01"))
    done = nightly(root, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "2026-03-01: this is what would be done" in done.stdout
    assert "take a/" in done.stdout


def test_a_state_that_cannot_be_read_is_one_message(root: Path) -> None:
    night = night_of(root)
    night.paths.night.mkdir(parents=True)
    night.paths.state.write_text("{")
    done = nightly(root, "--date", "2026-03-02")
    assert done.returncode == 2
    assert "state.json: cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--date", "../x"), "--date ../x: give YYYY-MM-DD"),
        (("--date", "2026-03-02", "--from", "gate"), "is no further than collect"),
        (("--root", "/nowhere"), "--root /nowhere: No such file"),
    ],
)
def test_a_call_that_makes_no_sense_is_one_message(
    root: Path, args: tuple[str, ...], told: str
) -> None:
    (root / "data" / "runs").mkdir(parents=True)
    done = nightly(root, *args)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_look_ahead_tells_what_is_done_then_and_leaves_the_tree_as_it_was(
    root: Path, runs: Runs, updown: Task, shift: Task
) -> None:
    runs.answer("a", updown, updown.wrong, status="fail")
    runs.answer("a", updown)
    runs.answer("poisoned", shift, shift.wrong)
    runs.event("foreign", {"status": "pass", "rtl_file": "../../x", "spec_path": "y"})
    before = tree(root)
    ahead = nightly(root, "--dry-run", "--date", "2026-03-02", "--min-delta", 1, "--workers", 1)
    assert ahead.returncode == 0, ahead.stderr
    assert tree(root) == before
    assert "collect: 2 new passing answers of 2 runs, 1 refused" in ahead.stdout
    assert "curate: 1 records, 1 pairs; 2 refused" in ahead.stdout
    assert f"into {root}/models/qwen_coder_rtl/nightly_2026-03-02" in ahead.stdout
    assert f"--adapter {root}/models/qwen_coder_rtl/nightly_2026-03-02" in ahead.stdout
    done = nightly(
        root, "--date", "2026-03-02", "--min-delta", TOO_MANY, "--workers", 1
    )
    assert done.returncode == 0, done.stderr
    for stage in ("collect", "curate"):
        (told,) = [line for line in ahead.stdout.splitlines() if line.startswith(f"{stage}: ")]
        assert f"2026-03-02: {told}\n" in done.stdout
    assert len(lines(night_of(root).paths.delta)) == 1
    again = tree(root)
    ahead = nightly(root, "--dry-run", "--date", "2026-03-02", "--min-delta", TOO_MANY)
    assert "this night is finished (skipped)" in ahead.stdout
    assert tree(root) == again


def small_disk(root: Path, size: str, *args: object) -> subprocess.CompletedProcess[str]:
    """The job with its work folder on a file system of that size."""
    work = root / "work"
    work.mkdir()
    script = f"mount -t tmpfs -o size={size} none {work} && exec \"$@\""
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", *argv(root, *args)], capture_output=True,
        text=True, timeout=600, check=False, env=surroundings(), cwd=root,
    )  # fmt: skip


def may_mount() -> bool:
    command = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_mount(), reason="mounting in a user namespace is not permitted here")
@pytest.mark.parametrize("size", ["4k", "32k"])
def test_a_full_disk_is_one_message_that_says_where(
    root: Path, runs: Runs, updown: Task, size: str
) -> None:
    for sample in range(20):
        runs.answer("a", updown, sample=sample)
    done = small_disk(root, size, "--date", "2026-03-02")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (root / "models").exists()
    assert not list((root / "work").iterdir())
