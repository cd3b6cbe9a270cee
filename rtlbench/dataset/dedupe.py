"""`rtlbench dedupe`: a file without what is in it twice, and without members of benchmarks.

Guarantee: records are read, compared and written one lot after the other, so that memory grows by
the index alone; what is kept is in the order of the input and is not changed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Literal

import msgspec

from rtlbench.dataset import most_frequent_first
from rtlbench.dataset.files import refuse_input_as_output, writing
from rtlbench.dataset.reading import read_records
from rtlbench.dataset.similarity import EXACT, NONE, DuplicateRule
from rtlbench.dataset.similarity.contamination import Contamination, read_members
from rtlbench.dataset.similarity.duplicates import Duplicate, DuplicateIndex
from rtlbench.dataset.similarity.signatures import (
    MAX_WORKERS,
    SignaturePool,
    Signatures,
    exact_signatures,
    signatures_of,
)
from rtlbench.intake.files import input_of
from rtlbench.io.atomic import write_record
from rtlbench.io.counted import many
from rtlbench.io.progress import waiting
from rtlbench.records.example import Broken, Placed
from rtlbench.sandbox.pool import WorkerPool


class DedupeRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """A line of NAME.removed.jsonl: a record that may not stay, and why."""

    where: str
    """`file:line`."""
    reason: Literal["duplicate", "benchmark"]
    like: str
    """`file:line` of the record that stays, or `suite/id`."""
    measure: str
    similarity: float


class Deduplicator:
    """Says of each record in turn whether it may stay; the first of those that are alike may.

    Args:
        against: Suites, each `NAME` or `NAME=FOLDER`, whose members may not stay.
        rule: What counts as alike, and how much of it may stay.
        pool: What makes the signatures.

    Raises:
        UserError: A suite cannot be read, or datasketch is not installed.
        HarnessError: Yosys cannot be started.
    """

    def __init__(self, against: Sequence[str], rule: DuplicateRule, pool: WorkerPool) -> None:
        members = [m for text in against for m in read_members(text)]
        needs_all = bool(members) or rule.duplicates not in (EXACT, NONE)
        self._is_idle = not members and rule.duplicates == NONE
        self._signatures = SignaturePool(pool, signatures_of if needs_all else exact_signatures)
        self._benchmarks = Contamination(members, self._signatures.sign) if members else None
        self._kept = _KeptExamples(rule) if rule.duplicates != NONE else None
        self.unwatched = self._benchmarks.unwatched if self._benchmarks is not None else []
        """Members that have no code and too few words of their own to be found."""

    @property
    def lot(self) -> int:
        """Records that are compared well together."""
        return self._signatures.round

    def compare(self, records: Sequence[Placed]) -> list[DedupeRemoval | None]:
        """What keeps each record out, in order; None for one that may stay.

        What resembles a benchmark's member takes no part in looking for duplicates.
        """
        if self._is_idle:
            return [None] * len(records)
        signed = self._signatures.sign([p.record.output for p in records])
        return [self._compare(p, one) for p, one in zip(records, signed, strict=True)]

    def _compare(self, placed: Placed, one: Signatures) -> DedupeRemoval | None:
        if self._benchmarks is not None:
            member = self._benchmarks.check_signed(placed.record.instruction, one)
            if member is not None:
                like, measure, similarity = member.member, member.measure, member.similarity
                return _removal(placed, "benchmark", like, measure, similarity)
        twin = self._kept.add(placed, one) if self._kept is not None else None
        if twin is None:
            return None
        return _removal(placed, "duplicate", twin.record_id, twin.measure, twin.similarity)


def _removal(
    placed: Placed,
    reason: Literal["duplicate", "benchmark"],
    like: str,
    measure: str,
    similarity: float,
) -> DedupeRemoval:
    return DedupeRemoval(
        where=placed.where,
        reason=reason,
        like=like,
        measure=measure,
        similarity=round(similarity, 3),
    )


class _KeptExamples:
    """The examples that stay."""

    def __init__(self, rule: DuplicateRule) -> None:
        self._index = DuplicateIndex(most=rule.per_function)
        self._is_exact = rule.duplicates == EXACT
        self._by_words: dict[bytes, str] | None = {} if rule.per_function > 1 else None

    def add(self, placed: Placed, one: Signatures) -> Duplicate | None:
        """What keeps the example out; where nothing does, it is remembered."""
        key = _words_and_code(placed.record.instruction, one)
        if self._by_words is not None and key in self._by_words:
            return Duplicate(record_id=self._by_words[key], measure="exact", similarity=1.0)
        twin = self._index.add(placed.where, Signatures(exact=one.exact) if self._is_exact else one)
        if twin is None and self._by_words is not None:
            self._by_words[key] = placed.where
        return twin


def _words_and_code(instruction: str, one: Signatures) -> bytes:
    """What stands for the words and the code, letter case and white space of the words aside."""
    words = " ".join(instruction.casefold().split()).encode("utf-8", "replace")
    return hashlib.blake2b(one.exact + words, digest_size=16).digest()


class DedupeReport(msgspec.Struct, frozen=True, kw_only=True):
    """dedupe.json: what became of a file."""

    dataset: str
    against: tuple[str, ...]
    records: int
    kept: int
    broken: int
    duplicates: dict[str, int]
    """By measure."""
    benchmark: dict[str, int]
    """By measure."""
    members: dict[str, int]
    """Records taken out for each benchmark member, the most frequent first."""
    unwatched: list[str]
    """Members that have no code and too few words of their own to be found."""


def dedupe(
    dataset: str,
    out: Path,
    against: Sequence[str],
    rule: DuplicateRule | None = None,
    workers: int | None = None,
) -> DedupeReport:
    """Write `out`, `NAME.removed.jsonl` and `NAME.dedupe.json` beside it.

    Args:
        rule: What counts as alike; by default equal circuits, of which one stays.
        workers: Processes; None for one a core. The output does not depend on it.

    Raises:
        UserError: The input or a suite cannot be read, or the output not be written.
        HarnessError: Yosys cannot be started.
    """
    rule = rule or DuplicateRule()
    rule.check()
    refuse_input_as_output(out, [dataset])
    tally = _DedupeTally()
    with ExitStack() as stack:
        pool = stack.enter_context(WorkerPool(MAX_WORKERS, workers))
        with waiting("reading the suites' members"):
            deduplicator = Deduplicator(against, rule, pool)
        phase = stack.enter_context(waiting("comparing", "records", ending="stay"))
        kept = stack.enter_context(writing(out))
        removed = stack.enter_context(writing(_beside(out, "removed.jsonl")))
        records = tally.count(read_records(dataset))
        while lot := list(islice(records, deduplicator.lot)):
            compared = deduplicator.compare(lot)
            phase.advance(len(lot), sum(removal is None for removal in compared))
            for placed, removal in zip(lot, compared, strict=True):
                if removal is None:
                    kept.write(placed.record)
                else:
                    tally.count_removed(removal)
                    removed.write(removal)
    report = tally.report(dataset, against, deduplicator.unwatched)
    write_record(_beside(out, "dedupe.json"), report)
    return report


class _DedupeTally:
    """What becomes of a file, counted."""

    def __init__(self) -> None:
        self._records = self._broken = 0
        self._reasons: dict[str, Counter[str]] = {"duplicate": Counter(), "benchmark": Counter()}
        self._members: Counter[str] = Counter()

    def count(self, records: Iterable[Placed | Broken]) -> Iterator[Placed]:
        """The records of a file, what is broken left out."""
        for record in records:
            if isinstance(record, Broken):
                self._broken += 1
            else:
                self._records += 1
                yield record

    def count_removed(self, removal: DedupeRemoval) -> None:
        """One record less."""
        self._reasons[removal.reason][removal.measure] += 1
        if removal.reason == "benchmark":
            self._members[removal.like] += 1

    def report(self, dataset: str, against: Sequence[str], unwatched: list[str]) -> DedupeReport:
        """All counts."""
        return DedupeReport(
            dataset=input_of(dataset).name,
            against=tuple(name.partition("=")[0] for name in against),
            records=self._records,
            kept=self._records - sum(n.total() for n in self._reasons.values()),
            broken=self._broken,
            duplicates=dict(sorted(self._reasons["duplicate"].items())),
            benchmark=dict(sorted(self._reasons["benchmark"].items())),
            members=most_frequent_first(self._members),
            unwatched=unwatched,
        )


def _beside(out: Path, ending: str) -> Path:
    """`NAME.ending` beside `NAME.jsonl`, `NAME.jsonl.gz`, ..."""
    return out.with_name(f"{out.name.split('.')[0]}.{ending}")


def summary(report: DedupeReport) -> str:
    """A few lines on what was taken out."""
    lines = [f"{report.kept} of {many(report.records, 'record')} kept"]
    for title, counts in (("duplicates", report.duplicates), ("benchmark", report.benchmark)):
        measures = ", ".join(f"{n} by {measure}" for measure, n in counts.items())
        lines.append(f"{title}: {measures or 'none'}")
    lines += [f"  {n}  {member}" for member, n in list(report.members.items())[:8]]
    return "\n".join(lines)
