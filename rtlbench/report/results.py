"""A results folder: `samples.jsonl`, append-only, and `run.json`.

Guarantee: a Verdict that `append` has returned for is on the disk's file, whole, once; several
processes may append at a time. A line torn by a power cut is moved aside, never silently
dropped, and its answer judged again. A folder belongs to one configuration: resuming with
another is refused, with the difference named.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock

from rtlbench.errors import UserError
from rtlbench.metrics import Judged, Summary
from rtlbench.verdict import Verdict

SAMPLES = "samples.jsonl"
RUN = "run.json"
TORN = "samples.torn"
RUN_SCHEMA_VERSION = 1


class RunConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What must be the same for two runs to be compared or one to be resumed."""

    suite: str
    suite_hash: str
    """SHA-256 over the digests of the Specs."""
    simulator: str
    seed: int
    samples: int | None
    candidates: str
    """Name of the file of answers."""
    tools: dict[str, str]
    """Version by tool."""
    weights: dict[str, float]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """run.json."""

    status: str
    """`running` or `finished`."""
    started: str
    """UTC, ISO 8601."""
    finished: str | None = None
    rtlbench: str
    config: RunConfig
    isolation: str
    problems: list[str] = []
    """Input that could not be used."""
    total: Summary | None = None
    categories: dict[str, Summary] = {}
    schema_version: int = RUN_SCHEMA_VERSION


class _Key(msgspec.Struct, frozen=True):
    key: str


class ResultsFolder:
    """One results folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples = path / SAMPLES
        self._lock = FileLock(str(path / ".lock"))

    def open(self, config: RunConfig) -> None:
        """Make the folder, or make sure that it can be resumed with `config`.

        Raises:
            UserError: It belongs to another configuration, or cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with self._lock:
                self._repair()
        except OSError as e:
            raise UserError(
                f"{self.path}: cannot write results there ({e.strerror}); "
                "choose another folder by --results"
            ) from e
        before = self.read_run()
        if before is not None:
            self._refuse_difference(before.config, config)

    def append(self, verdicts: Iterable[Verdict]) -> None:
        """Add `verdicts` in one piece."""
        text = b"".join(msgspec.json.encode(v) + b"\n" for v in verdicts)
        if not text:
            return
        with self._lock, self.samples.open("ab") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def verdicts(self) -> Iterator[Verdict]:
        """Every Verdict recorded; the last line may be one that is being written."""
        if not self.samples.is_file():
            return
        decoder = msgspec.json.Decoder(Verdict)
        with self.samples.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield decoder.decode(line)
                except msgspec.DecodeError as e:
                    raise UserError(
                        f"{self.samples}:{number}: not a verdict ({e}); "
                        "move the line elsewhere and run again"
                    ) from e

    def index(self) -> dict[str, int]:
        """Offset of every recorded Verdict, by key: read once, at the start of a process."""
        decoder = msgspec.json.Decoder(_Key)
        found: dict[str, int] = {}
        offset = 0
        if not self.samples.is_file():
            return found
        with self.samples.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    found.setdefault(decoder.decode(line).key, offset)
                offset += len(line)
        return found

    def read_at(self, offset: int) -> Verdict:
        """The Verdict that begins at `offset`."""
        with self.samples.open("rb") as file:
            file.seek(offset)
            return msgspec.json.decode(file.readline(), type=Verdict)

    def judged(self) -> list[Judged]:
        """What metrics need of every Verdict."""
        return [Judged.of(v) for v in self.verdicts()]

    def read_run(self) -> Run | None:
        """run.json, or None where there is none.

        Raises:
            UserError: It is there and cannot be read.
        """
        path = self.path / RUN
        if not path.is_file():
            return None
        try:
            return msgspec.json.decode(path.read_bytes(), type=Run)
        except msgspec.DecodeError as e:
            raise UserError(f"{path}: not a run ({e}); move the folder elsewhere") from e

    def write_run(self, run: Run) -> None:
        """Replace run.json in one step."""
        text = msgspec.json.format(msgspec.json.encode(run), indent=2)
        part = self.path / f"{RUN}.part"
        part.write_bytes(text + b"\n")
        part.replace(self.path / RUN)

    def _repair(self) -> None:
        """Move a torn last line aside."""
        if not self.samples.is_file():
            return
        data_end = self.samples.stat().st_size
        with self.samples.open("r+b") as file:
            start = _last_line_start(file, data_end)
            file.seek(start)
            tail = file.read()
            if not tail or tail.endswith(b"\n"):
                return
            with (self.path / TORN).open("ab") as aside:
                aside.write(tail + b"\n")
            file.truncate(start)

    def _refuse_difference(self, before: RunConfig, now: RunConfig) -> None:
        old, new = msgspec.structs.asdict(before), msgspec.structs.asdict(now)
        changed = [f"{k}: {_short(old[k])} before, {_short(new[k])} now" for k in old
                   if old[k] != new[k]]
        if changed:
            raise UserError(
                f"{self.path}: holds results of another configuration ({'; '.join(changed)}); "
                "choose another folder by --results"
            )


def _last_line_start(file: Any, end: int) -> int:
    """Offset behind the last newline before `end`."""
    block, at = 65536, end
    while at > 0:
        size = min(block, at)
        at -= size
        file.seek(at)
        found = file.read(size).rfind(b"\n")
        if found >= 0:
            return int(at + found + 1)
    return 0


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def utc_now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
