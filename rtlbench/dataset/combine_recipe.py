"""How sets are combined: the recipe (a TOML file, the command line, or both), and what it selects.

A name stands for a category where there is one of that name, else for a source; `source:NAME` and
`category:NAME` say which. A TOML recipe has the options' own words:

    threshold = 0.95
    accept = "attested"
    balance = 3
    per_function = 4
    against = ["rtlbench", "rtllm=suites/RTLLM"]
    [weight]
    nightly = 2
    [cap]
    fsm = 500

Applied in this order: weights, caps of sources, caps of categories, balance. Where not all can
stay, what is proven goes before what is attested, and that before the rest; one copy of each
goes before a second of any, and beyond that a hash of the text decides; so the selection follows
from what the records are, not from where they stand. It takes a few dozen bytes a record.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median_low
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from rtlbench.dataset.similarity import FEW, DuplicateRule
from rtlbench.errors import UserError
from rtlbench.io.configuration import read_toml
from rtlbench.records.tier import DEFAULT_ACCEPT, Tier
from rtlbench.suites.category import CATEGORIES

MAX_WEIGHT = 100.0
OWN_SUITE = "rtlbench"
NO_SUITE = "none"
_KINDS = ("source", "category")


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken, and how much of it."""

    threshold: float = 0.95
    """Verified records with a lower score are left out."""
    accept: Tier = DEFAULT_ACCEPT
    """Verified records of a lower tier are left out."""
    weight: dict[str, float] = {}
    """Copies by `source:NAME` or `category:NAME`; a record's two weights multiply."""
    cap: dict[str, int] = {}
    """Records at most, by the same names, counted after the weights."""
    balance: float | None = None
    """No category has more than so many times the records of the median category."""
    keep: tuple[str, ...] = ()
    """Sources that stay before others where not all can; those with a weight above 1 do so too."""
    against: tuple[str, ...] = (OWN_SUITE,)
    """Suites that the result must hold nothing of."""
    duplicates: Literal["none", "exact", "function"] = "function"
    """What counts as alike (rtlbench.dataset.similarity)."""
    per_function: int = FEW
    """Records that are alike and stay."""
    allow_unverified: bool = False
    seed: int = 0
    """Chooses which records stay where not all can."""

    @property
    def duplicate_rule(self) -> DuplicateRule:
        """What counts as alike, and how much of it stays."""
        return DuplicateRule(duplicates=self.duplicates, per_function=self.per_function)


def read_recipe(path: Path | None, changes: Mapping[str, Any]) -> Recipe:
    """The Recipe of a TOML file, or the default one, with what the command line says instead.

    Args:
        changes: Values by the Recipe's words; names in `weight` and `cap` as people write them,
            which are added to the file's.

    Raises:
        UserError: The file cannot be read, or a value makes no sense.
    """
    words = read_toml(path, "recipe") if path is not None else {}
    for table in ("weight", "cap"):
        given = words.get(table, {})
        if not isinstance(given, dict):
            raise UserError(f"{path}: {table} is a table: [{table}], then NAME = NUMBER")
        words[table] = _full_names(given) | _full_names(changes.get(table, {}))
    words |= {k: v for k, v in changes.items() if k not in ("weight", "cap")}
    try:
        recipe = msgspec.convert(words, Recipe)
    except msgspec.ValidationError as e:
        raise UserError(f"{path or 'options'}: {e}") from e
    _check(recipe)
    return recipe


def pairs(option: str, given: Iterable[str]) -> dict[str, float]:
    """`NAME=NUMBER` as the command line has it, by name.

    Raises:
        UserError: One is none.
    """
    found: dict[str, float] = {}
    for text in given:
        name, equals, number = text.rpartition("=")
        try:
            if not (name and equals):
                raise ValueError
            found[name] = int(number) if number.isdecimal() else float(number)
        except ValueError:
            raise UserError(f"{option} {text}: give NAME=NUMBER") from None
    return found


