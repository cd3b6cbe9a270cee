"""Results folders full, read-only, shared, torn; clocks that jump; runs that are killed."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.conftest import FaultyRun

Make = Callable[[int], FaultyRun]


def may_mount() -> bool:
    """Whether this user may mount in a namespace of its own."""
    script = "mount -t tmpfs none /mnt"
    command = ["unshare", "-rm", "sh", "-c", script]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


needs_mounts = pytest.mark.skipif(
    not may_mount(), reason="mounting in a user namespace is not permitted here"
)


def within(run: FaultyRun, before: str, *args: str) -> subprocess.CompletedProcess[str]:
    """The run in a mount namespace of its own, after some lines of shell."""
    keep = run.folder / "kept"
    keep.mkdir(exist_ok=True)
    script = f"""set -e
mkdir -p {run.results}
{before}
set +e
{shlex.join([*run.argv, "-n", "1", *args])}
status=$?
cp -a {run.results}/. {keep}
exit $status
"""
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, timeout=300,
        check=False, env=run.environment(), cwd=run.folder,
    )  # fmt: skip


@pytest.mark.slow
@needs_mounts
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_disk_that_is_full_from_the_second_spec_on(faulty: Make, workers: str) -> None:
    run = faulty(3)
    small = f"mount -t tmpfs -o size=16k none {run.results}"
    ran = within(run, small, "-n", workers)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 1, said
    assert said.count("cannot write results there (No space left on device)") == 1, said
    assert "Traceback" not in said
    kept = run.folder / "kept"
    run.results.rmdir()
    kept.rename(run.results)
    assert len(run.lines) < 6
    run.check_nobody_is_blamed()
    assert not list(run.results.glob("*.part"))
    run.check_complete(6)


@needs_mounts
@pytest.mark.parametrize(
    ("mount", "told"),
    [
        ("mount -t tmpfs -o ro none {}", "Read-only file system"),
        ("mount -t tmpfs -o size=4k none {0}; head -c 4096 /dev/zero > {0}/all", "No space left"),
    ],
    ids=["read-only", "full"],
)
def test_a_folder_that_cannot_be_written_is_one_message_before_anything_is_judged(
    faulty: Make, mount: str, told: str
) -> None:
    run = faulty(1)
    ran = within(run, mount.format(run.results))
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert told in ran.stderr
    assert "--results" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert ran.stdout == ""


@pytest.mark.slow
def test_two_runs_in_one_folder_at_once_record_every_answer_once(faulty: Make) -> None:
    run = faulty(3)
    both = [start(run, "-n", "1") for _ in range(2)]
    for child in both:
        said = child.communicate(timeout=300)[0]
        assert child.returncode == 0, said
    assert len(run.lines) == 6
    run.check_complete(6)


@pytest.mark.slow
def test_of_two_runs_of_different_configurations_at_once_one_is_refused(faulty: Make) -> None:
    run = faulty(2)
    both = [start(run, "-n", "1", "--seed", seed) for seed in ("0", "5")]
    said = [child.communicate(timeout=300)[0] for child in both]
    assert sorted(child.returncode for child in both) == [0, 2], said
    (refused,) = [text for child, text in zip(both, said, strict=True) if child.returncode]
    assert "holds results of another configuration (seed: " in refused
    assert len(run.lines) == 4
    run.check_nobody_is_blamed()


def start(run: FaultyRun, *args: str) -> subprocess.Popen[str]:
    """The run, begun."""
    return subprocess.Popen(
        [*run.argv, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=run.environment(), cwd=run.folder, start_new_session=True,
    )  # fmt: skip


@pytest.mark.slow
def test_a_torn_folder_is_set_right_said_and_completed(faulty: Make) -> None:
    run = faulty(2)
    run.check_complete(4)
    samples, run_json = run.results / "samples.jsonl", run.results / "run.json"
    lines = samples.read_bytes().splitlines(keepends=True)
    samples.write_bytes(lines[0] + bytes(200) + b"\n" + lines[2] + bytes(100))
    run_json.write_bytes(run_json.read_bytes()[:100])

    ran = run.run()

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("2 torn lines kept in samples.torn") == 1
    assert ran.stdout.count("run.json was torn and is kept as run.torn") == 1
    assert samples.read_bytes().startswith(lines[0])
    assert bytes(100) in (run.results / "samples.torn").read_bytes()
    assert run.summary["total"]["outcomes"]["pass"] == 2
    assert run.summary["total"]["outcomes"]["fail"] == 2


CLOCK = """
import datetime, itertools, random, time
hour = itertools.count()
real = time.time
time.time = lambda: real() + random.choice((-1, 1)) * 3600 * next(hour)
class Jumping(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)
datetime.datetime = Jumping
"""


@pytest.mark.slow
def test_a_clock_that_jumps_changes_nothing_that_is_recorded(faulty: Make) -> None:
    run = faulty(1)
    (run.folder / "sitecustomize.py").write_text(CLOCK)
    ran = run.run()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    jumped, summary = run.lines, run.summary
    assert summary["started"] <= summary["finished"]
    (run.folder / "sitecustomize.py").unlink()
    run.results = run.folder / "steady"
    assert run.run("--results", run.results).returncode == 0
    assert run.lines == jumped
    of_the_clock = dict.fromkeys(("started", "finished", "seal"), 0)
    assert {**run.summary, **of_the_clock} == {**summary, **of_the_clock}


HELD = "tail -f /dev/null"
"""What a tool does that waits for ever."""


def descendants(pid: int) -> set[int]:
    """All processes below `pid`."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # the task has ended since
            for child in map(int, task.read_text().split()):
                found |= {child} | descendants(child)
    return found


def command_of(pid: int) -> str:
    """Its arguments; nothing where it is gone or only waits to be reaped."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def until(reached: Callable[[], object]) -> None:
    """Wait for something that comes, if it does, within two minutes."""
    deadline = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def held(run: FaultyRun) -> subprocess.Popen[str]:
    """The run on two workers, begun, one of them held in its second simulation."""
    run.spoil("vvp", HELD, first=2, last=2)
    child = start(run, "-n", "2")
    until(lambda: child.poll() is not None or holders(child.pid))
    assert child.poll() is None
    return child


def holders(pid: int) -> set[int]:
    """The processes below `pid` that a held tool is a descendant of."""
    below = descendants(pid)
    return {p for p in below if any(HELD in command_of(q) for q in descendants(p))}


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_nothing_running_and_goes_on(faulty: Make) -> None:
    run = faulty(3)
    child = held(run)
    family = descendants(child.pid)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate(timeout=60)
    until(lambda: not any(command_of(p) for p in family))
    run.check_nobody_is_blamed()
    run.mend()
    run.check_complete(6)


@pytest.mark.slow
def test_a_worker_that_is_killed_is_told_and_its_answers_made_later(faulty: Make) -> None:
    run = faulty(3)
    child = held(run)
    (worker,) = holders(child.pid) & {p for p in descendants(child.pid) if is_worker(p, child.pid)}
    os.kill(worker, signal.SIGKILL)
    said = child.communicate(timeout=300)[0]
    assert child.returncode == 1, said
    assert said.count("a worker died over updown_counter/") == 1
    run.check_nobody_is_blamed()
    run.mend()
    run.check_complete(6)


def is_worker(pid: int, parent: int) -> bool:
    """Whether `parent` started it."""
    with suppress(OSError):  # it has ended since
        return f"PPid:\t{parent}\n" in Path(f"/proc/{pid}/status").read_text()
    return False
