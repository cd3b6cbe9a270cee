"""What the testbench that came with a record says of its answer, and how well it can tell."""

from __future__ import annotations

from typing import Literal

import msgspec

from rtlbench.checks.record_testbench import JUDGE
from rtlbench.io.untrusted import one_line
from rtlbench.mutation.noticed import notices
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Detail, Verdict
from rtlbench.rtl.extraction import extract
from rtlbench.scoring import SELF_TESTED

NOTICED, MUTANTS = "noticed", "mutants"


class BenchEvidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`bench` in the metadata of a record that was judged by its own testbench."""

    says: Literal["right", "wrong", "undecided"]
    by: str = ""
    """`severity`, `count`, `word` or `silence`: rtlbench.checks.bench_words."""
    told: str = ""
    """The line that says so, or why nothing is said."""
    noticed: float | None = None
    """Share of the answer's own mutants that the testbench notices, in [0, 1]; None where it was
    not measured: only of what is called right, and by Icarus."""
    mutants: int = 0
    """Mutants tried."""


def evidence_of(verdict: Verdict) -> BenchEvidence | None:
    """The evidence in a Verdict; None where no testbench of the record's judged."""
    result = verdict.checks.get("simulation")
    if result is None:
        return None
    if not result.decided:
        return BenchEvidence(says="undecided", told=one_line(_text(result, "reason")))
    if result.detail.get("judge") != JUDGE:
        return None
    noticed, mutants = result.detail.get(NOTICED), result.detail.get(MUTANTS)
    return BenchEvidence(
        says="right" if result.detail.get(SELF_TESTED) else "wrong",
        by=_text(result, "bench_by"),
        told=one_line(_text(result, "bench_told") or _first(result)),
        noticed=noticed if isinstance(noticed, float) else None,
        mutants=mutants if isinstance(mutants, int) else 0,
    )


def _text(result: CheckResult, key: str) -> str:
    return str(result.detail.get(key) or "")


def _first(result: CheckResult) -> str:
    return result.findings[0].message if result.findings else ""


def measured(spec: Spec | None, candidate: Candidate, verdict: Verdict) -> Verdict:
    """The Verdict, with how many of the answer's mutants its own testbench notices."""
    result = verdict.checks.get("simulation")
    if spec is None or spec.testbench is None or result is None:
        return verdict
    if not result.detail.get(SELF_TESTED) or result.detail.get("simulator") != "icarus":
        return verdict
    answer = extract(candidate.text, spec.top, candidate.instruction or spec.prompt).rtl
    says = "silent" if result.detail.get("bench_by") == "silence" else "pass"
    found = notices(spec.testbench, answer, spec.top, says=says)
    detail: Detail = {**result.detail, NOTICED: found.share, MUTANTS: found.mutants}
    checks = {**verdict.checks, "simulation": msgspec.structs.replace(result, detail=detail)}
    return msgspec.structs.replace(verdict, checks=checks)
