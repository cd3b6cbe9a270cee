"""What `rtlbench gate` and `rtlbench compare` print: plain text, and Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rtlbench.gate.matrix import Cell, Column, Comparison
from rtlbench.gate.rules import BETTER, NO_DIFFERENCE, Change, GateReport, Requirement
from rtlbench.gate.runs import ALL
from rtlbench.io.counted import many
from rtlbench.io.explain import aligned
from rtlbench.runs.tasks import TasksAsked

WORDS = {"all_io_used": "all I/O used"}


def gate_table(report: GateReport) -> str:
    """A line a rule with its figure, interval and verdict; the last line sums up."""
    counts = f"{many(report.answers, 'answer')} to {many(report.tasks, 'task')}"
    lines = [f"{report.candidate}: {counts}"]
    if report.told:
        lines.append(report.told)
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


NONE = "-"


def matrix_table(comparison: Comparison) -> str:
    """Runs as columns, a line a figure, with its interval."""
    runs = comparison.runs
    rows: list[Sequence[str]] = [("", *(run.name for run in runs))]
    rows += [(name, *(fact(run) for run in runs)) for name, fact in _facts(runs)]
    for cells in zip(*(_by_place(comparison, run) for run in runs), strict=True):
        named = next(c for c in cells if c is not None)
        rows.append((place_name(named), *(_cell(c) for c in cells)))
    return "\n".join([*aligned(rows), "", _legend(comparison)])


def matrix_markdown(comparison: Comparison) -> str:
    """Runs as lines: one table of figures, one of categories."""
    tables = [markdown_table(*_lines(comparison, is_overall)) for is_overall in (True, False)]
    return "\n".join([*tables, _legend(comparison)])


def markdown_table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table, numbers to the right."""
    rule = [":--", *("--:" for _ in heads[1:])]
    return "".join(f"| {' | '.join(row)} |\n" for row in (heads, rule, *lines))


def place_name(cell: Cell) -> str:
    """What a line or column of the matrix is called."""
    return figure_name(cell.figure) if cell.of == ALL else cell.of


def _lines(comparison: Comparison, is_overall: bool) -> tuple[list[str], list[list[str]]]:
    facts = _facts(comparison.runs) if is_overall else []
    columns = [_by_place(comparison, run) for run in comparison.runs]
    kept = [
        k for k, cells in enumerate(zip(*columns, strict=True))
        if any(c is not None and (c.of == ALL) == is_overall for c in cells)
    ]
    named = [next(c for c in cells if c) for cells in zip(*columns, strict=True)]
    heads = ["version", *(name for name, _ in facts), *(place_name(named[k]) for k in kept)]
    lines = [
        [run.name, *(fact(run) for _, fact in facts), *(_cell(cells[k]) for k in kept)]
        for run, cells in zip(comparison.runs, columns, strict=True)
    ]
    return heads, lines


def _by_place(comparison: Comparison, run: Column) -> list[Cell | None]:
    """The run's cells in the order of all places there are; None where it has none."""
    places = dict.fromkeys((c.figure, c.of) for r in comparison.runs for c in r.cells)
    own = {(c.figure, c.of): c for c in run.cells}
    return [own.get(place) for place in places]


def _cell(cell: Cell | None) -> str:
    if cell is None or cell.value.value is None:
        return NONE
    found = cell.value
    span = "" if found.low is None or found.high is None else f" ({found.low:.2f}-{found.high:.2f})"
    mark = ""
    if cell.is_significant and cell.change is not None and cell.change.value is not None:
        mark = " +" if cell.change.value > 0 else " -"
    return f"{found.value:.3f}{span}{mark}"


def _legend(comparison: Comparison) -> str:
    first = comparison.runs[0].name
    told = (
        f"In brackets the 95% interval; + and -: higher and lower than {first} beyond chance "
        f"({comparison.level:.0%}, corrected for the number of figures). Categories: average score."
    )
    if comparison.allowed:
        told += f" Runs differ, as allowed, in {', '.join(comparison.allowed)}."
    return told


def _examples(run: Column) -> str:
    known = run.training.examples
    return NONE if known is None else f"{known:,}"


def _least_score(run: Column) -> str:
    known = run.training.least_score
    return NONE if known is None else f"{known:.3f}"


def tasks_cell(asked: TasksAsked) -> str:
    """`78 of 156`, as a table has it; with a word where the others are left out."""
    of = f" selected of {asked.suite}" if asked.selected < asked.suite else ""
    left_out = ", partial" if asked.is_partial and asked.unanswered else ""
    return f"{asked.answered} of {asked.selected}{of}{left_out}"


_FACTS = (
    ("examples", _examples),
    ("least score", _least_score),
    ("answers", lambda run: str(run.answers)),
    ("tasks answered", lambda run: NONE if run.tasks is None else tasks_cell(run.tasks)),
)


def _facts(runs: Iterable[Column]) -> list[tuple[str, Callable[[Column], str]]]:
    """What is said of each run beside its figures; of tasks only where a run says something."""
    is_known = any(run.tasks is not None for run in runs)
    return [(name, fact) for name, fact in _FACTS if is_known or name != "tasks answered"]
