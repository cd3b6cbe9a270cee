"""`rtlbench dedupe`: a file without what is in it twice, and without members of benchmarks.

Guarantee: records are read, judged and written one lot after the other, so that memory grows by
the index alone; what is kept is in the order of the input and is not changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import msgspec

from rtlbench.dataset.opening import input_of
from rtlbench.dataset.reading import read_records
from rtlbench.dataset.similarity.contamination import Resemblance
from rtlbench.dataset.similarity.duplicates import Match
from rtlbench.dataset.similarity.likes import Likes, check_likes
from rtlbench.dataset.similarity.sieve import Sieve
from rtlbench.dataset.similarity.signing import MAX_WORKERS
from rtlbench.dataset.writing import writing
from rtlbench.errors import UserError
from rtlbench.records.example import Broken, Placed
from rtlbench.sandbox.pool import Crew


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """A record that was taken out, and why."""

    where: str
    """`file:line`."""
    reason: str
    """`duplicate` or `benchmark`."""
    like: str
    """`file:line` of the record that stays, or `suite/id`."""
    measure: str
    similarity: float


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
    likes: Likes | None = None,
    workers: int | None = None,
) -> DedupeReport:
    """Write `out`, `NAME.removed.jsonl` and `NAME.dedupe.json` beside it.

    Args:
        likes: What counts as alike; by default equal circuits, of which one stays.
        workers: Processes; None for one a core. The output does not depend on it.

    Raises:
        UserError: The input or a suite cannot be read, or the output not be written.
        HarnessError: Yosys cannot be started.
    """
    check_likes(likes or Likes())
    if Path(dataset).exists() and out.exists() and Path(dataset).samefile(out):
        raise UserError(f"--out {out}: that is the input; choose another file")
    tally = _Tally()
    with ExitStack() as stack:
        sieve = Sieve(against, likes or Likes(), stack.enter_context(Crew(MAX_WORKERS, workers)))
        kept = stack.enter_context(writing(out))
        removed = stack.enter_context(writing(_beside(out, "removed.jsonl")))
        records = tally.whole(dataset)
        while lot := list(islice(records, sieve.lot)):
            for placed, like in zip(lot, sieve.sift(lot), strict=True):
                if like is None:
                    kept.write(placed.record)
                else:
                    removed.write(tally.removed(_removed(placed, like)))
    report = tally.report(dataset, against, sieve.unwatched)
    document = msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"
    _beside(out, "dedupe.json").write_bytes(document)
    return report


class _Tally:
    """What becomes of a file, counted."""

    def __init__(self) -> None:
        self._records = self._broken = 0
        self._reasons: dict[str, Counter[str]] = {"duplicate": Counter(), "benchmark": Counter()}
        self._members: Counter[str] = Counter()

    def whole(self, dataset: str) -> Iterator[Placed]:
        """The records of a file, what is broken left out."""
        for found in read_records(dataset):
            if isinstance(found, Broken):
                self._broken += 1
            else:
                self._records += 1
                yield found

    def removed(self, told: Removed) -> Removed:
        """The same, counted."""
        self._reasons[told.reason][told.measure] += 1
        if told.reason == "benchmark":
            self._members[told.like] += 1
        return told

    def report(self, dataset: str, against: Sequence[str], unwatched: list[str]) -> DedupeReport:
        """All counts."""
        members = sorted(self._members.items(), key=lambda item: (-item[1], item[0]))
        return DedupeReport(
            dataset=input_of(dataset).name,
            against=tuple(name.partition("=")[0] for name in against),
            records=self._records,
            kept=self._records - sum(n.total() for n in self._reasons.values()),
            broken=self._broken,
            duplicates=dict(sorted(self._reasons["duplicate"].items())),
            benchmark=dict(sorted(self._reasons["benchmark"].items())),
            members=dict(members),
            unwatched=unwatched,
        )


def _removed(placed: Placed, like: Match | Resemblance) -> Removed:
    is_match = isinstance(like, Match)
    return Removed(
        where=placed.where,
        reason="duplicate" if is_match else "benchmark",
        like=like.record_id if isinstance(like, Match) else like.member,
        measure=like.measure,
        similarity=round(like.similarity, 3),
    )


def _beside(out: Path, ending: str) -> Path:
    """`NAME.ending` beside `NAME.jsonl`, `NAME.jsonl.gz`, ..."""
    return out.with_name(f"{out.name.split('.')[0]}.{ending}")


def summary(report: DedupeReport) -> str:
    """A few lines on what was taken out."""
    lines = [f"{report.kept} of {report.records} records kept"]
    for title, counts in (("duplicates", report.duplicates), ("benchmark", report.benchmark)):
        told = ", ".join(f"{n} by {measure}" for measure, n in counts.items())
        lines.append(f"{title}: {told or 'none'}")
    lines += [f"  {n}  {member}" for member, n in list(report.members.items())[:8]]
    return "\n".join(lines)
