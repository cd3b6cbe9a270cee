"""The events of one run: its trace, and what was rotated out of it, the oldest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rtlbench.traces.event import BrokenEvent, Event
from rtlbench.traces.trace_file import TRACE, read_events

_ROTATED = re.compile(rf"{re.escape(TRACE)}\.(\d{{1,6}})(?:\.gz)?")


def run_events(run: Path) -> Iterator[Event | BrokenEvent]:
    """Every event of a run, in order.

    Raises:
        UserError: A file cannot be read.
    """
    for path in trace_files(run):
        yield from read_events(path)


def trace_files(run: Path) -> list[Path]:
    """`trace.jsonl` and before it `trace.jsonl.1`, `trace.jsonl.2.gz`, ..., the highest first."""
    rotated = [(int(m[1]), f) for f in run.iterdir() if (m := _ROTATED.fullmatch(f.name))]
    files = [f for _, f in sorted(rotated, key=lambda pair: -pair[0])]
    newest = run / TRACE
    return [*files, newest] if newest.is_file() and not newest.is_symlink() else files
