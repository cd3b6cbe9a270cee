"""Records in, judged records out, and what is written of each: kept or refused, and why.

A record is kept if its score reaches the threshold and the harness could tell. At 0.95 and above
that means that every Check passes, since a failed one caps the score at 0.94; a lower threshold
lets failures through, which the sweep is there to show.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from rtlbench.checks.base import SELF_TESTED
from rtlbench.dataset.filter.bench_evidence import BenchEvidence, evidence_of, measured
from rtlbench.dataset.filter.cache import VerdictCache, without_traces
from rtlbench.dataset.filter.matching import Matcher, SpecMatch
from rtlbench.io.untrusted import one_line
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Placed, Record
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Finding, FormalVerdict, Outcome, Severity, Verdict
from rtlbench.rtl.extraction import extract
from rtlbench.suites.category import CATEGORIES, categorise
from rtlbench.verifier import Verifier

MODEL = "dataset"
"""What stands for the writer of an answer, which plays no part in its Verdict."""


class WrittenMatch(msgspec.Struct, frozen=True, kw_only=True):
    """What a record was taken for; a SpecMatch that can be written."""

    how: str
    spec_id: str | None = None
    top: str | None = None
    reason: str = ""
    reworded: bool = False


class JudgedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record, what it was taken for, and its Verdict (without traces)."""

    placed: Placed
    category: str
    match: WrittenMatch
    verdict: Verdict


def judge(
    records: Sequence[Placed],
    verifier: Verifier,
    matcher: Matcher,
    cache: VerdictCache | None = None,
) -> list[JudgedRecord]:
    """A Verdict for each record, in order.

    All records share the calls of the static Checks' tools, those of one Spec share simulations;
    so the more records of few Specs, the faster.
    """
    matches = [matcher.match(p.record) for p in records]
    pairs = [(m.spec, candidate_of(p.record, m)) for p, m in zip(records, matches, strict=True)]
    verdicts = _verdicts(verifier, pairs, cache)
    return [
        JudgedRecord(
            placed=placed,
            category=category_of(placed.record, match),
            match=_written(match),
            verdict=verdict,
        )
        for placed, match, verdict in zip(records, matches, verdicts, strict=True)
    ]


def candidate_of(record: Record, match: SpecMatch) -> Candidate:
    """The record as a Candidate: held to its own words, unless they are the Spec's."""
    own_words = match.spec is None or match.reworded
    return Candidate(
        text=record.output,
        instruction=record.instruction if own_words else "",
        spec_id=match.spec.id if match.spec is not None else None,
        model=MODEL,
    )


def category_of(record: Record, match: SpecMatch) -> str:
    """The Spec's category; else the one that the metadata name, where it is one of ours; else
    that of the words."""
    if match.spec is not None and match.spec.category:
        return match.spec.category
    given = record.metadata.get("category")
    if isinstance(given, str) and given in CATEGORIES:
        return given
    return categorise(record.instruction, record.output)


def _verdicts(
    verifier: Verifier,
    pairs: Sequence[tuple[Spec | None, Candidate]],
    cache: VerdictCache | None,
) -> list[Verdict]:
    """Equal candidates are judged once; those whose Verdict is kept, not at all."""
    keys = [verifier.key(spec, candidate) for spec, candidate in pairs]
    by_key = dict(zip(keys, pairs, strict=True))
    known = cache.find(list(by_key)) if cache is not None else {}
    new = {k: pair for k, pair in by_key.items() if k not in known}
    if new:
        made = zip(new.items(), verifier.verify_mixed(list(new.values())), strict=True)
        fresh = {k: without_traces(measured(*pair, v)) for (k, pair), v in made}
        if cache is not None:
            cache.keep(fresh)
        known |= fresh
    return [known[k] for k in keys]


def _written(match: SpecMatch) -> WrittenMatch:
    spec = match.spec
    return WrittenMatch(
        how=match.how,
        spec_id=spec.id if spec is not None else None,
        top=spec.top if spec is not None else None,
        reason=match.reason,
        reworded=match.reworded,
    )


PLACE = "rtlbench"
"""The key in a record's metadata below which the filter writes."""
WHOLE = "whole"
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


