"""What a terminal is shown of a Verdict holds no control character and no forged line."""

from __future__ import annotations

import msgspec

from fuzz.choices import Choices
from fuzz.target import Target
from rtlbench.io.explain import explain, in_a_line
from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity, TraceRow, Verdict

_PIECES = (
    "m", " ", "\n", "\r", "\x1b[2J", "\x1b]0;x\x07", "\t", "\x00", "\x7f", "\x85", "\u2028",
    "\u202e", "\ufeff", "\U000e0041", "\xe9", "\u0301", "pass, score 1.000", "[bold]", "<b>",
    "%s", "{0}", "\\n", "module x\n  error",
)  # fmt: skip


class Told(msgspec.Struct, frozen=True):
    """Words that come from candidates, files and tools."""

    spec_id: str
    model: str
    message: str
    reason: str
    port: str


def make(c: Choices) -> Told:
    """Pieces that a terminal would act on, and raw ones."""
    return Told(*(_word(c) for _ in range(5)))


def _word(c: Choices) -> str:
    if c.integer(0, 3) == 0:
        return c.raw(40).decode("utf-8", "replace")
    return "".join(c.pick(_PIECES) for _ in range(c.integer(0, 6)))


def check(case: Told) -> bool:
    """Always True: every Verdict is told."""
    for outcome in (Outcome.FAIL, Outcome.ERROR):
        verdict = _verdict(case, outcome)
        line = in_a_line(verdict)
        assert line.isprintable(), repr(line)
        lines = explain(verdict).split("\n")
        assert all(s.isprintable() for s in lines), lines
        own = [s for s in lines if not s.startswith("    ")]
        assert len(own) == 3 + (outcome is Outcome.ERROR), lines
        assert all(s.startswith("  ") for s in own[1:]), lines
    return True


def _verdict(case: Told, outcome: Outcome) -> Verdict:
    findings = tuple(Finding("lint.x", s, case.message, 1, 1) for s in Severity)
    row = TraceRow(0, {case.port or "a": 1}, {case.port or "q": "0"}, {case.port or "q": "1"})
    result = CheckResult(
        name="simulation", outcome=outcome, value=0.0, findings=findings,
        detail={"reason": case.reason}, trace=(row,),
    )  # fmt: skip
    return Verdict(
        spec_id=case.spec_id, sample=0, model=case.model, outcome=outcome, score=0.0,
        syntax_valid=True, synthesizes=None, all_io_used=None, functional=None,
        checks={"simulation": result}, findings=findings,
    )  # fmt: skip


TARGET = Target(case=Told, make=make, check=check, share=5)
