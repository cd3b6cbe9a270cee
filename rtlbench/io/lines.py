"""Lines of files that others wrote: none is read whole that is too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, NamedTuple


class Line(NamedTuple):
    """One line of a file."""

    offset: int
    """Of its first byte."""
    data: bytes
    """With its end; of a line that is too long the beginning, one byte longer than is allowed."""
    is_whole: bool
    """Whether it has its end: the last line of a file that is being written may have none."""


def bounded_lines(file: IO[bytes], longest: int) -> Iterator[Line]:
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
        yield Line(offset, data, rest.endswith(b"\n"))
        offset += length
