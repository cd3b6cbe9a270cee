"""Runs fuzzing processes one after the other, and keeps what they find.

A process that ends before its time has found something: the case that it was trying is kept, and
the rest of the time goes to a fresh process with another seed, up to a few finds a target.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from fuzz import monitor
from fuzz.child import MONITOR

MAX_FINDS = 5
"""Of one target in one run."""
GRACE = 900.0
"""Seconds that a process may go on after its time: its last case, and its corpus."""
LEAST = 2
"""Seconds below which a fresh process is not worth its start."""
ROOT = Path(__file__).parents[1]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What one run is given."""

    seed: int
    seconds: int
    folder: Path
    module: str = "fuzz.targets"
    """Where the targets are."""


class Find(msgspec.Struct, frozen=True):
    """A promise that did not hold."""

    case: Path
    how: str
    """The last line that the process said."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What one target's turn gave."""

    name: str
    seconds: float
    counts: monitor.Counts
    edges: int
    """Branches of the package's byte code that were taken."""
    features: int
    corpus: int
    finds: tuple[Find, ...]


def fuzz(plan: Plan, name: str, seconds: int) -> Turn:
    """Fuzz one target for so many seconds."""
    folder = plan.folder / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MONITOR).unlink(missing_ok=True)
    start = time.monotonic()
    finds: list[Find] = []
    best = (0, 0, 0)
    left = seconds
    while left >= LEAST and len(finds) < MAX_FINDS:
        log = folder / f"log-{len(finds)}.txt"
        code = _one_process(plan, name, left, plan.seed + len(finds), log)
        said = log.read_text(errors="replace")
        best = max(best, _coverage(said))
        if code == 0:
            break
        finds.append(_keep(plan, name, code, said))
        left = round(seconds - (time.monotonic() - start))
    counts, _ = monitor.read(folder / MONITOR) if (folder / MONITOR).is_file() else _NOTHING
    return Turn(
        name=name, seconds=time.monotonic() - start, counts=counts, edges=best[0],
        features=best[1], corpus=best[2], finds=tuple(finds),
    )  # fmt: skip


_NOTHING = (monitor.Counts(), b"")


def _one_process(plan: Plan, name: str, seconds: int, seed: int, log: Path) -> int:
    command = [
        sys.executable, "-m", "fuzz.child", "--module", plan.module, "--target", name,
        "--folder", str(plan.folder / name), "--seed", str(seed), "--seconds", str(seconds),
    ]  # fmt: skip
    with log.open("wb") as file:
        child = subprocess.Popen(
            command, cwd=ROOT, stdout=file, stderr=file, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    try:
        return child.wait(seconds + GRACE)
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _coverage(said: str) -> tuple[int, int, int]:
    found = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", said)
    return max(((int(a), int(b), int(c)) for a, b, c in found), default=(0, 0, 0))


def _keep(plan: Plan, name: str, code: int, said: str) -> Find:
    """Copy the case that was tried last to where it outlives the run."""
    trying = plan.folder / name / MONITOR
    case = monitor.read(trying)[1] if trying.is_file() else b""
    folder = plan.folder / "finds"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{hashlib.sha256(case).hexdigest()[:12]}.json"
    path.write_bytes(case)
    shutil.copyfile(plan.folder / name / _last_log(plan.folder / name), path.with_suffix(".txt"))
    return Find(path, _reason(said) or f"the process ended with status {code}")


def _last_log(folder: Path) -> str:
    return max(folder.glob("log-*.txt"), key=lambda p: p.stat().st_mtime_ns).name


def _reason(said: str) -> str:
    """The exception, or libFuzzer's own words."""
    raised = re.findall(r"^(?:[\w.]*(?:Error|Exception)\b.*|==\d+== ?ERROR: .*)$", said, re.M)
    return raised[0][:200] if raised else ""
