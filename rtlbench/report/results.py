"""A results folder: `samples.jsonl`, append-only, and `run.json`.

Guarantee: a Verdict that `append` has returned for is on the disk's file, whole, once; several
processes may append at a time, and one that judged what another had judged already adds nothing.
A line torn by a kill or a power cut is moved aside, never silently dropped, and its answer judged
again. A folder belongs to one configuration: resuming with another is refused, with the
difference named.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, takewhile
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock

from rtlbench.errors import UserError
from rtlbench.metrics import Summary
from rtlbench.verdict import Verdict

SAMPLES = "samples.jsonl"
RUN = "run.json"
TORN = "samples.torn"
RUN_SCHEMA_VERSION = 1


class RunConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What must be the same for two runs to be compared or one to be resumed."""

    suite: str
    """Its name, without the folder."""
    suite_hash: str
    """SHA-256 over the digests of the Specs."""
    simulator: str
    seed: int
    samples: int | None
    candidates: str
    """Name of the file of answers."""
    tools: dict[str, str]
    """Version by tool, rtlbench's own among them."""
    weights: dict[str, float]
    formal: bool = False
    """Whether answers were compared with the references formally."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """run.json."""

    status: str
    """`running`, `finished`, or `stopped` where it was cut short; a stopped run can go on."""
    started: str
    """UTC, ISO 8601."""
    finished: str | None = None
    rtlbench: str
    config: RunConfig
    isolation: str
    problems: list[str] = []
    """Input that could not be used: the first of it, each with its place and remedy."""
    problem_count: int = 0
    total: Summary | None = None
    categories: dict[str, Summary] = {}
    schema_version: int = RUN_SCHEMA_VERSION


class _Key(msgspec.Struct, frozen=True):
    key: str = ""


class ResultsFolder:
    """One results folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples = path / SAMPLES
        self._lock = FileLock(str(path / ".lock"))
        self._offsets: dict[str, int] = {}
        self._seen_to = 0

    def open(self, config: RunConfig) -> None:
        """Make the folder, or make sure that it can be resumed with `config`.

        Raises:
            UserError: It belongs to another configuration, or cannot be read or written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            before = self.read_run()
            if before is not None:
                self._refuse_difference(before.config, config)
            with self._lock:
                self._catch_up()
        except OSError as e:
            raise UserError(
                f"{self.path}: cannot write results there ({e.strerror}); "
                "choose another folder by --results"
            ) from e

    def append(self, verdicts: Iterable[Verdict]) -> None:
        """Add in one piece those of `verdicts` whose key is not recorded yet."""
        with self._lock:
            self._catch_up()
            fresh = {v.key or id(v): v for v in verdicts if v.key not in self._offsets}
            text = b"".join(msgspec.json.encode(v) + b"\n" for v in fresh.values())
            if not text:
                return
            with self.samples.open("ab") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            self._catch_up()

    def recorded(self) -> Mapping[str, int]:
        """Offset of every recorded Verdict, by key.

        Raises:
            UserError: A line is not a Verdict.
        """
        if self.path.is_dir():
            with self._lock:
                self._catch_up()
        return self._offsets

    def _catch_up(self) -> None:
        """Read what was added since the last look; call it under the lock."""
        if not self.samples.is_file():
            return
        self._repair()
        decoder = msgspec.json.Decoder(_Key)
        with self.samples.open("rb") as file:
            file.seek(self._seen_to)
            for line in file:
                try:
                    key = decoder.decode(line).key
                except (msgspec.DecodeError, UnicodeDecodeError) as e:
                    raise UserError(self._broken(self._seen_to, e)) from e
                if key:
                    self._offsets.setdefault(key, self._seen_to)
                self._seen_to += len(line)

    def _broken(self, offset: int, error: Exception) -> str:
        """What to say of the line that begins at `offset`."""
        with self.samples.open("rb") as file:
            ends = accumulate(len(line) for line in file)
            number = 1 + sum(1 for _ in takewhile(lambda end: end <= offset, ends))
        return (
            f"{self.samples}:{number}: not a verdict ({error}); "
            "move the line elsewhere and run again"
        )

    def verdicts(self) -> Iterator[Verdict]:
        """Every Verdict recorded; the last line may be one that is being written.

        Raises:
            UserError: A line is not a Verdict.
        """
        if not self.samples.is_file():
            return
        decoder = msgspec.json.Decoder(Verdict)
        offset = 0
        with self.samples.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    return
                try:
                    verdict = decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError) as e:
                    raise UserError(self._broken(offset, e)) from e
                offset += len(line)
                yield verdict

    def read_at(self, offset: int) -> Verdict:
        """The Verdict that begins at `offset`."""
        with self.samples.open("rb") as file:
            file.seek(offset)
            return msgspec.json.decode(file.readline(), type=Verdict)

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
        old, new = _flat(msgspec.to_builtins(before)), _flat(msgspec.to_builtins(now))
        changed = [
            f"{name}: {_short(old.get(name))} before, {_short(new.get(name))} now"
            for name in [*old, *(n for n in new if n not in old)]
            if old.get(name) != new.get(name)
        ]
        if changed:
            raise UserError(
                f"{self.path}: holds results of another configuration ({'; '.join(changed)}); "
                "choose another folder by --results"
            )


def _flat(config: Mapping[str, Any]) -> dict[str, object]:
    """`config` with the entries of its mappings as `name.entry`."""
    flat: dict[str, object] = {}
    for name, value in config.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{k}": v for k, v in value.items()})
        else:
            flat[name] = value
    return flat


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
    text = "none" if value is None else str(value)
    return text if len(text) <= 20 else text[:17] + "..."


def utc_now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
