"""The first pass over what is combined: what each record is, and whether it is out already.

Guarantee: beside the index of duplicates, thirteen bytes are kept of a record, whatever its size.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from rtlbench.dataset.combine_recipe import Recipe, RecordGroup
from rtlbench.dataset.dedupe import DedupeRemoval, Deduplicator
from rtlbench.dataset.filter.seal import doubt_of
from rtlbench.dataset.filter.written import PLACE
from rtlbench.dataset.reading import read_records
from rtlbench.dataset.reviews import Reviewed, Reviews
from rtlbench.errors import UserError
from rtlbench.intake.files import input_of
from rtlbench.records.example import Broken, Placed, Record
from rtlbench.records.tier import Tier, accepts, noted_tier
from rtlbench.suites.category import categorise

RANKS = (*Tier, None)
"""What goes first where not all can stay; None for what no filter has judged."""
OUT = -1
"""The group of a record that is left out already."""


class CombineRemoval(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of NAME.removed.jsonl."""

    where: str
    """File and line."""
    reason: str
    """A key of the manifest's `removed`."""
    source: str = ""
    category: str = ""
    like: str = ""
    """What it resembles: file and line of another record, or a suite's member."""
    amount: float | None = None
    """How much, in [0, 1]."""
    detail: str = ""


class NotedVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What combining needs of `metadata.rtlbench`."""

    score: float
    functional: bool | None
    category: str
    candidate_hash: str
    tier: Tier | None = None
    """Of a record from before there were tiers, what its function says."""
    original_output: str | None = None
    refused: str = ""


class DescribedRecord(msgspec.Struct, frozen=True):
    """A record as combining sees it."""

    group: RecordGroup
    verdict: NotedVerdict | None
    """None where it is not verified."""
    doubt: str = ""
    """Why it is not."""


def describe(url: str, record: Record) -> DescribedRecord:
    """What `record` of the file `url` is."""
    verdict, doubt = _noted_verdict(record)
    given = record.metadata.get("source")
    source = given if isinstance(given, str) and given else _stem(url)
    category = verdict.category if verdict is not None else noted_category(record)
    return DescribedRecord(RecordGroup(source, category), verdict, doubt)


def _noted_verdict(record: Record) -> tuple[NotedVerdict | None, str]:
    given: Any = record.metadata.get(PLACE)
    if given is None:
        return None, f"it has no metadata.{PLACE}"
    try:
        found = msgspec.convert(given, NotedVerdict)
        found = msgspec.structs.replace(found, tier=noted_tier(given))
    except msgspec.ValidationError as e:
        return None, f"metadata.{PLACE}: {e}"
    if doubt := doubt_of(record, given, found.candidate_hash, found.original_output):
        return None, doubt
    return found, ""


def _stem(url: str) -> str:
    return input_of(url).name.split(".")[0]


def noted_category(record: Record) -> str:
    """The category in a record's metadata, else the one that its words name."""
    given = record.metadata.get("category")
    if isinstance(given, str) and given:
        return given
    return categorise(record.instruction, record.output)


class InputCounts:
    """Counts of one input."""

    def __init__(self) -> None:
        self.records = self.broken = self.unverified = 0


