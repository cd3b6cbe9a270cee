"""What the gate says, in plain text."""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.gate.rules import BETTER, NO_DIFFERENCE, Change, GateReport, Requirement
from rtlbench.io.table import aligned

WORDS = {"all_io_used": "all I/O used"}


def gate_table(report: GateReport) -> str:
    """A line a rule with its figure, interval and verdict; the last line sums up."""
    lines = [f"{report.candidate}: {report.answers} answers to {report.tasks} tasks"]
    if report.unjudged:
        lines.append(f"{report.unjudged} answers that the harness could not judge are left out")
    if report.requirements:
        lines += ["", *_required(report.requirements)]
    if report.baseline is not None:
        lines += ["", f"beside {report.baseline}"]
        if report.allowed:
            lines.append(f"differing, as allowed, in {', '.join(report.allowed)}")
        lines += _changed(report.changes)
    return "\n".join([*lines, "", _sum(report)])


def _required(rules: Sequence[Requirement]) -> list[str]:
    rows: list[Sequence[str]] = [("rule", "at least", "figure", "95% interval", "verdict")]
    for rule in rules:
        name = f"{figure_name(rule.figure)}, {rule.of}" + (f" ({rule.note})" if rule.note else "")
        verdict = "pass" if rule.passed else "fail"
        span = _span(rule.low, rule.high)
        rows.append((name, f"{rule.least:.3f}", _number(rule.value), span, verdict))
    return aligned(rows)


def _changed(changes: Sequence[Change]) -> list[str]:
    rows: list[Sequence[str]] = [
        ("figure", "tasks", "change", "95% interval", "p worse", "p better", "verdict")
    ]
    for change in changes:
        found = change.difference
        verdict = change.verdict if change.passed else f"{change.verdict}: fail"
        span = _span(found.low, found.high, "+")
        value = _number(found.value, "+")
        p = (f"{change.p_worse:.4f}", f"{change.p_better:.4f}")
        name = f"{figure_name(change.figure)}, {change.of}"
        rows.append((name, str(found.tasks), value, span, *p, verdict))
    return aligned(rows)


def _sum(report: GateReport) -> str:
    failed = [f"{figure_name(r.figure)}, {r.of}" for r in report.requirements if not r.passed]
    lower = [c for c in report.changes if not c.passed]
    failed += [f"{figure_name(c.figure)}, {c.of}: {c.verdict}" for c in lower]
    if failed:
        return f"gate: fail ({'; '.join(failed)})"
    if report.baseline is None:
        return "gate: pass"
    is_better = any(c.verdict == BETTER for c in report.changes)
    return f"gate: pass ({BETTER if is_better else NO_DIFFERENCE})"


def figure_name(figure: str) -> str:
    """What people call a figure."""
    return WORDS.get(figure, figure)


def _number(value: float | None, sign: str = "") -> str:
    return "-" if value is None else f"{value:{sign}.3f}"


def _span(low: float | None, high: float | None, sign: str = "") -> str:
    if low is None or high is None:
        return "-"
    return f"{low:{sign}.3f} to {high:{sign}.3f}"
