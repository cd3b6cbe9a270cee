"""Files of training data: their size and hash, and written: JSONL or Parquet, plain, gzip or zstd.

Guarantee: a file that is written appears under its name whole or not at all; it is written beside
it as `NAME.part` first. The same records give the same bytes (of Parquet, with the same pyarrow).
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import fsspec
import msgspec

from rtlbench.errors import UserError
from rtlbench.intake.files import COMPRESSED, PARQUET, cannot_open, input_of, parquet_library
from rtlbench.io.atomic import refuse_device, sync_folder
from rtlbench.records.example import Record

_CHUNK = 1 << 20
ENDINGS = (".jsonl", *PARQUET, *COMPRESSED)
"""Of files that are written."""


def size_of(url: str) -> int | None:
    """The file's size in bytes, as stored; None where that is not known.

    Raises:
        UserError: There is no such file.
    """
    try:
        system, path = fsspec.core.url_to_fs(url)
        size = system.info(path).get("size")
    except (OSError, ValueError, ImportError) as e:
        raise cannot_open(url, e) from e
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


def refuse_input_as_output(
    out: Path, inputs: Sequence[str], which: str = "the input"
) -> None:
    """Raise UserError where `out` is one of the inputs."""
    for url in inputs:
        if out.exists() and Path(url).exists() and out.samefile(url):
            raise UserError(f"--out {out}: that is {which}; choose another file")


def refuse_other_ending(out: Path) -> None:
    """Raise UserError where the name does not say what to write."""
    if out.suffix not in ENDINGS:
        raise UserError(f"--out {out}: end it in .jsonl, .parquet, .jsonl.gz or .jsonl.zst")


ROW_GROUP = 2048
"""Rows of Parquet that are written together."""


class Writer(Protocol):
    """Takes records, one at a time."""

    def write(self, record: msgspec.Struct) -> None:
        """Add one."""
        ...


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A Writer for `path`; the file is there once the block ends without an error.

    Raises:
        UserError: The folder cannot be written to, or a library is missing.
    """
    kind = input_of(path.name)
    part = path.with_name(f"{path.name}.part")
    try:
        refuse_device(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            if kind.is_parquet:
                with _parquet(file) as rows:
                    yield rows
            else:
                with _compressed(file, kind.compression) as stream:
                    yield _Lines(stream)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as e:
        raise UserError(f"{path}: cannot write it ({e.strerror}); choose another place") from e
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _compressed(file: IO[bytes], compression: str | None) -> Iterator[IO[bytes]]:
    if compression == "gzip":
        with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as stream:
            yield stream  # type: ignore[misc]  # GzipFile is a stream of bytes
    elif compression == "zstd":
        import zstandard

        with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed:
            yield packed
    else:
        yield file


class _Lines:
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, record: msgspec.Struct) -> None:
        self._stream.write(msgspec.json.encode(record) + b"\n")


class _Rows:
    """Records as rows of text; metadata, which has no fixed form, as JSON."""

    def __init__(self, pyarrow: Any, table: Any, schema: Any) -> None:
        self._pyarrow, self._table, self._schema = pyarrow, table, schema
        self._rows: list[dict[str, str | None]] = []

    def write(self, record: msgspec.Struct) -> None:
        assert isinstance(record, Record)
        metadata = msgspec.json.encode(record.metadata).decode()
        self._rows.append(
            {
                "instruction": record.instruction,
                "output": record.output,
                "testbench": record.testbench,
                "metadata": metadata,
            }
        )
        if len(self._rows) >= ROW_GROUP:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            self._table.write_table(self._pyarrow.Table.from_pylist(self._rows, self._schema))
            self._rows = []


@contextmanager
def _parquet(file: IO[bytes]) -> Iterator[_Rows]:
    pyarrow = parquet_library()
    names = ("instruction", "output", "testbench", "metadata")
    schema = pyarrow.schema([(name, pyarrow.string()) for name in names])
    with pyarrow.parquet.ParquetWriter(file, schema) as table:
        rows = _Rows(pyarrow, table, schema)
        yield rows
        rows.flush()
