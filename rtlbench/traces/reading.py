"""Reading traces, whoever wrote them.

Guarantee: memory does not grow with the file, a line that is no event is told of with its number
and stops nothing, and no line is too long, too deep or too strange for that.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.lines import bounded_lines
from rtlbench.io.untrusted import one_line
from rtlbench.traces.artefacts import open_plain
from rtlbench.traces.event import BrokenEvent, Event

TRACE = "trace.jsonl"
MAX_LINE = 16 << 20
"""Bytes."""
_BOM = b"\xef\xbb\xbf"
_DECODER = msgspec.json.Decoder(Event)


def read_events(path: Path) -> Iterator[Event | BrokenEvent]:
    """Every line of a trace, in order; blank ones are passed over.

    Args:
        path: Plain, or packed by gzip where its name ends in `.gz`.

    Raises:
        UserError: The file cannot be read.
    """
    try:
        with open_plain(path) as file:
            yield from _events(_unpacked(file) if path.suffix == ".gz" else file)
    except OSError as e:
        raise UserError(f"{path}: cannot read the trace ({e.strerror or e})") from e


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=file))


def _events(file: IO[bytes]) -> Iterator[Event | BrokenEvent]:
    number = 0
    try:
        for number, line, is_whole in _lines(file):
            if line.strip():
                yield _event(number, line, is_whole)
    except (EOFError, zlib.error, gzip.BadGzipFile) as e:
        reason = f"the file breaks off here or is damaged ({one_line(str(e), 80)})"
        yield BrokenEvent(line=number + 1, reason=reason, torn=isinstance(e, EOFError))


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Number and bytes of each line, and whether it has its end; of one too long, the beginning."""
    for number, (_, data, is_whole) in enumerate(bounded_lines(file, MAX_LINE), 1):
        yield number, data.removeprefix(_BOM) if number == 1 else data, is_whole


def _event(number: int, line: bytes, is_whole: bool) -> Event | BrokenEvent:
    if len(line) > MAX_LINE:
        return BrokenEvent(line=number, reason=f"is longer than {MAX_LINE >> 20} MiB")
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        reason = f"is no event ({one_line(str(e), 120)})"
        return BrokenEvent(line=number, reason=reason, torn=not is_whole)
