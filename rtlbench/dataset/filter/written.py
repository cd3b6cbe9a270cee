"""What is written of each judged record: kept, set aside or refused, and why.

A record is kept if its score reaches the threshold, the harness could tell, and its function rests
on enough (rtlbench.dataset.filter.tiers). At 0.95 and above no Check has failed, since a failed
one caps the score at 0.94; a lower threshold lets failures through, which the sweep is there to
show.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from rtlbench.dataset.filter.bench_evidence import BenchEvidence, evidence_of
from rtlbench.dataset.filter.judge import JudgedRecord
from rtlbench.dataset.filter.seal import SEAL, seal_of
from rtlbench.dataset.filter.tiers import Agreement, Standing, TierRule, place_of
from rtlbench.io.untrusted import one_line
from rtlbench.records.example import Record
from rtlbench.records.tier import Tier
from rtlbench.records.verdict import CheckResult, Finding, FormalVerdict, Outcome, Severity, Verdict
from rtlbench.rtl.extraction import extract
from rtlbench.scoring import SELF_TESTED

PLACE = "rtlbench"
"""The key in a record's metadata below which the filter writes."""
WHOLE = "whole"
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


class Provenance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`metadata.rtlbench` of a record that went through the filter."""

    score: float
    outcome: Outcome
    tier: Tier
    """What its function rests on; `unproven` where it is refused, too."""
    evidence: str = ""
    """That in a few words."""
    agreement: Agreement | None = None
    """With other answers to its words, where that is the evidence."""
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
    reviewers: tuple[str, ...] = ()
    """Who has accepted or corrected it; `combine` writes them."""
    seal: str = ""
    """SHA-256 over instruction, output, testbench and all of the above."""


MESSAGES = 5


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


def as_written(
    judged: JudgedRecord,
    standing: Standing,
    threshold: float,
    rule: TierRule,
    tools: dict[str, str],
) -> Record:
    """The record as the filter writes it: kept, set aside or refused."""
    record, verdict = judged.placed.record, judged.verdict
    refused = place_of(verdict, standing, threshold, rule.accept) == "refused"
    output = record.output if refused else rtl_of(judged)
    proven = standing.tier is Tier.PROVEN
    about = Provenance(
        score=verdict.score,
        outcome=verdict.outcome,
        tier=standing.tier,
        evidence=standing.evidence,
        agreement=standing.agreement,
        functional=True if proven else verdict.functional,
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
        refused=reason_of(verdict) if refused else "",
        messages=messages_of(verdict) if refused else (),
        isolation=verdict.isolation,
        tools=tools,
    )
    said: dict[str, Any] = msgspec.to_builtins(about)
    kept = msgspec.structs.replace(record, output=output)
    said[SEAL] = seal_of(kept, said)
    return msgspec.structs.replace(kept, metadata={**record.metadata, PLACE: said})


def _in_a_word(result: CheckResult) -> str:
    if result.detail.get(SELF_TESTED):
        return "self-tested"
    return result.outcome.value if result.decided else "undecided"


def _doubt(judged: JudgedRecord) -> str:
    simulation = judged.verdict.checks.get("simulation")
    if simulation is not None and not simulation.decided:
        return one_line(str(simulation.detail.get("reason", "")))
    return judged.match.reason


def messages_of(verdict: Verdict) -> tuple[str, ...]:
    """The first Findings, errors first, and what the harness broke over."""
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
