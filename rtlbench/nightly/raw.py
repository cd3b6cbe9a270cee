"""What nights have taken of the runs: the copies, `raw/<run_id>/<event>/`, and taken.jsonl, the
events that some night has looked at, so that none is taken twice.

Guarantee: a record's folder is whole or absent; its record.json has the SHA-256 of each file. An
event is known by its run and the hash of what it says, not by its place: traces may be cut, rotated
and appended to. For a night that is done anew copies are linked from where they are, or read back
from the snapshot where they are purged: what was sent, by its hash.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import append_whole, sync_folder, write_record, write_whole
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.snapshot import StoredFile, read_manifest, store_of, stored_file
from rtlbench.nightly.store import Store
from rtlbench.traces.trace_file import Event

RAW = "raw"
"""The folder of a night's copies: large, and purged there."""
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


class Taken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line."""

    run_id: str
    """The name of the run's folder."""
    event: str
    """SHA-256 over the event."""
    night: str
    refused: str = ""
    """Why it was not copied."""
    is_missing: bool = False
    """Whether that is because a file is not there yet: the event is looked at again."""
    is_broken: bool = False
    """Whether the line is no event at all; `event` is the line's hash then."""


class TakenFile:
    """The file.

    Raises:
        UserError: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[tuple[str, str], Taken] = {}
        self._is_torn = False
        self._read()

    def find(self, run_id: str, event: str) -> Taken | None:
        """What is known of an event."""
        return self._lines.get((run_id, event))

    def of(self, night: str) -> list[Taken]:
        """What a night has taken and refused, in order."""
        return [t for t in self._lines.values() if t.night == night]

    def add(self, line: Taken) -> None:
        """Remember one more, on the disk."""
        self._lines[line.run_id, line.event] = line
        self._path.parent.mkdir(parents=True, exist_ok=True)
        begin = b"\n" if self._is_torn else b""
        append_whole(self._path, begin + msgspec.json.encode(line) + b"\n")
        self._is_torn = False

    def replace(self, night: str, lines: Iterable[Taken]) -> None:
        """Remember of what a night has taken these lines alone; what another night has taken since
        stays its own."""
        kept = {(t.run_id, t.event): t for t in self._lines.values() if t.night != night}
        found = {**{(t.run_id, t.event): t for t in lines}, **kept}
        if list(found.values()) != list(self._lines.values()):
            text = b"".join(msgspec.json.encode(t) + b"\n" for t in found.values())
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text)
        self._lines = found
        self._is_torn = False

    def _read(self) -> None:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as e:
            raise UserError(f"{self._path}: cannot be read ({e.strerror})") from e
        self._is_torn = bool(data) and not data.endswith(b"\n")
        for raw in data.splitlines():
            try:
                line = msgspec.json.decode(raw, type=Taken)
            except msgspec.DecodeError:
                continue  # a line that a kill has torn: its event is taken again
            self._lines[line.run_id, line.event] = line


def event_hash(event: Event) -> str:
    """SHA-256 over what an event says, hex."""
    return hashlib.sha256(msgspec.json.encode(event, order="deterministic")).hexdigest()


class RawAgain:
    """Brings a night's raw copies to another folder.

    Args:
        night: Where they are, or were.
        to: The folder `raw/` that they are brought to.
        target: Where snapshots are; None where there are none.
    """

    def __init__(self, night: Paths, to: Path, target: str | None) -> None:
        self._night, self._to = night, to
        self._target = target
        self._stored: tuple[Store, Mapping[str, StoredFile]] | None = None
        self.trouble = "no --snapshot is given" if not target else ""
        """Why nothing could be read back, where nothing could."""

    def bring(self, taken: Taken, *, as_it_is: bool) -> bool:
        """Bring one copy; whether it is there now.

        Args:
            as_it_is: Content with one that is damaged, where the snapshot has none that is whole.
        """
        here = folder_of(self._night.raw, taken.run_id, taken.event)
        there = folder_of(self._to, taken.run_id, taken.event)
        if is_whole(here):
            link_tree(here, there)
            return True
        if self._read_back(here, there):
            return True
        if as_it_is and (here / RECORD).is_file():
            link_tree(here, there)
            return True
        return False

    def _read_back(self, here: Path, there: Path) -> bool:
        place = PurePosixPath(RAW, *here.relative_to(self._night.raw).parts)
        store, files = self._snapshot()
        names = [name for name in files if PurePosixPath(name).parent == place]
        if store is None or not names:
            return False
        there.mkdir(parents=True)
        for name in names:
            path = there / PurePosixPath(name).name
            try:
                store.fetch(name, path, files[name].size)
            except UserError as e:
                self.trouble = str(e)
                break
            if stored_file(path) != files[name]:
                self.trouble = f"{store.url}/{name}: is not what was sent"
                break
        if is_whole(there):
            sync_folder(there)
            return True
        shutil.rmtree(there)
        return False

    def _snapshot(self) -> tuple[Store | None, Mapping[str, StoredFile]]:
        if self._stored is None and self._target and not self.trouble:
            try:
                store = store_of(self._night.night, self._target)
                manifest = read_manifest(store)
            except UserError as e:
                self.trouble = str(e)
                return None, {}
            if manifest is None or manifest.folder != self._night.date:
                self.trouble = f"{store.url}: holds no snapshot of this night"
                return None, {}
            self._stored = store, manifest.files
        return self._stored or (None, {})


def link_tree(source: Path, to: Path) -> None:
    """Have `to` hold the same files as `source`, without their bytes twice where that can be.

    Raises:
        OSError: It cannot be written.
    """
    shutil.copytree(source, to, symlinks=True, copy_function=_link, dirs_exist_ok=True)


def _link(source: str, to: str) -> None:
    try:
        os.link(source, to, follow_symlinks=False)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, to, follow_symlinks=False)
