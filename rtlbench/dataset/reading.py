"""Training data as it comes: JSONL or Parquet, plain, gzip or zstd, a path or a URL.

Guarantee: memory does not grow with the input, input that is no Record is given as Broken with
its place and reason, and neither stops the reading; nor does a file that breaks off, whose rest
is one more Broken.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, Any

import fsspec
import msgspec

from rtlbench.dataset.record import Broken, Placed
from rtlbench.dataset.shapes import ShapeError, to_record
from rtlbench.dataset.zstd import ZstdStream
from rtlbench.errors import UserError
from rtlbench.lines import bounded_lines
from rtlbench.untrusted import one_line

MAX_LINE = 16 << 20
"""Bytes; no example is as long."""
RAW_KEPT = 1024
_CHUNK = 1 << 20
BATCH_ROWS = 32
"""Of Parquet: few, since a long text that rows share stands in the file once."""
COMPRESSED = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}
_BOM = b"\xef\xbb\xbf"


class Input(msgspec.Struct, frozen=True):
    """What a name says of a file."""

    url: str
    name: str
    """The file's own name, for messages."""
    compression: str | None
    is_parquet: bool


def input_of(url: str) -> Input:
    """What `url` names, by its suffixes."""
    path = PurePosixPath(url.split("?", maxsplit=1)[0])
    compression = COMPRESSED.get(path.suffix.lower())
    inner = PurePosixPath(path.stem) if compression else path
    return Input(url, path.name, compression, inner.suffix.lower() in (".parquet", ".pq"))


def read_records(url: str) -> Iterator[Placed | Broken]:
    """Every record of a file, in order.

    Args:
        url: A path, or a URL that fsspec understands.

    Raises:
        UserError: The file cannot be opened, or is of no kind that can be read.
    """
    source = input_of(url)
    with _opened(source) as file:
        yield from _rows(source, file) if source.is_parquet else _lines(source, file)


def size_of(url: str) -> int | None:
    """The file's size in bytes, as stored; None where that is not known.

    Raises:
        UserError: There is no such file.
    """
    try:
        system, path = fsspec.core.url_to_fs(url)
        size = system.info(path).get("size")
    except (OSError, ValueError, ImportError) as e:
        raise _cannot_open(url, e) from e
    return size if isinstance(size, int) else None


def file_hash(url: str) -> str:
    """SHA-256 of a file as it is stored, hex.

    Raises:
        UserError: It cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with fsspec.open(url, "rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except (OSError, ValueError) as e:
        raise UserError(f"{url}: cannot read it ({e})") from e
    return digest.hexdigest()


@contextmanager
def _opened(source: Input) -> Iterator[IO[bytes]]:
    packed = source.compression == "zstd"
    over_http = source.url.startswith(("http://", "https://"))
    # A web server need not give parts of a file; Parquet cannot do without.
    streamed = {"block_size": 0} if over_http and not source.is_parquet else {}
    unpacker = None if packed else source.compression
    try:
        file = fsspec.open(source.url, "rb", compression=unpacker, **streamed).open()
    except (OSError, ValueError, ImportError) as e:
        raise _cannot_open(source.url, e) from e
    with io.BufferedReader(ZstdStream(file)) if packed else file as stream:
        yield io.BufferedReader(_Raw(stream)) if streamed else stream


class _Raw(io.RawIOBase):
    """A file that can only be read on, as a raw stream."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _cannot_open(url: str, error: Exception) -> UserError:
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return UserError(f"{url}: cannot read it ({told}); give a JSONL or Parquet file, or its URL")


# JSONL.


def _lines(source: Input, file: IO[bytes]) -> Iterator[Placed | Broken]:
    index = 0
    for number, raw, problem in _raw_lines(file):
        line = raw.removeprefix(_BOM) if number == 1 else raw
        if number == 1:
            _refuse_json_list(source, line)
        if not problem and not line.strip():
            continue
        yield _from_line(index, f"{source.name}:{number}", line, problem)
        index += 1


