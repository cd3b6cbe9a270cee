"""Which files of a folder are opened meanwhile, by whatever process: Linux's inotify."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OPENED = 0x20
_HEAD = struct.Struct("iIII")
"""Watch, mask, cookie, length of the name that follows."""


@contextmanager
def opened_files(root: Path) -> Iterator[set[Path]]:
    """A set that holds, once the block is left, every file below `root` opened within it."""
    libc = ctypes.CDLL(None, use_errno=True)
    queue = libc.inotify_init1(os.O_NONBLOCK)
    assert queue >= 0, os.strerror(ctypes.get_errno())
    folders = [root, *(p for p in root.rglob("*") if p.is_dir())]
    watched = {libc.inotify_add_watch(queue, bytes(p), _OPENED): p for p in folders}
    opened: set[Path] = set()
    try:
        yield opened
        while events := _read(queue):
            while events:
                watch, mask, _, length = _HEAD.unpack_from(events)
                assert watch in watched, f"events were lost ({mask:#x})"
                name = events[_HEAD.size : _HEAD.size + length].rstrip(b"\0")
                events = events[_HEAD.size + length :]
                opened.add(watched[watch] / os.fsdecode(name))
    finally:
        os.close(queue)


def _read(queue: int) -> bytes:
    try:
        return os.read(queue, 1 << 20)
    except BlockingIOError:
        return b""
