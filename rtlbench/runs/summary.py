"""What a run says at its end, in plain text: the table by category within 80 columns, what could
not be read or judged, what the answers took, and where the results are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rtlbench.io.explain import aligned
from rtlbench.statistics import Figure, Summary

if TYPE_CHECKING:
    import pytest

    from rtlbench.generate.answer import Usage
    from rtlbench.runs.session import Session

SHOWN = 20
"""Problems of the input that the summary shows."""
_COLUMNS = ("category", "answers", "score", "syntax", "synthesis", "all I/O used", "functional")


def write_summary(reporter: pytest.TerminalReporter, ours: Session) -> None:
    """The table by category, what could not be read, and where the results are."""
    count = ours.answers.problem_count
    if count:
        lines = "1 line" if count == 1 else f"{count} lines"
        reporter.write_line(f"{lines} of input could not be used:", yellow=True)
    for problem in ours.problems[:SHOWN]:
        reporter.write_line(f"  {problem}")
    if count > SHOWN:
        reporter.write_line(f"  ... and {count - SHOWN} more")
    for text in ours.broken:
        reporter.write_line(f"not judged, the harness failed: {text}", red=True)
    for note in ours.notes:
        reporter.write_line(f"note: {note}", yellow=True)
    run = ours.folder.read_run()
    if run is not None and run.total is not None:
        if run.total.answers:
            reporter.write_line(summary_table(run.total, run.categories))
        else:
            reporter.write_line("no answers judged")
        if run.usage is not None and run.config.generator is not None:
            reporter.write_line(f"{run.config.generator.name}: {usage_in_words(run.usage)}")
        if run.status == "stopped":
            reporter.write_line("cut short: the same command with --results goes on", yellow=True)
    reporter.write_line(f"results: {ours.folder.path} ({ours.seconds:.1f} s)")


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


def usage_in_words(usage: Usage) -> str:
    """What answers took: their number, tokens and cost in a line, as far as they are known."""
    words = [f"{usage.answers:,} answers"]
    if usage.completion_tokens is not None:
        words.append(f"{usage.completion_tokens:,} tokens")
    if usage.prompt_tokens is not None:
        words.append(f"{usage.prompt_tokens:,} of prompts")
    if usage.truncated:
        words.append(f"{usage.truncated:,} cut off")
    if usage.cost is not None:
        words.append(f"cost {usage.cost:.4g}")
    return ", ".join(words)
