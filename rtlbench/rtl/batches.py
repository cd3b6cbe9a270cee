"""Batches: many items in one call of a tool, and those at fault found where such a call breaks.

Guarantee: an item's result does not hang on its neighbours. What breaks a call is found by
splitting: items that the tool named go alone and the others together again; where it named none,
the batch is cut into parts. What breaks alone is at fault itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")
ReasonT = TypeVar("ReasonT")

PARTS = 8
"""A batch in which nobody is named is cut into this many: one of 64 that hangs costs three calls
that time out."""
ROUNDS = 4
"""So many times in a row those named are taken out; then the batch is cut, whoever is named."""


@dataclass(frozen=True)
class BrokenBatch(Generic[ReasonT]):
    """A call that gave no results."""

    reason: ReasonT
    named: frozenset[int] = frozenset()
    """Places in the batch of the items that the tool named."""


def in_batches(
    items: Sequence[ItemT],
    attempt: Callable[[Sequence[ItemT]], list[ResultT] | BrokenBatch[ReasonT]],
    alone: Callable[[ItemT, ReasonT], ResultT],
    *,
    key: Callable[[ItemT], Hashable] = lambda _: None,
    most: int | None = None,
) -> list[ResultT]:
    """The result of every item, in order.

    Args:
        attempt: Results for a batch in one call, or how the call broke.
        alone: The result of an item over which a call breaks that has no other item.
        key: Only items with equal keys share a call.
        most: Items in a call.
    """
    results: dict[int, ResultT] = {}
    for places in _batches(items, key, most or max(1, len(items))):
        made = _settled([items[k] for k in places], attempt, alone, ROUNDS)
        results.update(zip(places, made, strict=True))
    return [results[k] for k in range(len(items))]


def _batches(
    items: Sequence[ItemT], key: Callable[[ItemT], Hashable], most: int
) -> Iterator[list[int]]:
    """Places of items that share a call."""
    by_key: dict[Hashable, list[int]] = {}
    for k, item in enumerate(items):
        by_key.setdefault(key(item), []).append(k)
    for places in by_key.values():
        yield from (places[at : at + most] for at in range(0, len(places), most))


def _settled(
    items: Sequence[ItemT],
    attempt: Callable[[Sequence[ItemT]], list[ResultT] | BrokenBatch[ReasonT]],
    alone: Callable[[ItemT, ReasonT], ResultT],
    rounds: int,
) -> list[ResultT]:
    made = attempt(items)
    if not isinstance(made, BrokenBatch):
        return made
    if len(items) == 1:
        return [alone(items[0], made.reason)]
    named = sorted(made.named) if rounds else []
    rest = [k for k in range(len(items)) if k not in named]
    size = max(1, len(rest) if named else -(-len(rest) // PARTS))
    parts = [[k] for k in named] + [rest[at : at + size] for at in range(0, len(rest), size)]
    results: dict[int, ResultT] = {}
    for part in parts:
        left = rounds - 1 if named else ROUNDS
        found = _settled([items[k] for k in part], attempt, alone, left)
        results.update(zip(part, found, strict=True))
    return [results[k] for k in range(len(items))]


class Unit(msgspec.Struct, frozen=True):
    """One candidate for Yosys: text with its modules renamed, and its top module's new name."""

    text: str
    top: str
    alone: bool = False
    """True where it holds more than modules, which would reach its neighbours in a batch."""


LINED = ('"', "`", "//", "/*")
"""What white space belongs to."""
_WHITE = " \t\n"
_SPACE = re.compile(f"[{_WHITE}]+")


def words_of(text: str) -> str:
    """The same for texts that differ in white space alone, where white space has no meaning: not in
    a string, and not in what ends with its line, as a comment or a directive does."""
    if any(mark in text for mark in LINED):
        return text
    return " ".join(_SPACE.split(text.strip(_WHITE)))


def own_company(unit: Unit) -> Hashable:
    """What units in one call of a tool have in common (rtlbench.rtl.batches)."""
    return object() if unit.alone else None
