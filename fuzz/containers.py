"""Files as packers make them, and as bad disks and bad wishes leave them."""

from __future__ import annotations

import gzip

import zstandard

from fuzz.choices import Choices
from rtlbench.intake.rows import MAX_LINE

_RUBBISH = (
    b"", b"\0", b"\0" * 64, b"\xff" * 8, b"PAR1", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\n",
)  # fmt: skip

OVERLONG = MAX_LINE + (1 << 20)
"""Bytes of a line that is refused for its length: packed, they are few."""


def packed(c: Choices, plain: bytes, compression: str | None) -> bytes:
    """`plain` in one or several pieces, each packed by itself."""
    if compression is None:
        return plain
    if c.one_in(40):
        plain += b"x" * OVERLONG
    cut = c.integer(0, len(plain)) if c.one_in(3) else 0
    return b"".join(_piece(c, part, compression) for part in (plain[:cut], plain[cut:]))


def _piece(c: Choices, part: bytes, compression: str) -> bytes:
    if compression == "gzip":
        return gzip.compress(part, c.pick((1, 9, 0)), mtime=0)
    tool = zstandard.ZstdCompressor(
        level=c.pick((1, 19)), write_checksum=c.one_in(2), write_content_size=c.one_in(2)
    )
    frame = tool.compress(part)
    return frame + b"\x50\x2a\x4d\x18\x04\0\0\0skip" if c.one_in(4) else frame


def unpacked(data: bytes, compression: str | None) -> bytes:
    """What an undamaged file holds."""
    if compression == "gzip":
        return gzip.decompress(data)
    if compression == "zstd":
        with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as file:
            return file.read()
    return data


def broken(c: Choices, data: bytes) -> bytes:
    """`data` cut off, with bytes changed, taken out, doubled or put in."""
    for _ in range(c.integer(1, 3)):
        at, length = c.integer(0, len(data)), c.pick((1, 4, 1, 64, len(data)))
        kind = c.integer(0, 4)
        if kind == 0:
            data = data[:at]
        elif kind == 1:
            data = data[:at] + c.raw(length if length <= 64 else 8) + data[at + min(length, 8) :]
        elif kind == 2:
            data = data[:at] + c.pick(_RUBBISH) + data[at:]
        elif kind == 3:
            data = data[:at] + data[at + length :]
        else:
            data = data[:at] + data[at : at + length] + data[at:]
    return data
