"""Rendered Specs kept in the user's cache folder.

A file is named by the hash of everything it came from, written in one step and only read back
whole; where the folder cannot be used, Specs are simply made anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
from platformdirs import user_cache_dir

from rtlbench.spec import Spec

KEPT_FILES = 8


def kept(digest: str, make: Callable[[], tuple[Spec, ...]]) -> tuple[Spec, ...]:
    """The Specs kept under `digest`, or those that `make` gives, which are then kept."""
    folder = Path(user_cache_dir("rtlbench")) / "suites"
    path = folder / f"{digest}.msgpack"
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=tuple[Spec, ...])
    except (OSError, msgspec.DecodeError):
        specs = make()
    with suppress(OSError):  # a read-only home costs time, nothing else
        _write(folder, path, msgspec.msgpack.encode(specs))
    return specs


def _write(folder: Path, path: Path, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(data)
    part.replace(path)
    oldest = sorted(folder.glob("*.msgpack"), key=lambda p: p.stat().st_mtime)[:-KEPT_FILES]
    for old in oldest:
        old.unlink(missing_ok=True)