class Survey:
    """What the first pass found.

    Args:
        deduplicator: Asked of each record that nothing else takes out, in order.
        remove: Called for each record that is left out here, in the order of the input.
        reviews: What people decided of the records.
    """

    def __init__(
        self,
        recipe: Recipe,
        deduplicator: Deduplicator,
        remove: Callable[[CombineRemoval], None],
        reviews: Reviews | None = None,
    ) -> None:
        self._recipe, self._deduplicator, self._remove = recipe, deduplicator, remove
        self._reviews = reviews or Reviews()
        self._numbers: dict[RecordGroup, int] = {}
        self._groups, self._ranks, self._digests = array("i"), array("B"), array("Q")
        self.records: Counter[RecordGroup] = Counter()
        """All, by group."""
        self.removed: Counter[str] = Counter()
        """By reason."""
        self.resembled: Counter[str] = Counter()

    def read(self, url: str) -> InputCounts:
        """Read one input.

        Raises:
            UserError: It cannot be read, or holds a record that is not verified.
        """
        counts = InputCounts()
        records = read_records(url)
        while lot := list(islice(records, self._deduplicator.lot)):
            reviewed = [self._reviews.of(r) for r in lot if isinstance(r, Placed)]
            placed = [r.placed for r in reviewed]
            described = [self._described(url, p, counts) for p in placed]
            removals = self._removals(described, reviewed)
            counts.records += len(placed)
            surveyed = zip(described, placed, removals, strict=True)
            for record in lot:
                if isinstance(record, Broken):
                    counts.broken += 1
                    where, detail = record.where, record.reason
                    self._leave_out(CombineRemoval(where=where, reason="broken", detail=detail))
                else:
                    self._note(*next(surveyed))
        return counts

    def _described(self, url: str, placed: Placed, counts: InputCounts) -> DescribedRecord:
        described = describe(url, placed.record)
        if described.verdict is None:
            counts.unverified += 1
            if not self._recipe.allow_unverified:
                raise _unverified(url, placed, described.doubt)
        return described

    def _removals(
        self, described: Sequence[DescribedRecord], reviewed: Sequence[Reviewed]
    ) -> list[CombineRemoval | None]:
        """What keeps each record out, its likeness to others last."""
        pairs = zip(described, reviewed, strict=True)
        removals = [_by_review(r) or self._by_verdict(d, r.placed) for d, r in pairs]
        left = [k for k, removal in enumerate(removals) if removal is None]
        found = self._deduplicator.compare([reviewed[k].placed for k in left])
        for k, removal in zip(left, found, strict=True):
            removals[k] = _by_likeness(removal) if removal is not None else None
        return removals

    def _by_verdict(self, described: DescribedRecord, placed: Placed) -> CombineRemoval | None:
        noted = described.verdict
        if noted is None:
            return None
        if noted.refused:
            return CombineRemoval(where=placed.where, reason="refused", detail=noted.refused)
        if noted.score < self._recipe.threshold:
            return CombineRemoval(where=placed.where, reason="score", amount=noted.score)
        if not accepts(self._recipe.accept, noted.tier or Tier.UNPROVEN):
            return CombineRemoval(where=placed.where, reason="tier", detail=noted.tier or "")
        return None

    def _note(
        self, described: DescribedRecord, placed: Placed, removal: CombineRemoval | None
    ) -> None:
        self.records[described.group] += 1
        group = self._numbers.setdefault(described.group, len(self._numbers))
        self._groups.append(OUT if removal is not None else group)
        self._ranks.append(RANKS.index(described.verdict.tier if described.verdict else None))
        self._digests.append(digest_of(placed.record, self._recipe.seed))
        if removal is not None:
            self._leave_out(of_group(removal, described.group))

    def _leave_out(self, removal: CombineRemoval) -> None:
        self.removed[removal.reason] += 1
        if removal.reason.startswith("contaminated"):
            self.resembled[removal.like] += 1
        self._remove(removal)

    def again(self, url: str) -> Iterator[Placed]:
        """The records of a file once more, as they were surveyed."""
        return (self._reviews.of(p).placed for p in placed_records(url))

    @property
    def unwatched(self) -> list[str]:
        """Benchmark members that cannot be found."""
        return self._deduplicator.unwatched

    @property
    def groups(self) -> list[RecordGroup]:
        """All groups, in the order of their numbers."""
        return list(self._numbers)

    @property
    def group_of(self) -> NDArray[np.int32]:
        """The number of each record's group, or OUT."""
        return np.frombuffer(self._groups, np.int32)

    @property
    def ranks(self) -> NDArray[np.uint8]:
        """Each record's place in RANKS."""
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


def _by_review(reviewed: Reviewed) -> CombineRemoval | None:
    if not reviewed.left_out:
        return None
    where = reviewed.placed.where
    return CombineRemoval(where=where, reason=reviewed.left_out, detail=reviewed.detail)


def _by_likeness(removal: DedupeRemoval) -> CombineRemoval:
    kind = "duplicate" if removal.reason == "duplicate" else "contaminated"
    return CombineRemoval(
        where=removal.where,
        reason=f"{kind}.{removal.measure}",
        like=removal.like,
        amount=removal.similarity,
    )


def of_group(removal: CombineRemoval, group: RecordGroup) -> CombineRemoval:
    """`removal` with what the record is."""
    return msgspec.structs.replace(removal, source=group.source, category=group.category)


def digest_of(record: Record, seed: int) -> int:
    """Sixty-four bits that stand for a record, another number for another seed."""
    parts = msgspec.json.encode((seed, record.instruction, record.output, record.testbench))
    return int.from_bytes(hashlib.sha256(parts).digest()[:8], "little")


def placed_records(url: str) -> Iterator[Placed]:
    """The records of a file, what is broken left out."""
    return (found for found in read_records(url) if isinstance(found, Placed))
