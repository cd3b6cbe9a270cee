"""The records of this night and of those before it: what a night learns beside the gold sets.

A model is fine-tuned from the same base each night, so what earlier nights have brought in is
learnt again. The records of a night whose model was refused are left out: something among them
may have made it worse. Those of nights that had too few to train on count towards this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from rtlbench.dataset.files import writing
from rtlbench.dataset.reading import read_records
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.state import read_state
from rtlbench.records.example import Placed, Record

PUBLISHED, ARCHIVED, SKIPPED = "published", "archived", "skipped"


class Deltas(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to learn."""

    records: tuple[Record, ...]
    """Of each task the newest."""
    new: int
    """Of them, those that no published model has learnt from."""
    nights: tuple[str, ...]
    """Where they are from, the latest first."""


def gather(paths: Paths) -> Deltas:
    """The records of the night and of those before it.

    Raises:
        UserError: The state of an earlier night cannot be read.
    """
    found: dict[str, Record] = {}
    nights: list[str] = []
    new = 0
    is_new = True
    for date, delta, outcome in _nights(paths):
        is_new = is_new and outcome != PUBLISHED
        before = len(found)
        for record in _records(delta):
            found.setdefault(str(record.metadata["spec_hash"]), record)
        if len(found) > before:
            nights.append(date)
            new += (len(found) - before) if is_new else 0
    return Deltas(records=tuple(found.values()), new=new, nights=tuple(nights))


def write_deltas(deltas: Deltas, path: Path) -> None:
    """Write them as one file."""
    with writing(path) as file:
        for record in deltas.records:
            file.write(record)


def _nights(paths: Paths) -> Iterator[tuple[str, Path, str | None]]:
    """Date, records and outcome of this night and of those whose records count."""
    yield paths.date, paths.delta, None
    for date in reversed(paths.nights()):
        before = msgspec.structs.replace(paths, date=date, scratch=None)
        if date >= paths.date or not before.delta.is_file():
            continue
        state = read_state(before)
        if state is not None and state.outcome in (PUBLISHED, SKIPPED):
            yield date, before.delta, state.outcome


def _records(path: Path) -> Iterator[Record]:
    yield from (f.record for f in read_records(str(path)) if isinstance(f, Placed))
