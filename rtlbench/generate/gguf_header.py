"""What a GGUF file says of itself: its words and its tensors' names and sizes, none of the numbers.

Read by ourselves, in some hundredths of a second: so a file that is damaged, a part of a model or
no GGUF at all is told before anything heavy is imported. Nothing of the file is trusted: counts are
held against its size.
"""

from __future__ import annotations

import mmap
import struct
from math import prod
from pathlib import Path
from typing import Any

import msgspec

MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_FIXED = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""Types of values by their number in the file, as `struct` writes them."""
_STRING, _ARRAY = 8, 9
_DIMENSIONS = 8


class Header(msgspec.Struct, frozen=True):
    """The beginning of a file."""

    words: dict[str, Any]
    """Values by key; of an array its length."""
    tensors: dict[str, int]
    """How many numbers each holds, by name."""

    @property
    def architecture(self) -> str:
        """Such as `qwen2`."""
        return str(self.words.get("general.architecture", ""))


class _Reader:
    def __init__(self, held: mmap.mmap) -> None:
        self._held, self._at = held, 0

    def fixed(self, form: str) -> Any:
        found = struct.unpack_from("<" + form, self._held, self._at)
        self._at += struct.calcsize("<" + form)
        return found[0]

    def text(self) -> str:
        length = self.fixed("Q")
        self.skip(length)
        return self._held[self._at - length : self._at].decode("utf-8", "replace")

    def skip(self, length: int) -> None:
        if length > len(self._held) - self._at:
            raise ValueError("it breaks off")
        self._at += length

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._array()
        if kind not in _FIXED:
            raise ValueError(f"a value of the unknown kind {kind}")
        return self.fixed(_FIXED[kind])

    def _array(self) -> int:
        kind, length = self.fixed("I"), self.fixed("Q")
        if kind == _STRING:
            for _ in range(length):
                self.skip(self.fixed("Q"))
        elif kind in _FIXED:
            self.skip(length * struct.calcsize("<" + _FIXED[kind]))
        else:
            raise ValueError(f"an array of the unknown kind {kind}")
        return int(length)

    def tensor(self) -> tuple[str, int, int]:
        """Its name, how many numbers it holds, and where in the data it begins."""
        name, dimensions = self.text(), self.fixed("I")
        if dimensions > _DIMENSIONS:
            raise ValueError(f"a tensor of {dimensions} dimensions")
        count = prod(self.fixed("Q") for _ in range(dimensions))
        self.fixed("I")  # how it is stored
        return name, count, self.fixed("Q")


def read_header(path: Path) -> Header:
    """The beginning of a GGUF file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is none, or is damaged.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise ValueError("no GGUF file, whatever its name says")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
            try:
                return _read(_Reader(held))
            except struct.error as e:
                raise ValueError("it breaks off") from e


def _read(reader: _Reader) -> Header:
    reader.skip(len(MAGIC))
    version = reader.fixed("I")
    if version not in _VERSIONS:
        raise ValueError(f"of version {version}, which is not known")
    tensors, words = reader.fixed("Q"), reader.fixed("Q")
    found = {reader.text(): reader.value(reader.fixed("I")) for _ in range(words)}
    every = [reader.tensor() for _ in range(tensors)]
    reader.skip(max((at for *_, at in every), default=0))
    return Header(found, {name: count for name, count, _ in every})
