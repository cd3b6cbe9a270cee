"""Verdicts in words and tables in plain text, for people, files and pipes."""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.io.untrusted import one_line, printable
from rtlbench.records.verdict import Finding, Outcome, Severity, TraceRow, Verdict

MAX_LINES = 12
MAX_REASON = 200
MAX_MODEL = 80


def aligned(rows: Sequence[Sequence[str]], *, left: int = 1) -> list[str]:
    """Lines of equal columns: the first `left` cells at the left of theirs, the others right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if k < left else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def explain(verdict: Verdict) -> str:
    """Why the Verdict is what it is: findings with their place, and the first mismatch."""
    who = _who(verdict)
    lines = [f"{who}: {verdict.outcome.value}, score {verdict.score:.3f}"]
    errors = [f for f in verdict.findings if f.severity is Severity.ERROR]
    warnings = [f for f in verdict.findings if f.severity is Severity.WARNING]
    lines += [f"  {_place(f)}{one_line(f.message)}  [{f.rule}]" for f in errors[:MAX_LINES]]
    if warnings:
        lines.append(_warned(warnings))
    for result in verdict.checks.values():
        if result.outcome is Outcome.ERROR:
            reason = printable(str(result.detail.get("reason", "unknown")))
            reason = reason.replace("\n", "\n    ")  # its lines stay its own
            lines.append(f"  {result.name}: the harness could not tell: {reason}")
        lines += _table(result.trace)
    return "\n".join(lines)


def in_a_line(verdict: Verdict) -> str:
    """Whose answer could not be judged, and why."""
    return f"{_who(verdict)}: {cause(verdict)}"


def cause(verdict: Verdict) -> str:
    """Which Check could not tell, and the last line of why, for a Verdict with outcome `error`."""
    for result in verdict.checks.values():
        if result.outcome is Outcome.ERROR:
            reason = str(result.detail.get("reason", "")).strip() or "unknown"
            return f"{result.name}: {one_line(reason.splitlines()[-1], MAX_REASON)}"
    return verdict.outcome.value


def _who(verdict: Verdict) -> str:
    task, model = one_line(verdict.spec_id or ""), one_line(verdict.model, MAX_MODEL)
    return f"{task or 'answer'} sample {verdict.sample} ({model})"


def _warned(warnings: list[Finding]) -> str:
    first = f"{_place(warnings[0])}{one_line(warnings[0].message)}  [{warnings[0].rule}]"
    count = len(warnings)
    return f"  warning: {first}" if count == 1 else f"  {count} warnings, the first: {first}"


def _place(finding: Finding) -> str:
    if finding.line is None:
        return ""
    column = f":{finding.column}" if finding.column else ""
    return f"line {finding.line}{column}: "


def _table(trace: tuple[TraceRow, ...]) -> list[str]:
    """Rows of cycle, inputs and outputs; the last shows what was got instead."""
    if not trace:
        return []
    inputs, outputs = list(trace[-1].inputs), list(trace[-1].expected)
    head = ["cycle", *inputs, *(f"{n} expected" for n in outputs), *(f"{n} got" for n in outputs)]
    rows = [head]
    for row in trace:
        got = row.got or {}
        rows.append(
            [str(row.cycle), *(str(row.inputs[n]) for n in inputs)]
            + [row.expected[n] for n in outputs]
            + [got.get(n, "") for n in outputs]
        )
    rows = [[one_line(cell) for cell in row] for row in rows]  # ports have a suite's names
    return [f"    {line}" for line in aligned(rows, left=0)]
