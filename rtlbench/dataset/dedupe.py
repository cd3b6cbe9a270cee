"""`rtlbench dedupe`: a file without what is in it twice, and without members of benchmarks.

Guarantee: records are read, judged and written one lot after the other, so that memory grows by
the index alone; what is kept is in the order of the input and is not changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from rtlbench.dataset.contamination import Resemblance
from rtlbench.dataset.duplicates import Match
from rtlbench.dataset.reading import input_of, read_records
from rtlbench.dataset.record import Broken, Placed
from rtlbench.dataset.sieve import Sieve, batches
from rtlbench.dataset.writing import writing
from rtlbench.errors import UserError


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
    dataset: str, out: Path, against: Sequence[str], *, duplicates: bool = True
) -> DedupeReport:
    """Write `out`, `NAME.removed.jsonl` and `NAME.dedupe.json` beside it.

    Raises:
        UserError: The input or a suite cannot be read, or the output not be written.
        HarnessError: Yosys cannot be started.
    """
    if Path(dataset).exists() and out.exists() and Path(dataset).samefile(out):
        raise UserError(f"--out {out}: that is the input; choose another file")
    sieve = Sieve(against, duplicates=duplicates)
    totals: Counter[str] = Counter()
    counts: dict[str, Counter[str]] = {"duplicate": Counter(), "benchmark": Counter()}
    members: Counter[str] = Counter()
    with writing(out) as kept, writing(_beside(out, "removed.jsonl")) as removed:
        for lot in batches(_whole(dataset, totals)):
            for placed, like in zip(lot, sieve.sift(lot), strict=True):
                totals["records"] += 1
                if like is None:
                    totals["kept"] += 1
                    kept.write(placed.record)
                    continue
                told = _removed(placed, like)
                removed.write(told)
                counts[told.reason][told.measure] += 1
                if told.reason == "benchmark":
                    members[told.like] += 1
    report = DedupeReport(
        dataset=input_of(dataset).name,
        against=tuple(name.partition("=")[0] for name in against),
        records=totals["records"],
        kept=totals["kept"],
        broken=totals["broken"],
        duplicates=dict(sorted(counts["duplicate"].items())),
        benchmark=dict(sorted(counts["benchmark"].items())),
        members=dict(sorted(members.items(), key=lambda item: (-item[1], item[0]))),
        unwatched=sieve.unwatched,
    )
    document = msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"
    _beside(out, "dedupe.json").write_bytes(document)
    return report


def _whole(dataset: str, totals: Counter[str]) -> Iterator[Placed]:
    for found in read_records(dataset):
        if isinstance(found, Broken):
            totals["broken"] += 1
        else:
            yield found


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
