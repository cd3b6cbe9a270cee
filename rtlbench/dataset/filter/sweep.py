"""What several thresholds would keep: a table for a terminal, and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rtlbench.dataset.filter.tally import SweepRow
from rtlbench.io.table import aligned

HEAD = ("threshold", "kept", "share", "functional", "wrong", "unknown", "right/judged", "all I/O")


def sweep_table(rows: Sequence[SweepRow]) -> str:
    """The rows as text."""
    table = [HEAD, *(_cells(r) for r in rows)]
    return "\n".join(aligned(table, left=0))


def _cells(row: SweepRow) -> tuple[str, ...]:
    return (
        f"{row.threshold:g}",
        str(row.kept),
        _percent(row.share),
        str(row.functional),
        str(row.wrong),
        str(row.unknown),
        _percent(row.functional_rate),
        _percent(row.all_io_used_rate),
    )


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f}%"


def plot_sweep(rows: Sequence[SweepRow], path: Path) -> str:
    """Draw the rows into an SVG file; why not, where that cannot be done, else empty."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        return f"no {path.name}: a plot needs matplotlib: pip install 'rtlbench[data]'"
    figure = Figure(figsize=(7, 4), layout="tight")
    axes = figure.subplots()
    at = [r.threshold for r in rows]
    axes.plot(at, [r.share for r in rows], marker="o", label="kept, of all")
    for label, rates in (
        ("functional, of those judged", [r.functional_rate for r in rows]),
        ("all I/O used, of those kept", [r.all_io_used_rate for r in rows]),
    ):
        known = [(x, y) for x, y in zip(at, rates, strict=True) if y is not None]
        axes.plot([x for x, _ in known], [y for _, y in known], marker="o", label=label)
    axes.set_xlabel("threshold")
    axes.set_ylim(-0.02, 1.02)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower left", fontsize="small")
    with mpl.rc_context({"svg.hashsalt": "rtlbench"}):  # the same rows give the same file
        figure.savefig(path, metadata={"Date": None})
    return ""
