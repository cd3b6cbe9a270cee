"""What a run says at its end: the table by category, in plain text, within 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rtlbench.io.table import aligned
from rtlbench.statistics import Figure, Summary

_COLUMNS = ("category", "answers", "score", "syntax", "synthesis", "all I/O used", "functional")


def summary_table(total: Summary, categories: Mapping[str, Summary]) -> str:
    """The headline figures by category, with the 95% interval of the totals."""
    rows: list[Sequence[str]] = [_COLUMNS]
    rows += [(name, *_cells(summary)) for name, summary in categories.items()]
    rows.append(("all", *_cells(total)))
    score, *rates = _figures(total)
    rows.append(("95% interval", "", _span(score), *map(_percent_span, rates)))
    return "\n".join([*aligned(rows), _outcomes(total)])


def _figures(s: Summary) -> tuple[Figure, ...]:
    return (s.score, s.syntax, s.synthesis, s.all_io_used, s.functional)


def _cells(s: Summary) -> list[str]:
    score, *rates = _figures(s)
    shown = "-" if score.value is None else f"{score.value:.3f}"
    return [str(s.answers), shown, *(_percent(r) for r in rates)]


def _percent(figure: Figure) -> str:
    return "-" if figure.value is None else f"{100 * figure.value:.1f}%"


def _span(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return "-"
    return f"{figure.low:.2f}-{figure.high:.2f}"


def _percent_span(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return "-"
    return f"{100 * figure.low:.0f}-{100 * figure.high:.0f}%"


def _outcomes(total: Summary) -> str:
    counts = ", ".join(f"{n} {name}" for name, n in total.outcomes.items() if n)
    k = [f"pass@{k} {f.value:.3f}" for k, f in total.pass_at.items() if f.value is not None]
    cut = [f"{total.truncated} cut off"] if total.truncated else []
    return "   ".join([f"outcomes: {counts or 'none'}", *k, *cut])
