"""`rtlbench filter --report`: one HTML page that says what is in a data set, for a person who is to
decide whether to train on it.

It has what filter.json has, and beside that what each threshold and tier would keep, records that
are alike or resemble a benchmark's member, and examples to look at of each reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from rtlbench.dataset import most_frequent_first
from rtlbench.dataset.dedupe import Deduplicator
from rtlbench.dataset.filter.judge import JudgedRecord
from rtlbench.dataset.filter.report import FilterReport, FilterTally, SweepRow
from rtlbench.dataset.filter.tiers import Standing, TierRule, place_of
from rtlbench.dataset.filter.written import messages_of, reason_of
from rtlbench.dataset.similarity import DuplicateRule
from rtlbench.dataset.similarity.signatures import MAX_WORKERS
from rtlbench.pages.page import write_page
from rtlbench.records.example import Placed
from rtlbench.sandbox.pool import WorkerPool

THRESHOLDS = (0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
EXAMPLES = 10
"""Of each reason, the first ones."""
SHOWN = 2000
"""Characters of an answer, and of its words."""
Standings = Callable[[JudgedRecord], Standing]


class ShownRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An example to look at."""

    where: str
    category: str
    score: float
    rests_on: str
    words: str
    code: str
    messages: tuple[str, ...]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why records were kept, set aside or refused."""

    name: str
    records: int
    examples: list[ShownRecord]


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """What is there more than once, and what a benchmark has."""

    duplicates: int
    members: dict[str, int]
    """Records that resemble a benchmark's member, by member, the most frequent first."""
    suites: dict[str, int]
    """The same by suite."""


class DatasetPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the page shows."""

    report: FilterReport
    sweep: list[SweepRow]
    ports_unused: int
    reasons: list[Reason]
    likeness: Likeness


class _Reasons:
    """Counts and first examples by reason."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[ShownRecord]] = {}

    def add(self, name: str, judged: JudgedRecord, standing: Standing) -> None:
        self.counts[name] += 1
        shown = self.examples.setdefault(name, [])
        if len(shown) < EXAMPLES:
            shown.append(_shown(judged, standing))

    def found(self) -> list[Reason]:
        counts = most_frequent_first(self.counts)
        return [Reason(name=n, records=c, examples=self.examples[n]) for n, c in counts.items()]


def write_dataset_page(  # noqa: PLR0913 - what a run knows
    path: Path,
    judged: Callable[[], Iterable[JudgedRecord]],
    standing: Standings,
    report: FilterReport,
    *,
    against: Sequence[str] = ("rtlbench",),
    workers: int = 1,
) -> DatasetPage:
    """Write the page.

    Args:
        judged: Gives all records; asked twice.
        against: Suites whose members are looked for.

    Raises:
        UserError: A suite cannot be read.
        OSError: The page cannot be written.
    """
    tally, reasons = FilterTally(THRESHOLDS, report.rule.accept), _Reasons()
    unused = 0
    for one in judged():
        rests = standing(one)
        tally.add(one, rests)
        unused += one.verdict.all_io_used is False
        reasons.add(_reason(one, rests, report.threshold, report.rule), one, rests)
    page = DatasetPage(
        report=report,
        sweep=tally.sweep(),
        ports_unused=unused,
        reasons=reasons.found(),
        likeness=_likeness(judged(), against, workers),
    )
    write_page(path, "dataset", page=page)
    return page


def _reason(judged: JudgedRecord, standing: Standing, threshold: float, rule: TierRule) -> str:
    place = place_of(judged.verdict, standing, threshold, rule.accept)
    if place == "refused":
        return reason_of(judged.verdict)
    told = f"{standing.tier}: {standing.evidence or 'the static Checks'}"
    return f"{'kept' if place == 'kept' else 'set aside'}, {told}"


def _shown(judged: JudgedRecord, standing: Standing) -> ShownRecord:
    record = judged.placed.record
    return ShownRecord(
        where=judged.placed.where,
        category=judged.category,
        score=judged.verdict.score,
        rests_on=standing.evidence or judged.match.reason,
        words=record.instruction[:SHOWN],
        code=record.output[:SHOWN],
        messages=messages_of(judged.verdict),
    )


def _likeness(judged: Iterable[JudgedRecord], against: Sequence[str], workers: int) -> Likeness:
    duplicates, members = 0, Counter[str]()
    with WorkerPool(MAX_WORKERS, workers) as pool:
        index = Deduplicator(against, DuplicateRule(duplicates="exact"), pool)
        for lot in _lots((j.placed for j in judged), index.lot):
            for removal in index.compare(lot):
                if removal is not None and removal.reason == "benchmark":
                    members[removal.like] += 1
                duplicates += removal is not None and removal.reason == "duplicate"
    suites: Counter[str] = Counter()
    for name, count in members.items():
        suites[name.partition("/")[0]] += count
    return Likeness(
        duplicates=duplicates,
        members=most_frequent_first(members),
        suites=most_frequent_first(suites),
    )


def _lots(items: Iterable[Placed], size: int) -> Iterator[list[Placed]]:
    left = iter(items)
    while lot := list(islice(left, size)):
        yield lot
