"""`rtlbench leaderboard`: results folders in, tables out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.io.progress import waiting
from rtlbench.leaderboard.board import FIGURES, Board, boards
from rtlbench.leaderboard.text import NOTE, answered, pair_cells
from rtlbench.pages.page import write_page
from rtlbench.report.answers import tasks_of
from rtlbench.runs.finished import read_run


def read_boards(
    places: Sequence[tuple[Path, str]], suites: Sequence[str] = (), allow: Sequence[str] = ()
) -> list[Board]:
    """The tables of finished runs, folder and name each.

    Args:
        suites: `NAME=FOLDER` of public suites, to know how many tasks they have.
        allow: What may differ between runs that are compared.

    Raises:
        UserError: A run is not finished or not whole, or two have the same name.
    """
    runs = []
    with waiting("reading", "runs", len(places)) as phase:
        for folder, name in places:
            runs.append(read_run(folder, name))
            phase.advance()
    twice = [name for name, n in Counter(run.name for run in runs).items() if n > 1]
    if twice:
        raise UserError(f"two runs are called {twice[0]}: give them names, NAME=RESULTS")
    given = {s.partition("=")[0]: s for s in suites}
    names = dict.fromkeys(run.run.config.suite for run in runs)
    with waiting("comparing runs task by task"):
        tasks = {name: len(tasks_of(given.get(name, name))) for name in names}
        return boards(runs, tasks, allow)


def write_board(found: Sequence[Board], out: Path) -> None:
    """Write the page.

    Raises:
        UserError: It cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_page(
            out, "leaderboard", boards=found, figures=FIGURES, note=NOTE,
            answered=answered, pair_cells=pair_cells,
        )  # fmt: skip
    except OSError as e:
        raise UserError(f"{out}: cannot be written ({e.strerror})") from e
