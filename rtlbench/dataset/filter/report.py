"""What a filter's run found, in numbers: filter.json, sweep.json, and both for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.dataset.file_record import FileRecord
from rtlbench.dataset.filter.judge import JudgedRecord
from rtlbench.dataset.filter.tiers import Standing, TierRule, place_of, scores
from rtlbench.dataset.filter.written import reason_of
from rtlbench.io.explain import aligned
from rtlbench.records.tier import TIERS, Tier
from rtlbench.records.verdict import Outcome

FILTER_SCHEMA_VERSION = 3
SWEEP_SCHEMA_VERSION = 2
STEPS = 20
"""Bins of the histogram of scores; the last holds 1.0 alone."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of some records."""

    records: int = 0
    kept: int = 0
    below: int = 0
    """Score enough, but their function rests on less than is accepted: set aside."""
    refused: int = 0
    errors: int = 0
    """Refused because the harness could not tell."""


class FilterReport(msgspec.Struct, frozen=True, kw_only=True):
    """filter.json. It holds no times: the same input, threshold and tools give the same file."""

    dataset: str
    """Name of the input."""
    threshold: float
    rule: TierRule
    """Which tiers are kept, and what is believed of what the records bring along."""
    total: Counts
    tiers: dict[str, int]
    """Records that score enough and are not known to be wrong, by tier."""
    evidence: dict[str, int]
    """The same by what the tier rests on, the most frequent first."""
    broken: int
    """Lines or rows that were no record."""
    categories: dict[str, Counts]
    reasons: dict[str, int]
    """Refused records by the first thing found, the most frequent first."""
    scores: dict[str, int]
    """Records by the lower end of their score's bin, those left out that could not be judged."""
    matches: dict[str, int]
    """Records by how their Spec was found."""
    suite: str
    trust_metadata: bool = False
    """Whether metadata named Specs whatever the words said."""
    references: list[str] = []
    """Files and suites that records were held to by their words."""
    columns: dict[str, str] = {}
    """What was read for instruction, output and testbench, where the user said so."""
    simulator: str
    seed: int
    weights: dict[str, float]
    tools: dict[str, str]
    isolation: dict[str, int]
    """Records by the isolation that their tools ran in."""
    files: dict[str, FileRecord] = {}
    """The files of records that were written, by name."""
    seal: str = ""
    """SHA-256 over the rest of this document."""
    schema_version: int = FILTER_SCHEMA_VERSION


class SweepRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one threshold keeps, and what that is worth."""

    threshold: float
    scoring: int
    """Records that score enough."""
    kept: int
    """Of these, those whose tier is accepted."""
    share: float
    """Kept, of all records, in [0, 1]."""
    proven: int
    """Scoring records whose function was judged and is right."""
    attested: int
    """Scoring records that their own bench or other answers speak for."""
    unproven: int
    """Scoring records whose function nothing speaks for or against."""
    wrong: int
    """Scoring records whose function was judged and is wrong."""
    functional_rate: float | None
    """Proven, of proven and wrong; None where there are none."""
    all_io_used_rate: float | None
    """Of those scoring; None where there are none."""


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """sweep.json."""

    dataset: str
    records: int
    rows: list[SweepRow]
    schema_version: int = SWEEP_SCHEMA_VERSION


class FilterTally:
    """Counts judged records, one at a time."""

    def __init__(self, thresholds: Sequence[float], accept: Tier) -> None:
        self._threshold, self._accept = thresholds[0], accept
        self._categories: dict[str, Counter[str]] = {}
        self.reasons: Counter[str] = Counter()
        self.scores: Counter[int] = Counter()
        self.matches: Counter[str] = Counter()
        self.evidence: Counter[str] = Counter()
        self._tiers: Counter[Tier] = Counter()
        self.isolation: Counter[str] = Counter()
        self._sweep: dict[float, Counter[str]] = {t: Counter() for t in thresholds}
        self.records = 0

    def add(self, judged: JudgedRecord, standing: Standing) -> None:
        """Count one."""
        self.records += 1
        verdict = judged.verdict
        counts = self._categories.setdefault(judged.category, Counter())
        counts["records"] += 1
        self.matches[judged.match.how] += 1
        self.isolation[verdict.isolation] += 1
        if verdict.outcome is Outcome.ERROR:
            counts["errors"] += 1
        else:
            self.scores[min(int(verdict.score * STEPS + 1e-9), STEPS)] += 1
        place = place_of(verdict, standing, self._threshold, self._accept)
        counts[place] += 1
        if place == "refused":
            self.reasons[reason_of(verdict)] += 1
        if scores(verdict, self._threshold) and verdict.functional is not False:
            self._tiers[standing.tier] += 1
            self.evidence[standing.evidence or "the static Checks"] += 1
        self._weigh(judged, standing)

    def _weigh(self, judged: JudgedRecord, standing: Standing) -> None:
        verdict = judged.verdict
        for threshold, worth in self._sweep.items():
            if not scores(verdict, threshold):
                continue
            worth["scoring"] += 1
            worth["kept"] += place_of(verdict, standing, threshold, self._accept) == "kept"
            worth["wrong" if verdict.functional is False else standing.tier.value] += 1
            worth["ports"] += verdict.all_io_used is True

    @property
    def tiers(self) -> dict[str, int]:
        """Records that score enough, by tier."""
        return {tier.value: self._tiers[tier] for tier in Tier}

    @property
    def categories(self) -> dict[str, Counts]:
        """What became of the records of each category."""
        return {name: Counts(**found) for name, found in sorted(self._categories.items())}

    @property
    def total(self) -> Counts:
        """What became of all."""
        return Counts(**sum(self._categories.values(), Counter()))

    def histogram(self) -> dict[str, int]:
        """Records by the lower end of their score's bin."""
        return {f"{k / STEPS:.2f}": self.scores.get(k, 0) for k in range(STEPS + 1)}

    def sweep(self) -> list[SweepRow]:
        """A row a threshold, in order."""
        return [self._row(t, worth) for t, worth in sorted(self._sweep.items())]

    def _row(self, threshold: float, worth: Counter[str]) -> SweepRow:
        right, wrong = worth[Tier.PROVEN], worth["wrong"]
        return SweepRow(
            threshold=threshold,
            scoring=worth["scoring"],
            kept=worth["kept"],
            share=_rate(worth["kept"], self.records) or 0.0,
            proven=right,
            attested=worth[Tier.ATTESTED],
            unproven=worth[Tier.UNPROVEN],
            wrong=wrong,
            functional_rate=_rate(right, right + wrong),
            all_io_used_rate=_rate(worth["ports"], worth["scoring"]),
        )


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


