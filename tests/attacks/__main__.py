"""`python -m tests.attacks [LEVEL...] [FAMILY...]`: all attacks, one table a level of isolation."""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence

from tests.attacks.run import LEVELS, Row, families, run_all

_COLUMNS = (
    "family", "attacks", "passes", "bounded", "errors", "effects", "neighbours harmed", "seconds"
)


def _cells(row: Row) -> tuple[str, ...]:
    found = (row.passes, row.bounded, row.errors, row.effects, row.harmed)
    counts = (row.attacks, *map(len, found))
    return (row.family, *map(str, counts), f"{row.seconds:.0f}")


def table(rows: Sequence[Row]) -> str:
    """The rows, their total, and below it everything that went wrong."""
    lines = [_COLUMNS, *map(_cells, rows), _cells(Row.total(rows))]
    widths = [max(len(line[k]) for line in lines) for k in range(len(_COLUMNS))]
    shown = [
        "  ".join([line[0].ljust(widths[0]),
                   *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))])
        for line in lines
    ]
    return "\n".join([*shown, *(f"  {row.family}: {w}" for row in rows for w in row.wrongs())])


def main(argv: Sequence[str]) -> int:
    """Print the tables; 0 when no attack got anywhere."""
    levels = [a for a in argv if a in LEVELS] or LEVELS
    chosen = [a for a in argv if a not in LEVELS]
    if unknown := set(chosen) - set(families()):
        print(f"no family {unknown.pop()!r}; there are: {', '.join(families())}", file=sys.stderr)
        return 2
    wrong = 0
    for level in levels:
        before = _cpu_seconds()
        rows = run_all(level, chosen)
        wrong += sum(len(row.wrongs()) for row in rows)
        spent = _cpu_seconds() - before
        print(f"isolation: {level}\n{table(rows)}\n{spent:.0f} CPU seconds\n", flush=True)
    return 1 if wrong else 0


def _cpu_seconds() -> float:
    """Of everything that has been run and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
