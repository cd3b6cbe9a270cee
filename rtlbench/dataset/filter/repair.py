"""`rtlbench filter --repair`: what was refused, kept as training data for mending.

A line has the broken answer and what was found in it. Where a mechanical mend exists, it has the
mended text too: judged again, like any record, and marked with what it then is. A mended text never
gets among what is kept; whoever wants it there filters it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from rtlbench.dataset.filter.judge import JudgedRecord
from rtlbench.dataset.filter.tiers import TierRule, place_of, standing_of
from rtlbench.dataset.filter.written import reason_of
from rtlbench.io.untrusted import one_line
from rtlbench.records.example import Placed
from rtlbench.records.tier import Tier
from rtlbench.records.verdict import Finding, Outcome, Severity
from rtlbench.rtl.extraction import extract

REPAIR_SCHEMA_VERSION = 1
LOT = 256
FINDINGS = 20
_DIRECTIVE = re.compile(r"^[ \t]*`[A-Za-z_]\w*[^\n]*$", re.M)
_OPENED, _CLOSED = re.compile(r"\bmodule\b"), re.compile(r"\bendmodule\b")
Judge = Callable[[Sequence[Placed]], Sequence[JudgedRecord]]


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """A mend that needed no thought, and what the mended text is."""

    by: tuple[str, ...]
    """`endmodule` was added, `directive` lines were left out."""
    output: str
    outcome: Outcome
    score: float
    functional: bool | None
    tier: Tier
    place: str
    """Where the filter would put it: `kept`, `below` or `refused`."""
    messages: tuple[str, ...] = ()
    """What is still found in it."""


class RepairRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of NAME.repair.jsonl."""

    instruction: str
    broken: str
    refused: str
    """The first rule that it breaks."""
    findings: tuple[str, ...]
    """Rule, line of the code and message of each."""
    where: str
    mended: Mended | None = None


def repairs(
    refused: Iterable[JudgedRecord], judge: Judge, threshold: float, rule: TierRule
) -> Iterator[RepairRecord]:
    """A line for each refused record of which the harness could tell, in order."""
    left = (j for j in refused if j.verdict.outcome is not Outcome.ERROR)
    while lot := list(islice(left, LOT)):
        mends = {k: mend for k, j in enumerate(lot) if (mend := mend_of(j)) is not None}
        placed = [_with_output(lot[k].placed, text) for k, (text, _) in mends.items()]
        again = dict(zip(mends, judge(placed), strict=True)) if placed else {}
        for k, judged in enumerate(lot):
            mended = _mended(again[k], mends[k][1], threshold, rule) if k in again else None
            yield _line(judged, mended)


def mend_of(judged: JudgedRecord) -> tuple[str, tuple[str, ...]] | None:
    """The mended text and what was done, where something mechanical can be; what else is wrong
    stays."""
    rules = {f.rule for f in judged.verdict.findings if f.severity is Severity.ERROR}
    record = judged.placed.record
    text = extract(record.output, judged.match.top, record.instruction).rtl
    done = []
    if "safety.directive" in rules and _DIRECTIVE.search(text):
        text = _DIRECTIVE.sub("", text)
        done.append("directive")
    missing = len(_OPENED.findall(text)) - len(_CLOSED.findall(text))
    if "syntax.truncated" in rules and missing == 1:
        text = f"{text.rstrip()}\nendmodule\n"
        done.append("endmodule")
    return (text.strip("\n") + "\n", tuple(done)) if done else None


def _with_output(placed: Placed, text: str) -> Placed:
    record = msgspec.structs.replace(placed.record, output=text)
    return msgspec.structs.replace(placed, record=record)


def _mended(judged: JudgedRecord, by: tuple[str, ...], threshold: float, rule: TierRule) -> Mended:
    verdict, standing = judged.verdict, standing_of(judged, rule)
    return Mended(
        by=by,
        output=judged.placed.record.output,
        outcome=verdict.outcome,
        score=verdict.score,
        functional=verdict.functional,
        tier=standing.tier,
        place=place_of(verdict, standing, threshold, rule.accept),
        messages=_told(verdict.findings),
    )


def _line(judged: JudgedRecord, mended: Mended | None) -> RepairRecord:
    record = judged.placed.record
    return RepairRecord(
        instruction=record.instruction,
        broken=record.output,
        refused=reason_of(judged.verdict),
        findings=_told(judged.verdict.findings),
        where=judged.placed.where,
        mended=mended,
    )


def _told(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Errors first."""
    ranked = sorted(findings, key=lambda f: f.severity is not Severity.ERROR)
    return tuple(
        f"{f.rule}: {f'line {f.line}: ' if f.line else ''}{one_line(f.message)}"
        for f in ranked[:FINDINGS]
    )
