"""A suite's own verdict and ours, of the same answers: how often they agree, and where they do not,
a line that says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from rtlbench.io.untrusted import one_line
from rtlbench.records.verdict import Severity, Verdict
from rtlbench.statistics import Figure, Judged, summarise

MAX_TOLD = 160
MAX_DIFFERENCES = 1000


class SuiteComparison(msgspec.Struct, frozen=True, kw_only=True):
    """What the suite's own rule says of a run's answers, and where ours differs."""

    answers: int
    says: dict[str, int]
    """Answers by what the rule says of them."""
    agree: int
    """Answers that both call right, or neither."""
    passed: Figure
    pass_at: dict[str, Figure]
    """By k, the unbiased estimator."""
    differences: list[str]
    """One line an answer, at most 1,000."""


class WithoutErrata(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a run without the tasks whose own bench is at fault."""

    tasks: tuple[str, ...]
    """Those left out, by id."""
    answers: int
    """That are left."""
    functional: Figure
    """By our verdicts."""
    passed: Figure | None = None
    """By the suite's rule, where it was asked."""


def without_errata(
    unsound: Iterable[str], verdicts: Iterable[Verdict], beside: Iterable[Judged] = ()
) -> WithoutErrata:
    """The figures of Verdicts, those of `unsound` tasks left out.

    Args:
        beside: Answers that are not there and count as wrong.
    """
    out, by_rule, ours, seen = frozenset(unsound), [], [], set[str]()
    for verdict in verdicts:
        task = verdict.spec_id or ""
        seen.add(task)
        if task in out:
            continue
        ours.append(Judged.of(verdict))
        if verdict.suite_rule is not None:
            is_right = verdict.suite_rule == "pass"
            by_rule.append(msgspec.structs.replace(ours[-1], functional=is_right))
    left = [j for j in beside if j.spec_id not in out]
    return WithoutErrata(
        tasks=tuple(sorted(out & seen)),
        answers=len(ours),
        functional=summarise([*ours, *left]).functional,
        passed=summarise([*by_rule, *_by_rule(left)]).functional if by_rule else None,
    )


def _by_rule(missing: Iterable[Judged]) -> list[Judged]:
    """Answers that are not there, as a suite's rule has them: wrong."""
    return [msgspec.structs.replace(j, functional=False) for j in missing]


class Comparing:
    """Counts as Verdicts come by."""

    def __init__(self) -> None:
        self._says: Counter[str] = Counter()
        self._judged: list[Judged] = []
        self._differences: list[str] = []
        self._agree = 0

    def add(self, verdict: Verdict) -> None:
        """Count one Verdict; one of which the suite says nothing does not count."""
        if verdict.suite_rule is None:
            return
        is_right = verdict.suite_rule == "pass"
        self._says[verdict.suite_rule] += 1
        self._judged.append(msgspec.structs.replace(Judged.of(verdict), functional=is_right))
        if is_right == (verdict.functional is True):
            self._agree += 1
        elif len(self._differences) < MAX_DIFFERENCES:
            self._differences.append(difference(verdict))

    def result(self, beside: Iterable[Judged] = ()) -> SuiteComparison | None:
        """The figures; None where no rule was asked.

        Args:
            beside: Answers that are not there and count as wrong.
        """
        if not self._judged:
            return None
        summary = summarise([*self._judged, *_by_rule(beside)])
        return SuiteComparison(
            answers=len(self._judged),
            says=dict(self._says),
            agree=self._agree,
            passed=summary.functional,
            pass_at=summary.pass_at,
            differences=self._differences,
        )


def difference(verdict: Verdict) -> str:
    """Whose answer, what the suite says and by which line, and what is said here and why."""
    ours = {True: "right", False: "wrong", None: "undecided"}[verdict.functional]
    told = one_line(verdict.suite_told, MAX_TOLD)
    who = f"{one_line(verdict.spec_id or '')} sample {verdict.sample}"
    return f"{who}: the suite says {verdict.suite_rule} ({told}); here {ours}: {_why(verdict)}"


def _why(verdict: Verdict) -> str:
    if verdict.functional:
        compared = verdict.checks["simulation"].detail.get("compared")
        return f"what it shows is right in all of {compared} moments, from unknown inputs on"
    for name in ("simulation", *verdict.checks):
        result = verdict.checks.get(name)
        for finding in result.findings if result is not None else ():
            if finding.severity is Severity.ERROR:
                return f"{one_line(finding.message, MAX_TOLD)} [{finding.rule}]"
        if result is not None and "reason" in result.detail:
            return one_line(str(result.detail["reason"]), MAX_TOLD)
    return "no reason is known"
