"""What a fuzz target is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from fuzz.choices import Choices

C = TypeVar("C", bound=msgspec.Struct)


def no_seeds() -> list[bytes]:
    """For a target whose cases random choices make well enough."""
    return []


class TextCase(msgspec.Struct, frozen=True):
    """A text, and the top module asked for."""

    text: str
    top: str | None = None


class Target(msgspec.Struct, Generic[C], frozen=True, kw_only=True):
    """One promise of the harness, and how to try to break it.

    `check` raises where the promise does not hold; it returns True where the case went all the
    way, and False where it was refused early. What it is given is JSON: a find can be kept.
    """

    case: type[C]
    make: Callable[[Choices], C]
    check: Callable[[C], bool]
    share: int
    """Of the time, in hundredths."""
    timeout: int = 120
    """Seconds; far above what a case takes on a busy machine."""
    seeds: Callable[[], list[bytes]] = no_seeds
    """Choices to start from, beside random ones."""
