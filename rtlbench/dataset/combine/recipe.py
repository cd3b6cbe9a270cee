"""How sets are combined: weights, caps and the rest, from a TOML file, the command line, or both.

A name stands for a category where there is one of that name, else for a source; `source:NAME` and
`category:NAME` say which. A TOML recipe has the options' own words:

    threshold = 0.95
    balance = 3
    per_function = 4
    against = ["rtlbench", "rtllm=suites/RTLLM"]
    [weight]
    nightly = 2
    [cap]
    fsm = 500
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from rtlbench.dataset.similarity.likes import FEW, Likes, check_likes
from rtlbench.errors import UserError
from rtlbench.io.toml_file import read_toml
from rtlbench.suites.category import CATEGORIES

MAX_WEIGHT = 100.0
OWN_SUITE = "rtlbench"
NO_SUITE = "none"
_KINDS = ("source", "category")


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken, and how much of it."""

    threshold: float = 0.95
    """Verified records with a lower score are left out."""
    weight: dict[str, float] = {}
    """Copies by `source:NAME` or `category:NAME`; a record's two weights multiply."""
    cap: dict[str, int] = {}
    """Records at most, by the same names, counted after the weights."""
    balance: float | None = None
    """No category has more than so many times the records of the median category."""
    against: tuple[str, ...] = (OWN_SUITE,)
    """Suites that the result must hold nothing of."""
    duplicates: Literal["none", "exact", "function"] = "function"
    """What counts as alike (rtlbench.dataset.similarity.likes)."""
    per_function: int = FEW
    """Records that are alike and stay."""
    allow_unverified: bool = False
    seed: int = 0
    """Chooses which records stay where not all can."""

    @property
    def likes(self) -> Likes:
        """What counts as alike, and how much of it stays."""
        return Likes(duplicates=self.duplicates, per_function=self.per_function)


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
    return {_full_name(name): number for name, number in given.items()}


def _full_name(name: str) -> str:
    kind, colon, _ = name.partition(":")
    if colon and kind in _KINDS:
        return name
    return f"category:{name}" if name in CATEGORIES else f"source:{name}"


def _check(recipe: Recipe) -> None:
    check_likes(recipe.likes)
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
