"""lint: what Verilator -Wall warns of, style aside. Warnings lower the value, never fail."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rtlbench.checks.base import Check, Context, Work, conclude
from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity
from rtlbench.rtl.renaming import renamed
from rtlbench.rtl.verilator import LintMessage, lint

MAX_FINDINGS = 10


class Lint:
    """See the module's docstring."""

    name = "lint"
    needs: tuple[str, ...] = ("syntax", "safety")

    def applies(self, context: Context) -> bool:  # noqa: ARG002 - always asked
        """Always."""
        return True

    def run(self, works: Sequence[Work], context: Context) -> list[CheckResult]:  # noqa: ARG002
        """Lint the batch in one process."""
        ensure_linted(works)
        return [_judge(work) for work in works]


def ensure_linted(works: Sequence[Work]) -> None:
    """Give every one of `works`, of whatever Specs, Verilator's messages, in one process."""
    missing = [w for w in works if not w.linted]
    units = [renamed(w, f"unit{k}_") for k, w in enumerate(missing)]
    for work, messages in zip(missing, lint(units), strict=True):
        work.messages, work.linted = messages, True


def _judge(work: Work) -> CheckResult:
    messages = work.messages
    if messages is None:
        detail: dict[str, str | int | float | bool | None] = {"reason": "Verilator gave no answer"}
        return CheckResult(name="lint", outcome=Outcome.ERROR, value=0.0, detail=detail)
    findings = [_finding(work, m) for m in messages[:MAX_FINDINGS]]
    return conclude("lint", findings, floor=0.0, detail={"warnings": len(messages)})


def _finding(work: Work, message: LintMessage) -> Finding:
    text = re.sub(r"\bunit\d+_\d+\.", "", message.text)  # a path, told so in batches only
    text = re.sub(r"\bunit\d+_\d+\b", work.top or "module", text)
    line = work.source.original_line(message.line)
    return Finding(f"lint.{message.code.lower()}", Severity.WARNING, text, line, message.column)


CHECK: Check = Lint()
