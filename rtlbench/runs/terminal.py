"""What pytest's terminal shows of wrong answers: the reason in each line of the short summary, and
of many failures three of each first rule in full, the others by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback
from _pytest.outcomes import Failed

from rtlbench.io.untrusted import one_line
from rtlbench.records.verdict import Finding, Outcome, Verdict

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

EXAMPLES = 3
LONGEST = 160
"""Characters of a reason."""
NO_RULE = "no rule"


class WrongAnswer(Failed):
    """An answer that does not pass; fails its case without a traceback.

    Attributes:
        rule: What it broke first.
        reason: That in a line.
    """

    def __init__(self, verdict: Verdict) -> None:
        from rtlbench.io.explain import explain

        super().__init__(explain(verdict), pytrace=False)
        first = _first(verdict)
        self.rule = first.rule if first is not None else NO_RULE
        told = f"{first.message}  [{first.rule}]" if first is not None else verdict.outcome.value
        self.reason = one_line(told, LONGEST)


def _first(verdict: Verdict) -> Finding | None:
    failed = [r for r in verdict.checks.values() if r.outcome in (Outcome.FAIL, Outcome.TIMEOUT)]
    errors = [f for r in failed for f in r.findings if f.severity == "error"]
    return next(iter(errors or verdict.findings), None)


def note_reason(report: pytest.TestReport, wrong: WrongAnswer) -> None:
    """Have a report say its rule, and in the short summary its reason."""
    report.rtlbench_rule = wrong.rule  # type: ignore[attr-defined]
    _say(report, f"{wrong.msg}", wrong.reason)


def _say(report: pytest.TestReport, text: str, reason: str) -> None:
    path, line, _ = report.location
    report.longrepr = ReprExceptionInfo(
        reprtraceback=ReprTraceback([ReprEntryNative([f"{text}\n"])], None, "native"),
        reprcrash=ReprFileLocation(path, (line or 0) + 1, reason),
    )


def grouped(reports: Sequence[Any]) -> dict[str, list[Any]]:
    """The reports of wrong answers by first rule, the commonest first."""
    groups: dict[str, list[Any]] = {}
    for report in reports:
        if rule := getattr(report, "rtlbench_rule", None):
            groups.setdefault(rule, []).append(report)
    return dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))


def examples(reports: Sequence[Any]) -> list[Any]:
    """What is shown in full: three of each rule, and whatever is no wrong answer; not what only
    says that a case contains others that failed."""
    groups = grouped(reports)
    shown = [r for members in groups.values() for r in members[:EXAMPLES]]
    wrong = {r.nodeid for members in groups.values() for r in members}
    return shown + [
        r for r in reports if not hasattr(r, "rtlbench_rule") and r.nodeid not in wrong
    ]


def write_rest(terminal: TerminalReporter, reports: Sequence[Any]) -> None:
    """The wrong answers that were not shown in full, a line a task."""
    for rule, members in grouped(reports).items():
        if rest := members[EXAMPLES:]:
            terminal.write_line(f"{rule}: {len(members)} answers; beside those shown")
            for task, told in _by_task(rest).items():
                terminal.write_line(f"  {task}: {', '.join(told)}")


def _by_task(reports: Iterable[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for report in reports:
        task = report.nodeid.partition("[")[2].rstrip("]") or report.nodeid
        context = getattr(report, "context", None)
        found.setdefault(task, []).append(str(getattr(context, "msg", None) or "failed"))
    return found
