"""Rendered Specs, and what else is dear to make of them, kept in the user's cache folder.

A file is named by the hash of everything it came from, begins with a hash of what it holds, is
written in one step and only read back whole. What it holds decides verdicts; so a folder or file
that another account owns or may write to, or that is a link, is not used. Wherever one cannot be
used, everything is simply made anew.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec
from platformdirs import user_cache_dir

from rtlbench.records.spec import Spec

T = TypeVar("T")

KEPT_FILES = 8
"""Of each kind."""
SEAL_BYTES = 16


def kept(
    digest: str, make: Callable[[], tuple[Spec, ...]], kind: str = "suites"
) -> tuple[Spec, ...]:
    """The Specs kept under `digest`, or those that `make` gives, which are then kept.

    Args:
        kind: A folder; what is dear to make is kept apart from what is made often.
    """
    return kept_as(tuple[Spec, ...], digest, make, kind)


def kept_as(
    form: type[T], digest: str, make: Callable[[], T], kind: str, most: int = KEPT_FILES
) -> T:
    """The same for anything that msgspec can write and read back as `form`.

    Args:
        most: So many files of the kind are kept, those written last.
    """
    found = find_kept(form, digest, kind)
    if found is None:
        found = make()
        keep(found, digest, kind, most)
    return found


def find_kept(form: type[T], digest: str, kind: str) -> T | None:
    """What is kept under `digest`; None where there is nothing that may be used."""
    try:
        return msgspec.msgpack.decode(_read(_folder(kind), _name(digest)), type=form)
    except (OSError, msgspec.DecodeError):
        return None


def keep(made: object, digest: str, kind: str, most: int = KEPT_FILES) -> None:
    """Keep under `digest` what msgspec can write, where this machine lets one."""
    with suppress(OSError):  # a read-only home costs time, nothing else
        _write(_folder(kind), _name(digest), msgspec.msgpack.encode(made), most)


def _folder(kind: str) -> Path:
    return Path(user_cache_dir("rtlbench")) / kind


def _name(digest: str) -> str:
    return f"{digest}.msgpack"


def _read(folder: Path, name: str) -> bytes:
    """What `_write` wrote.

    Raises:
        OSError: It is not there, not whole, or someone else's.
    """
    place = _opened(folder)
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
        with open(handle, "rb") as file:  # noqa: PTH123 - of a descriptor
            _refuse_foreign(os.fstat(handle), stat.S_ISREG)
            seal, data = file.read(SEAL_BYTES), file.read()
    finally:
        os.close(place)
    if seal != _seal(data):
        raise OSError(f"{name} is damaged")
    return data


def _write(folder: Path, name: str, data: bytes, most: int) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    place = _opened(folder)
    part = f"{name}.{secrets.token_hex(8)}"
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=place)
        with open(handle, "wb") as file:  # noqa: PTH123 - of a descriptor
            file.write(_seal(data) + data)
        os.replace(part, name, src_dir_fd=place, dst_dir_fd=place)
    finally:
        os.close(place)
    oldest = sorted(folder.glob("*.msgpack"), key=lambda p: p.stat().st_mtime)[:-most]
    for old in oldest:
        old.unlink(missing_ok=True)


def _opened(folder: Path) -> int:
    """A descriptor of the folder, which is the user's alone to write to."""
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _refuse_foreign(os.fstat(place), stat.S_ISDIR)
    except OSError:
        os.close(place)
        raise
    return place


def _refuse_foreign(found: os.stat_result, is_kind: Callable[[int], bool]) -> None:
    others = stat.S_IWGRP | stat.S_IWOTH
    if not is_kind(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & others:
        raise PermissionError("another account may have written this")


def _seal(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=SEAL_BYTES).digest()
