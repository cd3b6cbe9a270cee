"""What pytest's terminal shows of the benchmark at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rtlbench.runs.session import Session

SHOWN = 20
"""Problems of the input that the summary shows."""


def write_summary(reporter: pytest.TerminalReporter, ours: Session) -> None:
    """The table by category, what could not be read, and where the results are."""
    from rtlbench.runs.summary_table import summary_table

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
            from rtlbench.runs.usage import in_words

            reporter.write_line(f"{run.config.generator.name}: {in_words(run.usage)}")
        if run.status == "stopped":
            reporter.write_line("cut short: the same command with --results goes on", yellow=True)
    reporter.write_line(f"results: {ours.folder.path} ({ours.seconds:.1f} s)")
