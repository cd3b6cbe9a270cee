"""Files that others wrote, opened by path or URL: plain, gzip or zstd; what a name says of one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, Any

import fsspec
import msgspec
import zstandard

from rtlbench.errors import UserError

COMPRESSED = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}
PARQUET = (".parquet", ".pq")
TABLES = {".csv": ",", ".tsv": "\t"}


class NamedFile(msgspec.Struct, frozen=True):
    """What a name says of a file."""

    url: str
    name: str
    """The file's own name, for messages."""
    compression: str | None
    is_parquet: bool
    delimiter: str | None = None
    """Between the columns of a CSV or TSV; None for what is none."""


def input_of(url: str) -> NamedFile:
    """What `url` names, by its suffixes."""
    path = PurePosixPath(url.split("?", maxsplit=1)[0])
    compression = COMPRESSED.get(path.suffix.lower())
    inner = PurePosixPath(path.stem) if compression else path
    ending = inner.suffix.lower()
    return NamedFile(url, path.name, compression, ending in PARQUET, TABLES.get(ending))


@contextmanager
def opened(source: NamedFile) -> Iterator[IO[bytes]]:
    """A file, unpacked.

    Raises:
        UserError: It cannot be opened.
    """
    packed = source.compression == "zstd"
    over_http = source.url.startswith(("http://", "https://"))
    # A web server need not give parts of a file; Parquet cannot do without.
    streamed = {"block_size": 0} if over_http and not source.is_parquet else {}
    unpacker = None if packed else source.compression
    try:
        file = fsspec.open(source.url, "rb", compression=unpacker, **streamed).open()
    except (OSError, ValueError, ImportError) as e:
        raise cannot_open(source.url, e) from e
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


def cannot_open(url: str, error: Exception) -> UserError:
    """What to tell of a file that cannot be opened."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    advice = "give a JSONL, Parquet or CSV file, or its URL"
    return UserError(f"{url}: cannot read it ({reason}); {advice}")


CHUNK = 1024
"""Bytes read at a time; a few can unpack to 128 KiB, so that this bounds the memory."""


class ZstdStream(io.RawIOBase):
    """What `file` holds, unpacked; a frame that has no end raises EOFError."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._is_within = False
        self._packed = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As of any raw stream."""
        place = memoryview(buffer).cast("B")
        while not self._ready:
            packed = self._packed or self._file.read(CHUNK)
            if not packed:
                if self._is_within:
                    raise EOFError("within a zstd frame")
                return 0
            self._unpack(packed)
        size = min(len(place), len(self._ready))
        place[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _unpack(self, packed: bytes) -> None:
        self._ready = memoryview(self._frame.decompress(packed))
        self._packed, self._is_within = self._frame.unused_data, not self._frame.eof
        if self._frame.eof:
            self._frame = zstandard.ZstdDecompressor().decompressobj()

    def close(self) -> None:
        """Close the file below, too."""
        self._file.close()
        super().close()


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
