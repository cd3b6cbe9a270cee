"""zstd as a stream of bytes: every frame of a file, and an error where it breaks off."""

from __future__ import annotations

import io
from typing import IO, Any

import zstandard

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
