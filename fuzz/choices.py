"""Where a generator's choices come from: a fuzzer's bytes, or hypothesis.

The generators ask for small integers and raw bytes and nothing else, so that one grammar serves
both: a coverage-guided fuzzer changes the bytes, hypothesis draws and shrinks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Choices(ABC):
    """Answers to the generators' questions."""

    @abstractmethod
    def integer(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both included."""

    @abstractmethod
    def raw(self, most: int) -> bytes:
        """At most `most` bytes of any value."""

    def pick(self, options: Sequence[T]) -> T:
        """One of `options`."""
        return options[self.integer(0, len(options) - 1)]

    def one_in(self, count: int) -> bool:
        """True in one of `count` cases; False when nothing is left to choose by."""
        return self.integer(0, count - 1) == count - 1

    def many(self, least: int, most: int, make: Callable[[Choices], T]) -> list[T]:
        """From `least` to `most` of what `make` makes."""
        return [make(self) for _ in range(self.integer(least, most))]


class ByteChoices(Choices):
    """Choices read off a fuzzer's bytes; when they run out, the lowest of everything."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def integer(self, low: int, high: int) -> int:
        """See `Choices.integer`; takes as many bytes as the range needs."""
        size = max(1, ((high - low).bit_length() + 7) // 8)
        taken = int.from_bytes(self.raw(size), "little")
        return low + taken % (high - low + 1)

    def raw(self, most: int) -> bytes:
        """See `Choices.raw`."""
        taken = self._data[self._at : self._at + most]
        self._at += len(taken)
        return taken


class DrawnChoices(Choices):
    """Choices drawn by hypothesis, which shrinks them."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], object]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        """See `Choices.integer`."""
        drawn = self._draw(st.integers(low, high))
        assert isinstance(drawn, int)
        return drawn

    def raw(self, most: int) -> bytes:
        """See `Choices.raw`."""
        drawn = self._draw(st.binary(max_size=min(most, 4096)))
        assert isinstance(drawn, bytes)
        return drawn
