"""Which records stay, and in how many copies. Pure; a few dozen bytes a record.

In this order: weights, caps of sources, caps of categories, balance. Where not all can stay, those
whose function was judged go before those where nothing could tell, one copy of each goes before a
second of any, and beyond that a hash of the text decides; so the choice follows from what the
records are, not from where they stand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median_low

import msgspec
import numpy as np
from numpy.typing import NDArray

from rtlbench.dataset.combine.recipe import Recipe

CHOSEN = 0
REASONS = ("", "weight", "cap.source", "cap.category", "balance")
"""Why a record is left out, by the number in `Choice.why`."""


class Group(msgspec.Struct, frozen=True):
    """Records of one source and one category."""

    source: str
    category: str


class Choice(msgspec.Struct, frozen=True):
    """What becomes of each record."""

    copies: NDArray[np.int64]
    why: NDArray[np.uint8]
    """Where there are no copies: the place in `REASONS`."""


def choose(
    groups: Sequence[Group],
    group_of: NDArray[np.int32],
    ranks: NDArray[np.uint8],
    digests: NDArray[np.uint64],
    recipe: Recipe,
) -> Choice:
    """Copies of each record.

    Args:
        groups: All that there are.
        group_of: Each record's place in `groups`; -1 for one that is out already.
        ranks: The lower, the sooner a record stays.
        digests: Hash of each record.
    """
    order = np.lexsort((digests, ranks))
    copies = _weighted(groups, group_of, order, recipe.weight)
    choice = _Choosing(group_of, order, copies)
    sources = [g.source for g in groups]
    categories = [g.category for g in groups]
    choice.limit("cap.source", sources, _caps("source", recipe.cap))
    choice.limit("cap.category", categories, _caps("category", recipe.cap))
    if recipe.balance is not None:
        counts = choice.counts(categories)
        most = math.floor(recipe.balance * median_low(counts.values())) if counts else 0
        choice.limit("balance", categories, dict.fromkeys(counts, most))
    return choice.made()


def _caps(kind: str, caps: Mapping[str, int]) -> dict[str, int]:
    start = f"{kind}:"
    return {name.removeprefix(start): n for name, n in caps.items() if name.startswith(start)}


def _weighted(
    groups: Sequence[Group],
    group_of: NDArray[np.int32],
    order: NDArray[np.int64],
    weights: Mapping[str, float],
) -> NDArray[np.int64]:
    copies = np.zeros(len(group_of), np.int64)
    for number, group in enumerate(groups):
        weight = weights.get(f"source:{group.source}", 1.0)
        weight *= weights.get(f"category:{group.category}", 1.0)
        members = order[group_of[order] == number]
        copies[members] = math.floor(weight)
        copies[members[: round((weight - math.floor(weight)) * len(members))]] += 1
    return copies


class _Choosing:
    """Copies in the order in which they stay, cut from the back."""

    def __init__(
        self, group_of: NDArray[np.int32], order: NDArray[np.int64], copies: NDArray[np.int64]
    ) -> None:
        self._size = len(group_of)
        layers = [order[copies[order] > k] for k in range(int(copies.max(initial=0)))]
        self._items = np.concatenate(layers) if layers else np.zeros(0, np.int64)
        self._groups = group_of[self._items]
        self._why = np.where(copies > 0, CHOSEN, REASONS.index("weight")).astype(np.uint8)

    def counts(self, names: Sequence[str]) -> dict[str, int]:
        """Copies by the name of their group."""
        found: dict[str, int] = {}
        for name, count in zip(names, np.bincount(self._groups, minlength=len(names)), strict=True):
            if count:
                found[name] = found.get(name, 0) + int(count)
        return found

    def limit(self, reason: str, names: Sequence[str], most: Mapping[str, int]) -> None:
        """Keep of the groups of each name no more copies than `most` says."""
        for name, count in most.items():
            numbers = [k for k, n in enumerate(names) if n == name]
            places = np.flatnonzero(np.isin(self._groups, numbers))
            self._drop(places[count:], reason)

    def _drop(self, places: NDArray[np.int64], reason: str) -> None:
        dropped = self._items[places]
        self._items = np.delete(self._items, places)
        self._groups = np.delete(self._groups, places)
        gone = np.setdiff1d(dropped, self._items)
        self._why[gone] = REASONS.index(reason)

    def made(self) -> Choice:
        """What is left."""
        return Choice(np.bincount(self._items, minlength=self._size), self._why)
