"""A Check: this team writes no always_latch."""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench import CheckResult, Finding, Severity
from rtlbench.checks.base import Check, Work, conclude


class NoLatchWord(Check):
    """Fails what has an `always_latch`."""

    name = "no_latch_word"
    needs: tuple[str, ...] = ("syntax", "safety")

    def run(self, works: Sequence[Work]) -> list[CheckResult]:
        """Look at the text that all tools see."""
        return [conclude(self.name, _findings(w.source.text)) for w in works]


def _findings(text: str) -> list[Finding]:
    return [
        Finding("no_latch_word.latch", Severity.ERROR, "always_latch is not written here", line=k)
        for k, line in enumerate(text.splitlines(), 1)
        if "always_latch" in line
    ]
