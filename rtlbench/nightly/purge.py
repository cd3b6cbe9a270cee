"""The purge of raw copies that a snapshot holds.

Guarantee: a file is removed only after its bytes have been read back from the snapshot, just now,
and are those of the file; a night with anything that the snapshot does not hold keeps all of it.
A call that is cut short goes on when it is called again. Ages go by the nights' names, never by
the times of files.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from rtlbench.errors import UserError
from rtlbench.nightly.night import read_state
from rtlbench.nightly.paths import DAY, Paths
from rtlbench.nightly.raw import RAW
from rtlbench.nightly.snapshot import (
    MANIFEST,
    MANIFEST_BYTES,
    StoredFile,
    files_of,
    holds,
    read_manifest,
    refuse_elsewhere,
    store_of,
)
from rtlbench.nightly.store import at_once


class PurgedNight(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one night's raw copies."""

    date: str
    files: int = 0
    """That were removed."""
    bytes: int = 0
    kept: str = ""
    """Why they were kept, where they were."""
    is_missing: bool = False
    """Whether that is because the snapshot does not hold them, or not as they are."""


class NotHeldError(UserError):
    """The snapshot does not hold what it should."""


def purgeable(paths: Paths, keep_days: int) -> list[str]:
    """The nights with raw copies that are more than `keep_days` days older than `paths.date`.

    A night that is not finished, or whose folder is a link, is not among them.
    """
    tonight = day_of(paths.date)
    if tonight is None:
        return []
    limit = tonight - datetime.timedelta(days=keep_days)
    return [date for date in paths.nights() if _is_old(date, limit) and _is_done(paths.of(date))]


def purge(paths: Paths, keep_days: int, target: str | None) -> list[PurgedNight]:
    """Remove the raw copies of each night that is `purgeable` and whose snapshot holds them.

    Args:
        target: As it was given to `snapshot`; without one nothing is removed.
    """
    return [_purge_night(paths.of(date), target) for date in purgeable(paths, keep_days)]


def _purge_night(paths: Paths, target: str | None) -> PurgedNight:
    if not target:
        return PurgedNight(date=paths.date, kept="there is no --snapshot to hold them")
    try:
        files = _verified(paths.night, target)
        remove_files(paths.raw, files)
    except UserError as e:
        missing = isinstance(e, NotHeldError)
        return PurgedNight(date=paths.date, kept=str(e), is_missing=missing)
    except OSError as e:
        return PurgedNight(date=paths.date, kept=f"{e.filename}: cannot remove it ({e.strerror})")
    size = sum(f.size for f in files.values())
    return PurgedNight(date=paths.date, files=len(files), bytes=size)


def _verified(night: Path, target: str) -> dict[str, StoredFile]:
    """The raw copies by path below raw/, each of which the snapshot was seen to hold.

    Raises:
        UserError: It does not hold one, or something there is no plain file.
    """
    files = plain_files(night / RAW)
    here = {f"{RAW}/{name}": Here(night / RAW / name, f) for name, f in files.items()}
    refuse_not_held(night, target, here)
    return files


class Here(NamedTuple):
    """A file that may go."""

    path: Path
    stored: StoredFile


def plain_files(folder: Path) -> dict[str, StoredFile]:
    """The files below a folder that is to go, by path.

    Raises:
        UserError: Something there is no plain file, or cannot be read.
    """
    files, others = files_of(folder)
    if others:
        raise UserError(f"{folder / others[0]}: no plain file; remove it, it is not ours")
    return files


def refuse_not_held(folder: Path, target: str, files: Mapping[str, Here]) -> str:
    """Make sure that the snapshot of `folder` holds these files, by asking it for each; its
    manifest's SHA-256.

    Args:
        files: By path in the snapshot.

    Raises:
        UserError: It does not hold one.
    """
    store = store_of(folder, target)
    manifest = read_manifest(store)
    if manifest is None or manifest.folder != folder.name:
        raise NotHeldError(f"{store.url}: no snapshot of {folder.name}; the next run makes it")
    known = manifest.files

    def check(name: str) -> None:
        here, stored = files[name]
        refuse_elsewhere(store, name, here)
        if known.get(name) != stored or not holds(store, name, stored):
            raise NotHeldError(
                f"{store.url}/{name}: not there, or other than {here}; the next run sends it again"
            )

    at_once(check, files)
    return store.digest(MANIFEST, MANIFEST_BYTES) or ""


def remove_files(folder: Path, files: Mapping[str, StoredFile]) -> None:
    """Remove those files below `folder`, and the folders that are empty then, itself too.

    Raises:
        OSError: A file or folder cannot be removed, as one that holds more.
    """
    for name in files:
        (folder / name).unlink(missing_ok=True)
    folders = [f for f in folder.rglob("*") if f.is_dir() and not f.is_symlink()]
    for each in [*sorted(folders, reverse=True), folder]:
        each.rmdir()


def _is_old(date: str, limit: datetime.date) -> bool:
    day = day_of(date)
    return day is not None and day < limit


def _is_done(paths: Paths) -> bool:
    if paths.night.is_symlink() or paths.raw.is_symlink() or not paths.raw.is_dir():
        return False
    try:
        state = read_state(paths)
    except UserError:
        return False
    return state is not None and state.outcome is not None


def day_of(date: str) -> datetime.date | None:
    """The day that a night is called after; None where it is none."""
    try:
        return datetime.date.fromisoformat(date[:DAY])
    except ValueError:
        return None
