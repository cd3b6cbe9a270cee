"""What a refinement says at its end, in plain text."""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.io.table import aligned
from rtlbench.refine.report import Kind, RefineReport, Turn
from rtlbench.runs.usage import in_words
from rtlbench.statistics import Figure

MAX_KINDS = 8
"""Kinds of Finding shown of a turn; refine.json has all."""
_TURNS = ("turn", "answers", "passed", "functional", "score", "solved by now", "95%", "errors")
_KINDS = ("", "seen", "fixed", "hidden", "introduced", "uncovered")


def tables(report: RefineReport) -> str:
    """Pass rate by turn, and what became of the kinds of Finding."""
    rows: list[Sequence[str]] = [_TURNS, *map(_row, report.turns)]
    lines = aligned(rows)
    for turn in report.turns:
        lines += ["", *_kinds(turn)] if turn.kinds else []
    return "\n".join([*lines, "", *_usage(report)])


def _row(turn: Turn) -> list[str]:
    answers, solved = turn.answers, turn.solved
    score = "-" if answers.score.value is None else f"{answers.score.value:.3f}"
    span = "-"
    if solved.low is not None and solved.high is not None:
        span = f"{100 * solved.low:.0f}-{100 * solved.high:.0f}%"
    rates = [_percent(answers.passed), _percent(answers.functional)]
    errors = str(answers.outcomes["error"])
    return [str(turn.turn), str(answers.answers), *rates, score, _percent(solved), span, errors]


def _percent(figure: Figure) -> str:
    return "-" if figure.value is None else f"{100 * figure.value:.1f}%"


def _kinds(turn: Turn) -> list[str]:
    rows: list[Sequence[str]] = [(f"turn {turn.turn}: answers with", *_KINDS[1:])]
    rows += [_cells(kind) for kind in turn.kinds[:MAX_KINDS]]
    more = len(turn.kinds) - MAX_KINDS
    return [*aligned(rows), *([f"and {more} kinds more"] if more > 0 else [])]


def _cells(kind: Kind) -> list[str]:
    counts = (kind.seen, kind.fixed, kind.hidden, kind.introduced, kind.uncovered)
    return [f"  {kind.rule}", *map(str, counts)]


def _usage(report: RefineReport) -> list[str]:
    lines = [f"turn {t.turn}: {in_words(t.usage)}" for t in report.turns]
    if report.stopped_by in ("tokens", "seconds"):
        lines.append(f"stopped: the budget of {report.stopped_by} is used up; more of it goes on")
    return lines