class Provenance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`metadata.rtlbench` of a record that went through the filter."""

    score: float
    outcome: Outcome
    functional: bool | None
    all_io_used: bool | None
    synthesizes: bool | None
    checks: dict[str, str]
    """Outcome by Check; `undecided` where it could say nothing of this answer, `self-tested` for a
    pass by the record's own testbench."""
    bench: BenchEvidence | None = None
    """What the record's own testbench says, where it was asked."""
    formal: FormalVerdict | None = None
    """What the formal comparison found, where one was asked for."""
    formal_depth: int | None = None
    """Clock cycles, where `formal` is `bounded`."""
    findings: int
    category: str
    match: str
    """How the Spec was found, `none` where there is none."""
    spec_id: str | None = None
    reworded: bool = False
    doubt: str = ""
    """Why there is no Spec, or why its testbench says nothing."""
    candidate_hash: str
    """SHA-256 of the answer as it was given."""
    extraction: str
    original_output: str | None = None
    """The answer as it was given, where the RTL in it is what was kept."""
    where: str
    """File and line that the record came from."""
    threshold: float
    refused: str = ""
    """Why it was not kept."""
    messages: tuple[str, ...] = ()
    """The first Findings of a refused record."""
    isolation: str = ""
    tools: dict[str, str] = {}


MESSAGES = 5


def is_kept(verdict: Verdict, threshold: float) -> bool:
    """Whether a record with this Verdict stays."""
    return verdict.outcome is not Outcome.ERROR and verdict.score >= threshold


def reason_of(verdict: Verdict) -> str:
    """Why it does not stay, as a rule to count by: that of the first Finding of an error, or of a
    warning where there is none; `error.CHECK` where the harness could not tell."""
    if verdict.outcome is Outcome.ERROR:
        broken = (n for n, r in verdict.checks.items() if r.outcome is Outcome.ERROR and r.decided)
        return f"error.{next(broken, 'unknown')}"
    finding = _first(verdict, Severity.ERROR) or _first(verdict, Severity.WARNING)
    return finding.rule if finding is not None else "score"


def _first(verdict: Verdict, severity: Severity) -> Finding | None:
    return next((f for f in verdict.findings if f.severity is severity), None)


def as_written(judged: JudgedRecord, threshold: float, tools: dict[str, str]) -> Record:
    """The record as the filter writes it, kept or refused."""
    record, verdict = judged.placed.record, judged.verdict
    kept = is_kept(verdict, threshold)
    output = rtl_of(judged) if kept else record.output
    about = Provenance(
        score=verdict.score,
        outcome=verdict.outcome,
        functional=verdict.functional,
        all_io_used=verdict.all_io_used,
        synthesizes=verdict.synthesizes,
        checks={name: _in_a_word(result) for name, result in verdict.checks.items()},
        bench=evidence_of(verdict),
        formal=verdict.formal,
        formal_depth=verdict.formal_depth,
        findings=len(verdict.findings),
        category=judged.category,
        match=judged.match.how,
        spec_id=judged.match.spec_id,
        reworded=judged.match.reworded,
        doubt=_doubt(judged),
        candidate_hash=verdict.candidate_hash,
        extraction=verdict.extraction,
        original_output=record.output if output != record.output else None,
        where=judged.placed.where,
        threshold=threshold,
        refused="" if kept else reason_of(verdict),
        messages=() if kept else _messages(verdict),
        isolation=verdict.isolation,
        tools=tools,
    )
    metadata: dict[str, Any] = {**record.metadata, PLACE: msgspec.to_builtins(about)}
    return msgspec.structs.replace(record, output=output, metadata=metadata)


def _in_a_word(result: CheckResult) -> str:
    if result.detail.get(SELF_TESTED):
        return "self-tested"
    return result.outcome.value if result.decided else "undecided"


def _doubt(judged: JudgedRecord) -> str:
    simulation = judged.verdict.checks.get("simulation")
    if simulation is not None and not simulation.decided:
        return one_line(str(simulation.detail.get("reason", "")))
    return judged.match.reason


def _messages(verdict: Verdict) -> tuple[str, ...]:
    ranked = sorted(verdict.findings, key=lambda f: f.severity is not Severity.ERROR)
    told = [f"{f.rule}: {one_line(f.message)}" for f in ranked[:MESSAGES]]
    for name, result in verdict.checks.items():
        if result.outcome is Outcome.ERROR and result.decided:
            told.append(f"{name}: {one_line(str(result.detail.get('reason', 'unknown')))}")
    return tuple(told)


def rtl_of(judged: JudgedRecord) -> str:
    """The answer as training wants it: the RTL alone, the very text that was judged; an answer
    that is nothing but RTL stays as it was given."""
    record = judged.placed.record
    if judged.verdict.extraction == WHOLE:
        return record.output
    rtl = extract(record.output, judged.match.top, record.instruction).rtl
    lines = [line.rstrip() for line in rtl.split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"
