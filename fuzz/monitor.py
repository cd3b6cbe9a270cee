"""What a fuzzing process leaves behind, whatever becomes of it.

The case being tried and the counts stand in a mapped file: they survive a crash of the process
that no handler sees, such as an overflow of the stack inside slang.
"""

from __future__ import annotations

import mmap
import struct
import time
from pathlib import Path

import msgspec

_HEAD = struct.Struct("<QQdQ")
_SIZE = 8 << 20
"""Bytes; a case is smaller by far."""


class Counts(msgspec.Struct, frozen=True):
    """What was done so far."""

    executions: int = 0
    reached: int = 0
    """Cases that were not refused early."""
    slowest: float = 0.0
    """Seconds that the slowest case took."""


class Monitor:
    """The writing side."""

    def __init__(self, path: Path) -> None:
        self._path = path
        before = read(path)[0] if path.is_file() else Counts()
        with path.open("w+b") as file:
            file.truncate(_SIZE)
            self._map = mmap.mmap(file.fileno(), _SIZE)
        self._executions, self._reached = before.executions, before.reached
        self._slowest = before.slowest
        self._case = b""
        self._start = 0.0

    def begin(self, case: msgspec.Struct) -> None:
        """Write `case` before it is tried."""
        self._case = msgspec.json.encode(case)[: _SIZE - _HEAD.size]
        self._executions += 1
        self._map[_HEAD.size : _HEAD.size + len(self._case)] = self._case
        self._write_head()
        self._start = time.monotonic()

    def end(self, *, reached: bool) -> None:
        """Count the case; keep it when it is the slowest so far."""
        spent = time.monotonic() - self._start
        self._reached += reached
        if spent > self._slowest:
            self._slowest = spent
            self._path.with_name("slowest.json").write_bytes(self._case)
        self._write_head()

    def _write_head(self) -> None:
        counts = (self._executions, self._reached, self._slowest, len(self._case))
        self._map[: _HEAD.size] = _HEAD.pack(*counts)


def read(path: Path) -> tuple[Counts, bytes]:
    """The counts, and the case that was tried last, as JSON."""
    data = path.read_bytes()
    executions, reached, slowest, length = _HEAD.unpack_from(data)
    return Counts(executions, reached, slowest), data[_HEAD.size : _HEAD.size + length]
