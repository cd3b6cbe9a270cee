"""What the filter keeps of a corpus whose truth is known: precision and recall, by threshold, and
by tier at the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rtlbench.dataset.filter.written import PLACE
from rtlbench.dataset.reading import read_records
from rtlbench.records.example import Placed
from rtlbench.records.tier import TIERS

THRESHOLDS = (0.95, 0.7, 0.8, 0.9, 0.98, 1.0)
"""The first is the one that files are written for."""

ASIDE = ("unproven", "refused")


class Scored(NamedTuple):
    """A record's truth and what the filter said of it."""

    defect: str | None
    score: float
    outcome: str
    synthesizes: bool
    tier: str


def report_truth(
    folder: Path, corpus: Path, filtered: Callable[[Path, Path, Sequence[float]], float]
) -> None:
    """Filter `corpus` and print how what is kept at each threshold compares with the truth.

    Args:
        filtered: Filters a file into another at some thresholds, and gives the seconds.
    """
    out = folder / "gold.jsonl"
    seconds = filtered(corpus, out, THRESHOLDS)
    found = [scored for scored, _ in scored_beside(out)]
    right = sum(f.defect is None for f in found)
    print(f"{len(found)} records, {right} right, {seconds:.0f} s "
          f"({len(found) / seconds:.0f} records/s); outcomes "
          f"{dict(Counter(f.outcome for f in found))}")
    for threshold in sorted(THRESHOLDS):
        print(_line(found, threshold, right))
    for tier in TIERS:
        said = [f for f in found if f.tier == tier]
        print(f"{tier:<9} {_line(said, THRESHOLDS[0], right)}")
    _tell_errors(found)


def counts(said: Iterable[Scored], threshold: float) -> tuple[int, int, int]:
    """Those that `threshold` keeps; of these the right ones, and the wrong that synthesize."""
    kept = [f for f in said if f.score >= threshold and f.outcome != "error"]
    good = sum(f.defect is None for f in kept)
    return len(kept), good, sum(f.defect is not None and f.synthesizes for f in kept)


def _line(found: Sequence[Scored], threshold: float, right: int) -> str:
    kept, good, wrong = counts(found, threshold)
    precision = good / kept if kept else 0.0
    return (f"at {threshold:<4}  kept {kept:>6}  precision {precision:8.3%}  "
            f"recall {good / max(1, right):8.3%}  synthesizable but wrong {wrong:>6}")


def _tell_errors(found: Sequence[Scored]) -> None:
    let_through = Counter(f.defect for f in found if f.defect and f.score >= THRESHOLDS[0])
    lost = Counter(f.outcome for f in found if f.defect is None and f.score < THRESHOLDS[0])
    print(f"wrong and kept at {THRESHOLDS[0]}: {dict(let_through)}; "
          f"right and refused: {dict(lost)}")


def scored_beside(out: Path) -> Iterator[tuple[Scored, dict[str, str]]]:
    """Each record that the filter wrote to `out` and beside it, and what it is called."""
    for path in (out, *(out.with_name(f"{out.stem}.{e}.jsonl") for e in ASIDE)):
        if path.is_file():
            yield from _scored(path)


def _scored(path: Path) -> Iterator[tuple[Scored, dict[str, str]]]:
    for found in read_records(str(path)):
        if not isinstance(found, Placed):
            raise TypeError(f"{found.where}: {found.reason}")
        metadata = found.record.metadata
        place = metadata[PLACE]
        scored = Scored(metadata.get("defect"), place["score"], place["outcome"],
                        bool(place.get("synthesizes")), place["tier"])
        yield scored, {"where": place["where"], "family": metadata["member"]["family"],
                       "refused": place.get("refused", "")}
