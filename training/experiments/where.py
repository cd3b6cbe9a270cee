"""When, by what and on what machine a page was written."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from rtlbench.runs.results import utc_now


def as_of() -> str:
    """A line for a page: date, commit, machine."""
    where = f"`{_processor()}`, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return f"As of {utc_now()[:16].replace('T', ' ')} UTC, commit {_commit()}; on {where}.\n"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "an unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "an unknown processor"


def _commit() -> str:
    """Of the project's folder, and whether anything there differs from it."""
    root = Path(__file__).resolve().parents[2]
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=7", "--exclude=*"], cwd=root,
            capture_output=True, text=True, check=False, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return found.stdout.strip() or "unknown"