def _full_names(given: Mapping[str, Any]) -> dict[str, Any]:
    return {full_name(name): number for name, number in given.items()}


def full_name(name: str) -> str:
    """`source:NAME` or `category:NAME` of a name as people write it."""
    kind, colon, _ = name.partition(":")
    if colon and kind in _KINDS:
        return name
    return f"category:{name}" if name in CATEGORIES else f"source:{name}"


def _check(recipe: Recipe) -> None:
    recipe.duplicate_rule.check()
    for name, weight in recipe.weight.items():
        if not 0.0 <= weight <= MAX_WEIGHT:
            raise UserError(f"weight {name}={weight:g}: give a number from 0 to {MAX_WEIGHT:g}")
    for name, cap in recipe.cap.items():
        if cap < 0:
            raise UserError(f"cap {name}={cap}: give a number of records, 0 or more")
    if not 0.0 <= recipe.threshold <= 1.0:
        raise UserError(f"threshold {recipe.threshold:g}: give a number from 0 to 1")
    if recipe.balance is not None and not (math.isfinite(recipe.balance) and recipe.balance >= 1):
        raise UserError(f"balance {recipe.balance:g}: give a number of at least 1")


CHOSEN = 0
REASONS = ("", "weight", "cap.source", "cap.category", "balance")
"""Why a record is left out, by the number in `Selection.why`."""


class RecordGroup(msgspec.Struct, frozen=True):
    """Records of one source and one category."""

    source: str
    category: str


class Selection(msgspec.Struct, frozen=True):
    """What becomes of each record."""

    copies: NDArray[np.int64]
    why: NDArray[np.uint8]
    """Where there are no copies: the place in `REASONS`."""


def select(
    groups: Sequence[RecordGroup],
    group_of: NDArray[np.int32],
    ranks: NDArray[np.uint8],
    digests: NDArray[np.uint64],
    recipe: Recipe,
) -> Selection:
    """Copies of each record.

    Args:
        groups: All that there are.
        group_of: Each record's place in `groups`; -1 for one that is out already.
        ranks: The lower, the sooner a record stays.
        digests: Hash of each record.
    """
    order = np.lexsort((digests, ranks, _turns(groups, group_of, recipe)))
    copies = _weighted(groups, group_of, order, recipe.weight)
    selection = _Copies(group_of, order, copies)
    sources = [g.source for g in groups]
    categories = [g.category for g in groups]
    selection.limit("cap.source", sources, _caps("source", recipe.cap))
    selection.limit("cap.category", categories, _caps("category", recipe.cap))
    if recipe.balance is not None:
        counts = selection.counts(categories)
        most = math.floor(recipe.balance * median_low(counts.values())) if counts else 0
        selection.limit("balance", categories, dict.fromkeys(counts, most))
    return selection.result()


def _turns(
    groups: Sequence[RecordGroup], group_of: NDArray[np.int32], recipe: Recipe
) -> NDArray[np.uint8]:
    """0 for each record of a source that stays before others, else 1."""
    first = {*recipe.keep, *(n for n, w in _of_sources(recipe.weight).items() if w > 1)}
    turns = np.array([group.source not in first for group in groups] or [True], np.uint8)
    return turns[group_of]  # -1, a record that is out already, is the last one's: no matter


def _of_sources(table: Mapping[str, float]) -> dict[str, float]:
    start = "source:"
    return {n.removeprefix(start): v for n, v in table.items() if n.startswith(start)}


def _caps(kind: str, caps: Mapping[str, int]) -> dict[str, int]:
    start = f"{kind}:"
    return {name.removeprefix(start): n for name, n in caps.items() if name.startswith(start)}


def _weighted(
    groups: Sequence[RecordGroup],
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


class _Copies:
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

    def result(self) -> Selection:
        """What is left."""
        return Selection(np.bincount(self._items, minlength=self._size), self._why)
