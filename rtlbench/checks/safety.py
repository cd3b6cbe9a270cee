"""safety: nothing that a synthesizable answer has no business with. No tool opens a candidate
before this Check has passed it.

A suite's own golden may need what is refused here (a clock generator lives by delays). Then an
answer that is refused for the same rules and no others is an error, not a fail: its task is one
that the harness cannot judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from rtlbench.checks.base import Check, Cleared, Work, conclude, one_by_one
from rtlbench.io.untrusted import quoted
from rtlbench.records.verdict import CheckResult, Detail, Finding, Outcome, Severity
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.renaming import as_hardware
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import elaborate

MAX_FINDINGS = 10
_REMEDY = {
    "safety.system-task": "{what} has no place in an answer: only functions such as $clog2 and "
    "$signed are allowed",
    "safety.construct": "{what} has no place in an answer",
    "safety.timing": "{what}",
    "safety.loop": "{what}: the limit is 65,536",
    "safety.unknown-value": "{what}: no hardware starts as X or Z",
    "safety.hierarchical-reference": "{what} is a path through the hierarchy: use ports",
    "safety.duplicate-module": "module {what} is defined twice",
}


_FIXED_WORDS = frozenset({"safety.loop", "safety.timing"})
"""Rules whose `what` holds nothing of the candidate's choice."""


class Safety(Check):
    """Refuses what a synthesizable answer has no business with, before any tool opens it."""

    name = "safety"
    needs: tuple[str, ...] = ("syntax",)

    def run(self, works: Sequence[Work]) -> list[CheckResult]:
        """Look for refused forms; sets the text that tools may see."""
        return one_by_one(self.name, works, _judge)


def _judge(work: Work) -> CheckResult:
    findings = _examine(work)
    golden = work.context.spec.golden if work.context.spec is not None else ""
    result = conclude("safety", findings)
    if not findings or not {f.rule for f in findings} <= rules_broken_by(golden):
        return result
    reason = "the suite's own solution breaks the same rules: nothing can be said of this answer"
    detail: Detail = {"reason": reason}
    return msgspec.structs.replace(result, outcome=Outcome.ERROR, detail=detail)


@lru_cache(maxsize=64)
def rules_broken_by(golden: str) -> frozenset[str]:
    """The rules of this Check that a suite's own golden breaks."""
    if not golden:
        return frozenset()
    found = scan(elaborate(prepare(golden).text, None).tree)
    return frozenset(rule for rule, _, _ in found.forbidden)


def _examine(work: Work) -> list[Finding]:
    assert work.elaboration is not None  # syntax has passed
    found = scan(work.elaboration.tree)
    findings = [_finding(work, *f) for f in found.forbidden[:MAX_FINDINGS]]
    findings += _upward_names(work)
    if not findings:
        work.cleared = Cleared(as_hardware(work.source.text, found), found)
    return findings


def _finding(work: Work, rule: str, what: str, offset: int) -> Finding:
    text = work.source.text
    line = work.source.original_line(text.count("\n", 0, offset) + 1)
    column = offset - text.rfind("\n", 0, offset)
    message = _REMEDY[rule].format(what=what if rule in _FIXED_WORDS else quoted(what))
    return Finding(rule, Severity.ERROR, message, line, column)


def _upward_names(work: Work) -> list[Finding]:
    view = work.elaboration
    assert view is not None
    names = [d for d in view.diagnostics if "UpwardHierarchicalName" in str(d.code)]
    findings = [view.finding(d, "safety.hierarchical-reference", Severity.ERROR) for d in names]
    return [work.source.in_original_lines(f) for f in findings]


CHECK: Check = Safety()
