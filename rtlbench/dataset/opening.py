"""Files of training data, by path or URL, plain or packed: what they are, and opened to be read."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, Any

import fsspec
import msgspec

from rtlbench.dataset.zstd import ZstdStream
from rtlbench.errors import UserError

_CHUNK = 1 << 20
COMPRESSED = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}


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


@contextmanager
def opened(source: Input) -> Iterator[IO[bytes]]:
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
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return UserError(f"{url}: cannot read it ({told}); give a JSONL or Parquet file, or its URL")
