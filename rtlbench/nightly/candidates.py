"""Raw copies as training records, before anything has judged them, `candidates.jsonl`; and, once
the Verifier has judged both sides, failed-then-fixed pairs for preference training.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.dataset.filter.written import PLACE
from rtlbench.io.untrusted import one_line
from rtlbench.nightly.night import SOURCE
from rtlbench.nightly.raw import (
    COMPILE_LOG,
    REJECTED,
    RTL,
    SPEC,
    TESTBENCH,
    CopyError,
    RawRecord,
    raw_records,
    read_copy,
)
from rtlbench.records.example import Record
from rtlbench.traces.artefacts import TaskFile, task_of

REJECTED_OF = "rejected_of"
"""In the metadata of an answer that failed: the event of the one that mended it."""
_WARNING = re.compile(rb"\bwarning\b|^%Warning", re.I)


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A line of refused.jsonl."""

    run_id: str
    event: str
    stage: str
    reason: str


class Candidates(msgspec.Struct, frozen=True, kw_only=True):
    """What a night's copies make."""

    records: tuple[Record, ...]
    """Passing answers, each followed by the one that it mended, where there is one."""
    refusals: tuple[Refusal, ...]


def candidates(raw: Path, max_warnings: int, otherwise: str) -> Candidates:
    """The records of all copies.

    Args:
        max_warnings: Lines of warnings that a compile log may hold.
        otherwise: The time of an event that says none, UTC, ISO 8601.

    Raises:
        UserError: A copy's record.json cannot be read.
    """
    records: list[Record] = []
    refusals: list[Refusal] = []
    for folder, raw_record in raw_records(raw):
        try:
            records += _records(folder, raw_record, max_warnings, otherwise)
        except CopyError as e:
            refusals.append(refusal(raw_record.run_id, raw_record.event, str(e)))
    return Candidates(records=tuple(records), refusals=tuple(refusals))


def refusal(run_id: str, event: str, reason: str) -> Refusal:
    """A refusal by curation."""
    return Refusal(run_id=run_id, event=event, stage="curate", reason=one_line(reason))


def _records(folder: Path, raw: RawRecord, max_warnings: int, otherwise: str) -> list[Record]:
    found = warnings_in(read_copy(folder, raw, COMPILE_LOG) or b"")
    if found > max_warnings:
        raise CopyError(f"{found} warnings in the compile log, more than {max_warnings}")
    spec = read_copy(folder, raw, SPEC) or b""
    task = _task(spec, read_copy(folder, raw, TESTBENCH))
    about = {
        "source": SOURCE,
        "spec_hash": task.digest(),
        "run_id": raw.run_id,
        "event": raw.event,
        "generated_at": _utc(raw.timestamp) or otherwise,
    }
    records = [_record(task, _text(RTL, read_copy(folder, raw, RTL)), about)]
    rejected = read_copy(folder, raw, REJECTED)
    if rejected is not None:
        failed = _text(REJECTED, rejected)
        records.append(_record(task, failed, {**about, REJECTED_OF: raw.event}))
    return records


def _record(task: TaskFile, output: str, about: dict[str, Any]) -> Record:
    record = task.record(output)
    return msgspec.structs.replace(record, metadata={**record.metadata, **about})


def _task(spec: bytes, testbench: bytes | None) -> TaskFile:
    try:
        task = task_of(spec)
    except ValueError as e:
        raise CopyError(f"the task's file: {e}") from e
    if testbench is None or task.testbench is not None:
        return task
    return msgspec.structs.replace(task, testbench=_text(TESTBENCH, testbench))


def _text(name: str, data: bytes | None) -> str:
    try:
        return (data or b"").decode("utf-8")
    except UnicodeDecodeError as e:
        raise CopyError(f"{name}: is no UTF-8 text") from e


def warnings_in(log: bytes) -> int:
    """Lines of a compile log that are warnings, as Icarus, Verilator and rtlbench write them."""
    return sum(_WARNING.search(line) is not None for line in log.splitlines())


def _utc(timestamp: str) -> str | None:
    """A time as UTC, ISO 8601, to the second; None where it is none."""
    try:
        at = datetime.fromisoformat(timestamp)
        told = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return told.astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return None


JUDGED_WRONG = ("fail", "timeout")


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A line of pairs.jsonl; the first three columns are those of TRL's `DPOTrainer`."""

    prompt: str
    chosen: str
    rejected: str
    metadata: dict[str, Any]


def pairs_of(right: Mapping[str, Record], failed: Iterable[Record]) -> list[Pair]:
    """Pairs of an answer that failed and the one to the same task, of the same run and sample,
    that mended it.

    Args:
        right: Verified records by their event.
        failed: What the Verifier has refused; only what it found wrong makes a pair.
    """
    pairs: dict[tuple[str, str, str], Pair] = {}
    for record in failed:
        chosen = right.get(str(record.metadata.get(REJECTED_OF)))
        judged = record.metadata[PLACE]
        if chosen is None or judged["outcome"] not in JUDGED_WRONG:
            continue
        about = {k: chosen.metadata[k] for k in ("source", "spec_hash", "run_id", "generated_at")}
        why = {"refused": judged["refused"], "category": judged["category"]}
        pair = Pair(
            prompt=chosen.instruction,
            chosen=chosen.output,
            rejected=record.output,
            metadata={**about, **why},
        )
        pairs.setdefault((pair.prompt, pair.chosen, pair.rejected), pair)
    return list(pairs.values())
