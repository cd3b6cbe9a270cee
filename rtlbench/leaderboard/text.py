"""A leaderboard as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.gate.text import markdown_table, tasks_cell
from rtlbench.io.untrusted import one_line
from rtlbench.leaderboard.board import FIGURES, Board, BoardRow, Pair
from rtlbench.pages.page import percent
from rtlbench.statistics import Figure

NOTE = (
    "Each figure has its 95% interval by tasks. An answer that the harness could not judge counts "
    "in no figure. A task that was not answered counts as wrong, save in runs that are called "
    "partial, where it counts in none."
)


def board_markdown(found: Sequence[Board], written_by: str) -> str:
    """One chapter a suite.

    Args:
        written_by: The command that writes it.
    """
    head = f"# Scores\n\nWritten by {_code(written_by)}; each row's own command stands below it.\n"
    return "\n".join([head, *(_chapter(board) for board in found), f"{NOTE}\n"])


def _chapter(board: Board) -> str:
    heads = ["run", "model", "tasks answered", "answers", *FIGURES.values()]
    lines = [
        [
            plain(row.name), plain(row.model), answered(row), f"{row.answers:,}",
            *(_figure(row.figures[name]) for name in FIGURES),
        ]
        for row in board.rows
    ]  # fmt: skip
    parts = [f"## {plain(board.suite)}\n", markdown_table(heads, lines)]
    if board.pairs:
        pairs = [[f"{plain(p.first)} less {plain(p.second)}", *pair_cells(p)] for p in board.pairs]
        parts.append(markdown_table(["functional", "tasks", "difference", "chance"], pairs))
    return "\n".join([*parts, "".join(_how(row) for row in board.rows)])


def answered(row: BoardRow) -> str:
    """`78 of 156`; with a word where the others are left out."""
    if row.asked is not None:
        return tasks_cell(row.asked)
    left_out = ", partial" if row.tasks < (row.suite_tasks or 0) else ""
    return f"{row.tasks} of {row.suite_tasks}{left_out}" if row.suite_tasks else str(row.tasks)


def pair_cells(pair: Pair) -> list[str]:
    """Tasks in common, the difference in points with its interval, and the chance of it."""
    if pair.change is None or pair.p is None or pair.change.value is None:
        return [str(pair.tasks or "-"), pair.why_not or "-", "-"]
    low, high = pair.change.low, pair.change.high
    span = f" ({100 * low:+.1f} to {100 * high:+.1f})" if None not in (low, high) else ""  # type: ignore[operator]
    mark = " *" if pair.is_beyond_chance else ""
    return [str(pair.tasks), f"{100 * pair.change.value:+.1f} points{span}{mark}", f"{pair.p:.3g}"]


def _figure(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return percent(figure.value)
    return f"{percent(figure.value)} ({100 * figure.low:.1f} to {100 * figure.high:.1f})"


def _how(row: BoardRow) -> str:
    told = "; ".join(f"{plain(name)} {_code(value)}" for name, value in row.settings.items())
    command = _code(row.command or "not recorded")
    unjudged = f" {row.unjudged} could not be judged." if row.unjudged else ""
    return f"- {plain(row.name)}: {command}; {told}; {row.finished}.{unjudged}\n"


def _code(text: str) -> str:
    """As code; what could be markup as words, since not every reader knows code from words."""
    line = one_line(text, 1000)
    return plain(text) if "<" in line or "`" in line else f"`{line}`"


def plain(text: str) -> str:
    """Words that a model or a user chose, on one line, without a meaning in Markdown or HTML."""
    line = one_line(text, 1000)
    for letter in "\\`|<>[]*_#":
        line = line.replace(letter, {"<": "&lt;", ">": "&gt;"}.get(letter, f"\\{letter}"))
    return line
