"""What the filter keeps of many corpora whose truth is known, each drawn by a seed of its own.

`FOLDER/figures.jsonl` has a line for each corpus that is done, and a corpus that has one is not
drawn again: the command may be stopped at any time and goes on where it was. A seed's corpus, and
what the filter wrote of it, stay in `FOLDER/SEED/`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from perf.filter_truth import THRESHOLDS, Scored, counts, scored_beside
from perf.page import ROOT, put
from rtlbench.records.tier import TIERS, Tier

FIGURES = "figures.jsonl"
PAGE = ROOT / "docs" / "dataset.md"
BEGIN, END = "<!-- truth: begin -->", "<!-- truth: end -->"
HARD = THRESHOLDS[0]


class Ways(NamedTuple):
    """What is measured."""

    draw: Callable[[Path, int], None]
    """Writes a corpus by a seed."""
    filtered: Callable[[Path, Path, Sequence[float]], float]
    """Filters a file into another at some thresholds, and gives the seconds."""
    code: str
    """The commit of it."""


class Odd(msgspec.Struct, frozen=True, kw_only=True):
    """A record that did not go where its truth says."""

    where: str
    family: str
    what: str
    """`error`, `lost` (right and not kept) or `let through` (wrong and kept)."""
    defect: str | None
    refused: str
    score: float


class CorpusFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one corpus."""

    seed: int
    code: str
    """Of rtlbench: its commit."""
    drawn_s: float
    filtered_s: float
    scored: tuple[Scored, ...]
    odd: tuple[Odd, ...]


def report_corpora(folder: Path, seeds: Sequence[int], ways: Ways) -> None:
    """Draw and filter what is not done yet, a line each, then the figures of all in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    done = {f.seed for f in figures_in(folder)}
    for seed in seeds:
        if seed not in done:
            found = _one(folder / str(seed), seed, ways)
            with (folder / FIGURES).open("ab") as file:
                file.write(msgspec.json.encode(found) + b"\n")
            print(_in_a_line(found), flush=True)
    print("\n".join(table([f for f in figures_in(folder) if f.seed in seeds])))


def figures_in(folder: Path) -> list[CorpusFigures]:
    """Of all corpora that are done."""
    file = folder / FIGURES
    lines = file.read_bytes().splitlines() if file.is_file() else []
    return [msgspec.json.decode(line, type=CorpusFigures) for line in lines]


def write_page(found: Sequence[CorpusFigures]) -> None:
    """Put the figures where docs/dataset.md tells what the filter does to known truth."""
    put(PAGE, BEGIN, END, "\n".join(table(found)))


def table(found: Sequence[CorpusFigures]) -> list[str]:
    """All corpora together, by tier and by threshold, and what did not go where it should."""
    every = [s for f in found for s in f.scored]
    right = sum(s.defect is None for s in every)
    odd = Counter(o.what for f in found for o in f.odd)
    most = Counter(f.seed for f in found for _ in f.odd)
    seeds = ", ".join(str(f.seed) for f in found)
    lines = [
        f"Seeds {seeds}: {len(every):,} records, {right:,} of them right; {odd['error']} errors, "
        f"{odd['lost']} right ones not kept, {odd['let through']} wrong ones kept"
        f"{f' (in {len(most)} corpora)' if most else ''}.",
        "",
        "| kept | records | precision | recall | wrong that synthesize |",
        "|---|---|---|---|---|",
    ]
    for tier in TIERS:
        said = [s for s in every if s.tier == tier]
        lines.append(_row(f"`{tier}`, score >= {HARD}", said, HARD, right))
    for threshold in sorted(THRESHOLDS):
        lines.append(_row(f"any tier, score >= {threshold}", every, threshold, right))
    return lines


def _row(name: str, said: Iterable[Scored], threshold: float, right: int) -> str:
    kept, good, wrong = counts(said, threshold)
    precision = f"{good / kept:.3%}" if kept else "-"
    recall = f"{good / right:.3%}" if kept and right else "-"
    return f"| {name} | {kept:,} | {precision} | {recall} | {wrong:,} |"


def _one(folder: Path, seed: int, ways: Ways) -> CorpusFigures:
    folder.mkdir(exist_ok=True)
    corpus, out = folder / "corpus.jsonl", folder / "gold.jsonl"
    start = time.perf_counter()
    if not corpus.is_file():
        ways.draw(corpus, seed)
    drawn = time.perf_counter() - start
    seconds = ways.filtered(corpus, out, THRESHOLDS)
    found = list(scored_beside(out))
    if (drawn_here := len(corpus.read_bytes().splitlines())) != len(found):
        raise ValueError(f"seed {seed}: of {drawn_here} records {len(found)} came back")
    return CorpusFigures(
        seed=seed, code=ways.code, drawn_s=round(drawn, 1), filtered_s=round(seconds, 1),
        scored=tuple(scored for scored, _ in found),
        odd=tuple(o for scored, about in found if (o := _odd(scored, about)) is not None),
    )  # fmt: skip


def _odd(scored: Scored, about: dict[str, str]) -> Odd | None:
    is_gold = scored.score >= HARD and scored.tier != Tier.UNPROVEN
    if scored.outcome == "error":
        what = "error"
    elif is_gold == (scored.defect is None):
        return None
    else:
        what = "let through" if is_gold else "lost"
    return Odd(what=what, defect=scored.defect, score=scored.score, **about)


def _in_a_line(f: CorpusFigures) -> str:
    odd = "; ".join(f"{o.what} {o.family} {o.defect or 'right'} {o.refused}" for o in f.odd)
    right = sum(s.defect is None for s in f.scored)
    return (f"seed {f.seed}: {len(f.scored)} records, {right} right, drawn in {f.drawn_s:.0f} s, "
            f"filtered in {f.filtered_s:.0f} s; {odd or 'each where it belongs'}")
