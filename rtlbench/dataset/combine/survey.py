"""The first pass over what is combined: what each record is, and whether it is out already.

Guarantee: beside the index of duplicates, thirteen bytes are kept of a record, whatever its size.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from rtlbench.dataset.combine.choice import Group
from rtlbench.dataset.combine.manifest import Removal
from rtlbench.dataset.combine.recipe import Recipe
from rtlbench.dataset.filter.outcome import PLACE
from rtlbench.dataset.reading import read_records
from rtlbench.errors import UserError
from rtlbench.records.example import Broken, Placed, Record
from rtlbench.suites.category import categorise

OUT = -1
"""The group of a record that is left out already."""
Resembles = Callable[[Sequence[Placed]], list[Removal | None]]
"""Says what each record resembles, and remembers it."""


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What combining needs of `metadata.rtlbench`."""

    score: float
    functional: bool | None
    category: str
    candidate_hash: str
    original_output: str | None = None
    refused: str = ""


class Described(msgspec.Struct, frozen=True):
    """A record as combining sees it."""

    group: Group
    judgement: Judgement | None
    """None where it is not verified."""
    doubt: str = ""
    """Why it is not."""


def describe(url: str, record: Record) -> Described:
    """What `record` of the file `url` is."""
    judgement, doubt = _judgement(record)
    given = record.metadata.get("source")
    source = given if isinstance(given, str) and given else _stem(url)
    category = judgement.category if judgement is not None else noted_category(record)
    return Described(Group(source, category), judgement, doubt)


def _judgement(record: Record) -> tuple[Judgement | None, str]:
    given: Any = record.metadata.get(PLACE)
    if given is None:
        return None, f"it has no metadata.{PLACE}"
    try:
        found = msgspec.convert(given, Judgement)
    except msgspec.ValidationError as e:
        return None, f"metadata.{PLACE}: {e}"
    answer = found.original_output if found.original_output is not None else record.output
    digest = hashlib.sha256(answer.encode("utf-8", "surrogatepass")).hexdigest()
    if digest != found.candidate_hash:
        return None, "its answer is not the one that was judged"
    return found, ""


def _stem(url: str) -> str:
    return PurePosixPath(url.split("?", maxsplit=1)[0]).name.split(".")[0]


def noted_category(record: Record) -> str:
    """The category in a record's metadata, else the one that its words name."""
    given = record.metadata.get("category")
    if isinstance(given, str) and given:
        return given
    return categorise(record.instruction, record.output)


class Tally:
    """Counts of one input."""

    def __init__(self) -> None:
        self.records = self.broken = self.unverified = 0


class Survey:
    """What the first pass found.

    Args:
        resembles: Asked of each record that nothing else takes out, in order.
        lot: Records that are compared at a time.
        remove: Called for each record that is left out here.
    """

    def __init__(
        self, recipe: Recipe, resembles: Resembles, lot: int, remove: Callable[[Removal], None]
    ) -> None:
        self._recipe, self._resembles, self._remove = recipe, resembles, remove
        self._lot = lot
        self._numbers: dict[Group, int] = {}
        self._groups, self._ranks, self._digests = array("i"), array("B"), array("Q")
        self.records: Counter[Group] = Counter()
        """All, by group."""
        self.removed: Counter[str] = Counter()
        """By reason."""
        self.resembled: Counter[str] = Counter()

    def read(self, url: str) -> Tally:
        """Read one input.

        Raises:
            UserError: It cannot be read, or holds a record that is not verified.
        """
        tally = Tally()
        found = read_records(url)
        while batch := list(islice(found, self._lot)):
            placed = [f for f in batch if isinstance(f, Placed)]
            tally.records += len(placed)
            for broken in (f for f in batch if isinstance(f, Broken)):
                tally.broken += 1
                detail = broken.reason
                self._leave_out(Removal(where=broken.where, reason="broken", detail=detail))
            self._take(url, placed, tally)
        return tally

    def _take(self, url: str, placed: Sequence[Placed], tally: Tally) -> None:
        described = [self._described(url, p, tally) for p in placed]
        removals = [self._why_out(d, p) for d, p in zip(described, placed, strict=True)]
        left = [k for k, removal in enumerate(removals) if removal is None]
        for k, removal in zip(left, self._resembles([placed[k] for k in left]), strict=True):
            removals[k] = removal
        for d, p, removal in zip(described, placed, removals, strict=True):
            self._note(d, p, removal)

    def _described(self, url: str, placed: Placed, tally: Tally) -> Described:
        described = describe(url, placed.record)
        if described.judgement is None:
            tally.unverified += 1
            if not self._recipe.allow_unverified:
                raise _unverified(url, placed, described.doubt)
        return described

    def _note(self, described: Described, placed: Placed, removal: Removal | None) -> None:
        self.records[described.group] += 1
        group = self._numbers.setdefault(described.group, len(self._numbers))
        self._groups.append(OUT if removal is not None else group)
        self._ranks.append(_rank(described.judgement))
        self._digests.append(digest_of(placed.record, self._recipe.seed))
        if removal is not None:
            self._leave_out(as_of(removal, described.group))

    def _why_out(self, described: Described, placed: Placed) -> Removal | None:
        found = described.judgement
        if found is None:
            return None
        if found.refused:
            return Removal(where=placed.where, reason="refused", detail=found.refused)
        if found.score < self._recipe.threshold:
            return Removal(where=placed.where, reason="score", amount=found.score)
        return None

    def _leave_out(self, removal: Removal) -> None:
        self.removed[removal.reason] += 1
        if removal.reason.startswith("contaminated"):
            self.resembled[removal.like] += 1
        self._remove(removal)

    @property
    def groups(self) -> list[Group]:
        """All groups, in the order of their numbers."""
        return list(self._numbers)

    @property
    def group_of(self) -> NDArray[np.int32]:
        """The number of each record's group, or OUT."""
        return np.frombuffer(self._groups, np.int32)

    @property
    def ranks(self) -> NDArray[np.uint8]:
        """0 where the function was judged, else 1."""
        return np.frombuffer(self._ranks, np.uint8)

    @property
    def digests(self) -> NDArray[np.uint64]:
        """Hash of each record."""
        return np.frombuffer(self._digests, np.uint64)


def _unverified(url: str, placed: Placed, doubt: str) -> UserError:
    return UserError(
        f"{placed.where}: not verified ({doubt}); keep what is right by `rtlbench filter {url}` "
        "and combine that, or give --allow-unverified"
    )


def _rank(judgement: Judgement | None) -> int:
    return 0 if judgement is not None and judgement.functional else 1


def as_of(removal: Removal, group: Group) -> Removal:
    """`removal` with what the record is."""
    return msgspec.structs.replace(removal, source=group.source, category=group.category)


def digest_of(record: Record, seed: int) -> int:
    """Sixty-four bits that stand for a record, another number for another seed."""
    parts = msgspec.json.encode((seed, record.instruction, record.output, record.testbench))
    return int.from_bytes(hashlib.sha256(parts).digest()[:8], "little")


def placed_records(url: str) -> Iterator[Placed]:
    """The records of a file, what is broken left out."""
    return (found for found in read_records(url) if isinstance(found, Placed))
