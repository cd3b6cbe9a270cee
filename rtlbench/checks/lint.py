"""lint: what Verilator -Wall warns of, style aside. Warnings lower the value, never fail."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rtlbench.checks.allowances import read_allowances
from rtlbench.checks.base import Check, Context, Work, conclude
from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity
from rtlbench.rtl.verilator import LintMessage, lint

MAX_FINDINGS = 10


class Lint:
    """Lowers the value by what Verilator -Wall warns of, style aside."""

    name = "lint"
    needs: tuple[str, ...] = ("syntax", "safety")

    def applies(self, context: Context) -> bool:  # noqa: ARG002 - always asked
        """Always."""
        return True

    def run(self, works: Sequence[Work]) -> list[CheckResult]:
        """Lint the batch in one process."""
        found = lint([w.unit(f"unit{k}_") for k, w in enumerate(works)])
        return [_judge(work, messages) for work, messages in zip(works, found, strict=True)]


def _judge(work: Work, messages: Sequence[LintMessage] | None) -> CheckResult:
    if messages is None:
        detail: dict[str, str | int | float | bool | None] = {"reason": "Verilator gave no answer"}
        return CheckResult(name="lint", outcome=Outcome.ERROR, value=0.0, detail=detail)
    messages = [m for m in messages if not _is_asked_for(m, work)]
    findings = [_finding(work, m) for m in messages[:MAX_FINDINGS]]
    return conclude("lint", findings, floor=0.0, detail={"warnings": len(messages)})


def _is_asked_for(message: LintMessage, work: Work) -> bool:
    """Whether the words ask for what is warned of; where there is a golden, they do not count."""
    if work.context.golden is not None:
        return False
    allowed = read_allowances(work.words)
    named = re.findall(r"'(\w+)'", message.text)
    unused = message.code == "UNUSEDSIGNAL" and any(n in allowed.unused for n in named)
    return unused or (message.code == "LATCH" and allowed.latch)


def _finding(work: Work, message: LintMessage) -> Finding:
    text = re.sub(r"\bunit\d+_\d+\.", "", message.text)  # a path, told so in batches only
    text = re.sub(r"\bunit\d+_\d+\b", work.top or "module", text)
    line = work.source.original_line(message.line)
    return Finding(f"lint.{message.code.lower()}", Severity.WARNING, text, line, message.column)


CHECK: Check = Lint()