def _raw_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes, str]]:
    """Number, bytes and what is wrong with each line; of one too long, only its beginning."""
    number = 0
    try:
        for number, (_, raw, _) in enumerate(bounded_lines(file, MAX_LINE), 1):
            if len(raw) > MAX_LINE:
                yield number, raw[:RAW_KEPT], f"the line is longer than {MAX_LINE >> 20} MiB"
            else:
                yield number, raw, ""
    except Exception as e:  # noqa: BLE001 - each codec has errors of its own
        yield number + 1, b"", f"the file breaks off here or is damaged ({e})"


def _refuse_json_list(source: Input, line: bytes) -> None:
    if line.lstrip()[:1] == b"[":
        raise UserError(
            f"{source.url}: holds one JSON list; give a record a line: jq -c '.[]' FILE > NEW"
        )


def _from_line(index: int, where: str, line: bytes, problem: str) -> Placed | Broken:
    try:
        if problem:
            raise ShapeError(problem)
        return Placed(index=index, where=where, record=to_record(_decoded(line)))
    except (ShapeError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raw = line[:RAW_KEPT].decode("utf-8", "replace")
        return Broken(index=index, where=where, reason=_told(e), raw=raw)


def _decoded(line: bytes) -> Any:
    found = msgspec.json.decode(line)
    # msgspec lets the last of two equal keys win; which one was meant nobody knows.
    json.loads(line, object_pairs_hook=_refuse_twins)
    return found


def _refuse_twins(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise ShapeError(f"field {name[:80]!r} is given twice")
        seen.add(name)


# Parquet.


def _rows(source: Input, file: IO[bytes]) -> Iterator[Placed | Broken]:
    table = _parquet_file(source, file)
    batches = table.iter_batches(batch_size=BATCH_ROWS)
    index = 0
    while True:
        try:
            batch = next(batches, None)
        except Exception as e:  # noqa: BLE001 - each codec has errors of its own
            reason = one_line(f"the file breaks off here or is damaged ({e})")
            yield Broken(index=index, where=f"{source.name}:{index + 1}", reason=reason)
            return
        if batch is None:
            return
        for at in range(batch.num_rows):
            yield _from_row(index, f"{source.name}:{index + 1}", batch.slice(at, 1))
            index += 1


def _parquet_file(source: Input, file: IO[bytes]) -> Any:
    pyarrow = parquet_library()
    try:
        table = pyarrow.parquet.ParquetFile(file)
        names = table.schema_arrow.names
    except (pyarrow.ArrowException, OSError, ValueError) as e:
        raise _cannot_open(source.url, e) from e
    twin = next((n for n, count in Counter(names).items() if count > 1), None)
    if twin is not None:
        raise UserError(f"{source.url}: column {twin[:80]!r} is there twice; leave one of them out")
    return table


def parquet_library() -> Any:
    """pyarrow, with its Parquet part.

    Raises:
        UserError: It is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as e:
        raise UserError("Parquet needs pyarrow: pip install 'rtlbench[data]'") from e
    return pyarrow


def _from_row(index: int, where: str, row: Any) -> Placed | Broken:
    """The record in a table of one row."""
    found: Any = None
    try:
        found = row.to_pylist()[0]
        # Dates and decimals as JSON has them, and what JSON has not as it is printed.
        plain = msgspec.json.decode(msgspec.json.encode(found, enc_hook=str))
        return Placed(index=index, where=where, record=to_record(plain))
    except _NO_ROW as e:
        raw = "" if found is None else repr(found)[:RAW_KEPT]
        return Broken(index=index, where=where, reason=_told(e), raw=raw)


_NO_ROW = (ValueError, OverflowError, TypeError, LookupError, RecursionError, msgspec.MsgspecError)
"""What pyarrow raises of text that is none, dates out of range and the like, and what we do."""


def _told(error: Exception) -> str:
    return one_line(str(error)) or type(error).__name__
