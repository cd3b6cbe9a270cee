"""Reading what a tool made: its folder may hold anything, if the tool was taken over."""

from __future__ import annotations

import os
import stat
from pathlib import Path

LIMIT = 256 << 20
"""Bytes; what the private folder can hold at all."""


def read_made(path: Path, limit: int = LIMIT) -> bytes | None:
    """What a tool wrote to `path`, a name directly in its folder.

    None where there is no plain file of at most `limit` bytes: no link is followed, no pipe or
    device opened for reading, and nothing endless read.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_size > limit:
            return None
        with os.fdopen(fd, "rb", closefd=False) as file:
            return file.read(limit)
    finally:
        os.close(fd)
