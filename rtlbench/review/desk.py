"""What a reviewer has before him: records, their Verdicts as of now, and his decisions so far.

Guarantee: a decision that was answered is on the disk. A correction is kept only where the judge
lets it through, as the judged and sealed record that the filter would write.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

import rtlbench
from rtlbench.dataset.filter.bench_evidence import measured
from rtlbench.dataset.filter.judge import JudgedRecord, WrittenMatch, candidate_of, category_of
from rtlbench.dataset.filter.matching import Matcher, SpecMatch
from rtlbench.dataset.filter.seal import doubt_of
from rtlbench.dataset.filter.tiers import TierRule, standing_of
from rtlbench.dataset.filter.written import PLACE, as_written, messages_of
from rtlbench.dataset.reading import read_records
from rtlbench.dataset.reviews import Decision, Word, last_decisions, read_decisions, record_hash
from rtlbench.errors import UserError
from rtlbench.io.log import append, set_torn_line_aside
from rtlbench.judging.judge import Judge
from rtlbench.records.example import Placed, Record
from rtlbench.records.tier import Tier, noted_tier
from rtlbench.records.verdict import Outcome, TraceRow
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.versions import survey, tool_versions

MOST = 50_000
"""Records that are held at once."""
THRESHOLD = 0.95


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A text as the judge sees it now."""

    outcome: str
    score: float
    judged_by: str
    """What it was held to."""
    findings: tuple[tuple[str, int | None, str], ...]
    trace: tuple[TraceRow, ...]
    code: str
    """The RTL in it, on the findings' lines."""
    told: tuple[str, ...]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A record in the page's list."""

    where: str
    category: str
    tier: str
    decision: str = ""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A record, whole."""

    where: str
    instruction: str
    output: str
    about: dict[str, str]
    decision: str
    comment: str
    corrected: str | None


class Desk:
    """One reviewer's.

    Args:
        file: The training data.
        log: His decisions; others write to files of their own.
        sample: So many records only, chosen by a hash of their text; 0 for all.

    Raises:
        UserError: The data or the decisions cannot be read, or there is nothing to review.
    """

    def __init__(
        self, file: str, log: Path, reviewer: str, judge: Judge, *, sample: int = 0
    ) -> None:
        self._log, self.reviewer, self._judge = log, reviewer, judge
        self.records = _chosen(_read(file), sample)
        self._names = [record_hash(p.record) for p in self.records]
        self._matcher = Matcher(judge.specs)
        self._tools = {"rtlbench": rtlbench.__version__, **tool_versions(survey())}
        self._last = self._earlier()

    def _earlier(self) -> dict[str, Decision]:
        try:
            set_torn_line_aside(self._log, self._log.with_name(f"{self._log.name}.torn"))
        except OSError as e:
            raise UserError(f"{self._log}: cannot be written ({e})") from e
        decisions = read_decisions(self._log) if self._log.is_file() else ()
        last = last_decisions(decisions)
        return {name: by[self.reviewer] for name, by in last.items() if self.reviewer in by}

    def listed(self) -> list[Listed]:
        """All records, in short."""
        return [self._listed(k) for k in range(len(self.records))]

    def _listed(self, k: int) -> Listed:
        placed, decided = self.records[k], self._last.get(self._names[k])
        about = placed.record.metadata.get(PLACE)
        about = about if isinstance(about, dict) else {}
        return Listed(
            where=placed.where,
            category=str(about.get("category") or placed.record.metadata.get("category") or ""),
            tier=str(noted_tier(about)) if about else "",
            decision=decided.decision if decided else "",
        )

    def shown(self, k: int) -> Shown:
        """The record at place `k`, and what was decided of it."""
        placed, decided = self.records[k], self._last.get(self._names[k])
        corrected = decided.corrected.output if decided and decided.corrected else None
        return Shown(
            where=placed.where,
            instruction=placed.record.instruction,
            output=placed.record.output,
            about=_about(placed.record),
            decision=decided.decision if decided else "",
            comment=decided.comment if decided else "",
            corrected=corrected,
        )

    async def see(self, k: int, output: str) -> Seen:
        """What the judge says now of `output` as the answer of record `k`.

        Raises:
            UserError, HarnessError: It cannot be judged.
        """
        record = msgspec.structs.replace(self.records[k].record, output=output)
        match = await asyncio.to_thread(self._matcher.match, record)
        candidate = candidate_of(record, match)
        verdict = await self._judge.judge_async(match.spec, candidate)
        simulated = verdict.checks.get("simulation")
        is_wrong = simulated is not None and simulated.outcome is Outcome.FAIL
        top = match.spec.top if match.spec is not None else None
        return Seen(
            outcome=str(verdict.outcome),
            score=verdict.score,
            judged_by=_judged_by(match),
            findings=tuple((f.rule, f.line, f.message) for f in verdict.findings),
            trace=simulated.trace if simulated is not None and is_wrong else (),
            code=extract(output, top, record.instruction).rtl.rstrip("\n"),
            told=messages_of(verdict) if verdict.outcome is Outcome.ERROR else (),
        )

    async def decide(self, k: int, word: Word, comment: str, output: str | None) -> Decision:
        """Write down what the reviewer says of record `k`.

        Args:
            output: The corrected answer, where the word is `correct`.

        Raises:
            UserError: A correction does not pass, or the file cannot be written.
        """
        corrected = None
        if word == "correct":
            corrected = await self._corrected(k, output if output is not None else "")
        made = Decision(
            record=self._names[k],
            where=self.records[k].where,
            reviewer=self.reviewer,
            decision=word,
            comment=comment,
            corrected=corrected,
            at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        )
        try:
            append(self._log, [made])
        except OSError as e:
            raise UserError(f"{self._log}: cannot be written ({e.strerror}); not kept") from e
        if word == "undecided":
            self._last.pop(made.record, None)
        else:
            self._last[made.record] = made
        return made

    async def _corrected(self, k: int, output: str) -> Record:
        placed = self.records[k]
        if output == placed.record.output:
            raise UserError("nothing was changed: accept it, or change it first")
        record = msgspec.structs.replace(placed.record, output=output)
        match = await asyncio.to_thread(self._matcher.match, record)
        candidate = candidate_of(record, match)
        verdict = await self._judge.judge_async(match.spec, candidate)
        verdict = await asyncio.to_thread(measured, match.spec, candidate, verdict)
        judged = JudgedRecord(
            placed=msgspec.structs.replace(placed, record=record),
            category=category_of(record, match),
            match=_written(match),
            verdict=verdict,
        )
        rule = TierRule(accept=Tier.UNPROVEN)
        written = as_written(judged, standing_of(judged, rule), THRESHOLD, rule, self._tools)
        about = written.metadata[PLACE]
        if about.get("refused") or verdict.functional is False:
            raise UserError(f"it does not pass yet ({about.get('refused') or 'it is wrong'})")
        return written

    def counts(self) -> dict[str, int]:
        """Decisions by word, of the records here."""
        found = [self._last[name].decision for name in self._names if name in self._last]
        return dict(sorted(Counter(found).items()))


def _read(file: str) -> Iterable[Placed]:
    found = 0
    for placed in read_records(file):
        if isinstance(placed, Placed):
            found += 1
            if found > MOST:
                raise UserError(f"{file}: more than {MOST} records; split it, and review a part")
            yield placed
    if not found:
        raise UserError(f"{file}: there is no record to review")


def _chosen(records: Iterable[Placed], sample: int) -> list[Placed]:
    every = list(records)
    if not sample or sample >= len(every):
        return every
    order = sorted(range(len(every)), key=lambda k: _turn(every[k].record))
    return [every[k] for k in sorted(order[:sample])]


def _turn(record: Record) -> str:
    """Another order than that of `record_hash`, the same for every reviewer."""
    return hashlib.sha256(f"sample{record_hash(record)}".encode()).hexdigest()


def _about(record: Record) -> dict[str, str]:
    """What the record's own metadata say, for people."""
    given: Any = record.metadata.get(PLACE)
    about = given if isinstance(given, dict) else {}
    names = ("tier", "evidence", "score", "match", "spec_id", "refused", "doubt")
    said = {name: str(about[name]) for name in names if about.get(name) not in (None, "")}
    if isinstance(record.metadata.get("source"), str):
        said["source"] = record.metadata["source"]
    if about and (doubt := _doubt(record, about)):
        said["seal"] = doubt
    return said


def _doubt(record: Record, about: dict[str, Any]) -> str:
    judged: Literal[""] | str = str(about.get("candidate_hash") or "")
    return doubt_of(record, about, judged, about.get("original_output"))


def _judged_by(match: SpecMatch) -> str:
    if match.spec is None:
        return f"the static Checks alone{': ' + match.reason if match.reason else ''}"
    return f"task {match.spec.id} (found by {match.how})"


def _written(match: SpecMatch) -> WrittenMatch:
    spec = match.spec
    return WrittenMatch(
        how=match.how,
        spec_id=spec.id if spec is not None else None,
        top=spec.top if spec is not None else None,
        reason=match.reason,
        reworded=match.reworded,
    )
