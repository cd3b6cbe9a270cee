"""What a run says at its end: the table by category, in plain text."""

from __future__ import annotations

import io
from collections.abc import Mapping

from rtlbench.metrics import Figure, Summary

_COLUMNS = ("category", "answers", "score", "syntax", "synthesis", "all I/O used", "functional")


def summary_table(total: Summary, categories: Mapping[str, Summary], width: int = 100) -> str:
    """The headline figures by category, with the 95% interval of the totals."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for k, name in enumerate(_COLUMNS):
        table.add_column(name, justify="left" if k == 0 else "right")
    for name, summary in categories.items():
        table.add_row(name, *_cells(summary))
    table.add_section()
    table.add_row("all", *_cells(total), style="bold")
    table.add_row("95% interval", "", *map(_interval, _figures(total)))
    console = Console(file=io.StringIO(), width=max(width, 90), color_system=None)
    console.print(table)
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    return "\n".join([*lines, _outcomes(total)])


def _figures(s: Summary) -> tuple[Figure, ...]:
    return (s.score, s.syntax, s.synthesis, s.all_io_used, s.functional)


def _cells(s: Summary) -> list[str]:
    score, *rates = _figures(s)
    shown = "-" if score.value is None else f"{score.value:.3f}"
    return [str(s.answers), shown, *(_percent(r) for r in rates)]


def _percent(figure: Figure) -> str:
    return "-" if figure.value is None else f"{100 * figure.value:.1f}%"


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return "-"
    return f"{figure.low:.2f}-{figure.high:.2f}"


def _outcomes(total: Summary) -> str:
    counts = ", ".join(f"{n} {name}" for name, n in total.outcomes.items() if n)
    k = [f"pass@{k} {f.value:.3f}" for k, f in total.pass_at.items() if f.value is not None]
    return "   ".join([f"outcomes: {counts or 'none'}", *k])
