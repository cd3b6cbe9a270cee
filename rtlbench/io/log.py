"""JSONL: append-only logs that several processes may add to, of which nothing is ever lost, and
lines of files that others wrote, of which none is read whole that is too long.

What `append` has returned for is on the disk, whole. A last line that a kill or a power cut has
torn is moved to a file of its own before anything is written behind it, never dropped.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

import msgspec

from rtlbench.io.atomic import append_whole

_BLOCK = 65536


def append(path: Path, records: Iterable[msgspec.Struct]) -> None:
    """Add `records` in one piece, a line each, or none of them.

    Raises:
        OSError: They cannot be written; then the file is as it was.
    """
    text = b"".join(msgspec.json.encode(record) + b"\n" for record in records)
    if text:
        append_whole(path, text)


def set_torn_line_aside(path: Path, aside: Path) -> bool:
    """Move a last line without an end to `aside`; whether there was one.

    For use while no other process writes.

    Raises:
        OSError: It cannot be read or written, or `path` is a link.
    """
    if path.is_symlink():
        raise OSError(f"{path.name} is a link")
    if not path.is_file():
        return False
    with path.open("r+b") as file:
        start = _last_line_start(file, file.seek(0, os.SEEK_END))
        file.seek(start)
        tail = file.read()
        if tail:
            append_whole(aside, tail + b"\n")
            file.truncate(start)
    return bool(tail)


def whole_lines(path: Path, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Offset and text, its end included, of every whole line from byte `start` on."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield start, line
            start += len(line)


def _last_line_start(file: BinaryIO, end: int) -> int:
    """Offset behind the last line end before `end`."""
    while end > 0:
        size = min(_BLOCK, end)
        end -= size
        file.seek(end)
        at = file.read(size).rfind(b"\n")
        if at >= 0:
            return end + at + 1
    return 0


class BoundedLine(NamedTuple):
    """One line of a file."""

    offset: int
    """Of its first byte."""
    data: bytes
    """With its end; of a line that is too long the beginning, one byte longer than is allowed."""
    is_whole: bool
    """Whether it has its end: the last line of a file that is being written may have none."""


def bounded_lines(file: IO[bytes], longest: int) -> Iterator[BoundedLine]:
    """Every line of `file`, from where it stands; memory does not grow with a line's length.

    Args:
        longest: Bytes that a line may have, its end included.
    """
    offset = 0
    while data := file.readline(longest + 1):
        length, rest = len(data), data
        while len(rest) > longest and not rest.endswith(b"\n"):
            rest = file.readline(longest + 1)
            length += len(rest)
        yield BoundedLine(offset, data, rest.endswith(b"\n"))
        offset += length
