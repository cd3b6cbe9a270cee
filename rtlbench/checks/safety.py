"""safety: nothing that a synthesizable answer has no business with. No tool opens a candidate
before this Check has passed it."""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.checks.base import Check, Context, Work, conclude
from rtlbench.tools.syntax_scan import Scan, blank_delays, scan
from rtlbench.verdict import CheckResult, Finding, Severity

MAX_FINDINGS = 10
_REMEDY = {
    "safety.system-task": "{what} has no place in an answer: only functions such as $clog2 and "
    "$signed are allowed",
    "safety.construct": "`{what}` has no place in an answer",
    "safety.timing": "{what}",
    "safety.hierarchical-reference": "{what} is a path through the hierarchy: use ports",
    "safety.duplicate-module": "module {what} is defined twice",
}


class Safety:
    """See the module's docstring."""

    name = "safety"
    needs: tuple[str, ...] = ("syntax",)

    def applies(self, context: Context) -> bool:  # noqa: ARG002 - always asked
        """Always."""
        return True

    def run(self, works: Sequence[Work], context: Context) -> list[CheckResult]:  # noqa: ARG002
        """Look for refused forms; sets the text that tools may see."""
        return [conclude(self.name, _examine(work)) for work in works]


def _examine(work: Work) -> list[Finding]:
    assert work.elaboration is not None  # syntax has passed
    found = scan(work.elaboration.tree)
    findings = [_finding(work, *f) for f in found.forbidden[:MAX_FINDINGS]]
    findings += _upward_names(work)
    if not findings:
        work.scan = found
        work.text = _tool_text(work, found)
    return findings


def _tool_text(work: Work, found: Scan) -> str:
    return blank_delays(work.source.text, found)


def _finding(work: Work, rule: str, what: str, offset: int) -> Finding:
    text = work.source.text
    line = work.source.original_line(text.count("\n", 0, offset) + 1)
    column = offset - text.rfind("\n", 0, offset)
    message = _REMEDY[rule].format(what=what)
    return Finding(rule, Severity.ERROR, message, line, column)


def _upward_names(work: Work) -> list[Finding]:
    view = work.elaboration
    assert view is not None
    names = [d for d in view.diagnostics if "UpwardHierarchicalName" in str(d.code)]
    return [view.finding(d, "safety.hierarchical-reference", Severity.ERROR) for d in names]


CHECK: Check = Safety()