HEAD = ("threshold", "scoring", *TIERS, "wrong", "right/judged", "all I/O", "kept", "share")


def sweep_table(rows: Sequence[SweepRow]) -> str:
    """The rows as text."""
    return "\n".join(aligned([HEAD, *(_cells(r) for r in rows)], left=0))


def _cells(row: SweepRow) -> tuple[str, ...]:
    counts = (row.scoring, row.proven, row.attested, row.unproven, row.wrong)
    return (
        f"{row.threshold:g}",
        *map(str, counts),
        _percent(row.functional_rate),
        _percent(row.all_io_used_rate),
        str(row.kept),
        _percent(row.share),
    )


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f}%"


def plot_sweep(rows: Sequence[SweepRow], path: Path) -> str:
    """Draw the rows into an SVG file; why not, where that cannot be done, else empty."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        return f"no {path.name}: a plot needs matplotlib: pip install 'rtlbench[data]'"
    figure = Figure(figsize=(7, 4), layout="tight")
    axes = figure.subplots()
    at = [r.threshold for r in rows]
    axes.plot(at, [r.share for r in rows], marker="o", label="kept, of all")
    for label, rates in (
        ("functional, of those judged", [r.functional_rate for r in rows]),
        ("all I/O used, of those scoring", [r.all_io_used_rate for r in rows]),
    ):
        known = [(x, y) for x, y in zip(at, rates, strict=True) if y is not None]
        axes.plot([x for x, _ in known], [y for _, y in known], marker="o", label=label)
    axes.set_xlabel("threshold")
    axes.set_ylim(-0.02, 1.02)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower left", fontsize="small")
    with mpl.rc_context({"svg.hashsalt": "rtlbench"}):  # the same rows give the same file
        figure.savefig(path, metadata={"Date": None})
    return ""


def summary(report: FilterReport) -> str:
    """A few lines on what was kept and why the rest was not."""
    rows = [["category", "records", "kept", "below", "refused", "errors"]]
    for name, c in [*report.categories.items(), ("all", report.total)]:
        counts = (c.records, c.kept, c.below, c.refused, c.errors)
        rows.append([name, *map(str, counts)])
    reasons = [f"  {count}  {reason}" for reason, count in list(report.reasons.items())[:8]]
    told = ", ".join(f"{count} {tier}" for tier, count in report.tiers.items())
    lines = [*aligned(rows), f"of what scores {report.threshold:g}: {told}"]
    return "\n".join([*lines, *(["refused for:", *reasons] if reasons else [])])
