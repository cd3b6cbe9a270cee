"""Raw copies: what a night took of the runs, `raw/<run_id>/<event>/`.

Guarantee: a record's folder is whole or absent; its record.json has the SHA-256 of each file.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import sync_folder, write_record, write_whole

RECORD = "record.json"
RTL, TESTBENCH, SPEC = "rtl.sv", "testbench.v", "spec"
COMPILE_LOG, SIMULATION_LOG, REJECTED = "compile.log", "simulation.log", "rejected.sv"
SHOWN = 16
"""Digits of an event's hash in a folder's name."""


class RawRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """record.json: one verified answer, as a trace tells of it."""

    run_id: str
    event: str
    """SHA-256 over the event."""
    timestamp: str
    spec_hash: str
    files: dict[str, str]
    """SHA-256 by name, of the copies here."""
    sample: int | None = None
    turn: int | None = None


class CopyError(Exception):
    """A raw copy is not what was copied; the message says how."""


def folder_of(raw: Path, run_id: str, event: str) -> Path:
    """Where the copy of an event goes."""
    return raw / run_id / event[:SHOWN]


def keep_raw(raw: Path, record: RawRecord, files: Mapping[str, bytes]) -> None:
    """Write a copy, unless it is there.

    Raises:
        OSError: It cannot be written; then nothing of it is there.
    """
    final = folder_of(raw, record.run_id, record.event)
    if (final / RECORD).is_file():
        return
    part = final.with_name(f"{final.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        for name, data in files.items():
            write_whole(part / name, data)
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        write_record(part / RECORD, msgspec.structs.replace(record, files=hashes))
        part.rename(final)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sync_folder(final.parent)


def sweep(raw: Path) -> None:
    """Remove what a kill has left half written."""
    for part in raw.glob("*/*.part"):
        shutil.rmtree(part, ignore_errors=True)


def raw_records(raw: Path) -> Iterator[tuple[Path, RawRecord]]:
    """All copies with their folders, in the order of runs and events.

    Raises:
        UserError: A record.json cannot be read.
    """
    for path in sorted(raw.glob(f"*/*/{RECORD}")):
        try:
            yield path.parent, msgspec.json.decode(path.read_bytes(), type=RawRecord)
        except (OSError, msgspec.DecodeError) as e:
            raise UserError(
                f"{path}: cannot be read ({e}); remove its folder and collect again by "
                "--from collect"
            ) from e


def read_copy(folder: Path, record: RawRecord, name: str) -> bytes | None:
    """The content of one file of a copy; None where the trace named none.

    Raises:
        CopyError: It is gone, or another one.
    """
    if name not in record.files:
        return None
    try:
        data = (folder / name).read_bytes()
    except OSError as e:
        raise CopyError(f"{name}: its copy cannot be read ({e.strerror})") from e
    if hashlib.sha256(data).hexdigest() != record.files[name]:
        raise CopyError(f"{name}: its copy is not what was copied")
    return data


def is_whole(folder: Path) -> bool:
    """Whether all of a copy is there, as it was copied."""
    try:
        record = msgspec.json.decode((folder / RECORD).read_bytes(), type=RawRecord)
        for name in record.files:
            read_copy(folder, record, name)
    except (OSError, msgspec.DecodeError, CopyError):
        return False
    return True
