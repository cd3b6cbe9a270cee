"""Tasks without end for who learns by doing: fresh members, those first that teach something.

Guarantee: no task is of a point of a parameter space that the benchmark, frozen or fresh, can show,
nor of one that is held out to watch the training; the n-th task of a family is the same wherever it
is drawn, so that a run which was stopped goes on with the tasks that it would have had.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import msgspec

from rtlbench.errors import UserError
from rtlbench.mutation.fresh import HELD_OUT, frozen_points, rendered_unseen, streamed
from rtlbench.records.spec import Spec
from rtlbench.suites.families import family_folders, read_family

WINDOW = 3
"""The last groups of a family, by which it is told how hard it is now."""
REVISIT = 0.04
"""What a family weighs that is always or never solved: it is asked again now and then."""
LEAST = 0.2
TRIES = 60
"""Points of a family in a row that make no sense."""


class Progress(msgspec.Struct, kw_only=True):
    """How far a stream is; all that a stopped run needs to go on."""

    picked: int = 0
    drawn: dict[str, int] = {}
    """Points that were looked at, by family."""
    solved: dict[str, list[float]] = {}
    """Shares of right answers of the last groups, by family."""


class TaskStream:
    """Tasks of `folders`, families that are solved now and then before all others.

    Args:
        folders: Of the families.
        seed: Another one, other tasks.
    """

    def __init__(
        self, folders: Sequence[Path], seed: int, progress: Progress | None = None
    ) -> None:
        self.progress = progress or Progress()
        self._folders = {folder.name: folder for folder in folders}
        self._sizes = Counter(folder.parent.name for folder in folders)
        self._seed = seed

    def next(self) -> Spec:
        """The next task.

        Raises:
            UserError: The chosen family has no point that makes sense.
        """
        done = self.progress
        rng = random.Random(f"{self._seed}/{done.picked}")
        done.picked += 1
        names = list(self._folders)
        name = rng.choices(names, [self.weight(n) for n in names])[0]
        for _ in range(TRIES):
            number = done.drawn.get(name, 0)
            done.drawn[name] = number + 1
            spec = streamed(self._folders[name], self._seed, number)
            if spec is not None:
                return spec
        raise UserError(f"{self._folders[name]}: no point of its parameter space makes a task")

    def note(self, spec: Spec, share: float) -> None:
        """That `share` of the answers to `spec` were right."""
        known = self.progress.solved.get(spec.family, [])
        self.progress.solved[spec.family] = [*known, share][-WINDOW:]

    def weight(self, name: str) -> float:
        """How often a family is asked, beside others; each category counts the same at first."""
        known = self.progress.solved.get(name, [])
        share = fmean(known) if known else 0.5
        worth = max(LEAST, 4 * share * (1 - share))
        if len(known) == WINDOW and share in (0.0, 1.0):
            worth = REVISIT
        return worth / self._sizes[self._folders[name].parent.name]

    def dropped(self) -> list[str]:
        """The families that teach nothing now."""
        known = self.progress.solved
        return [n for n, s in known.items() if len(s) == WINDOW and fmean(s) in (0.0, 1.0)]


def chosen_families(categories: Sequence[str], families: Sequence[str]) -> list[Path]:
    """The folders of `families` (default: all) of `categories` (default: all).

    Raises:
        UserError: There is no such category or family.
    """
    every = family_folders()
    for kind, wanted, known in (
        ("category", categories, {f.parent.name for f in every}),
        ("family", families, {f.name for f in every}),
    ):
        missing = sorted(set(wanted) - known)
        if missing:
            raise UserError(f"no {kind} {missing[0]!r}; there are {', '.join(sorted(known))}")
    found = [f for f in every if not categories or f.parent.name in categories]
    found = [f for f in found if not families or f.name in families]
    if not found:
        raise UserError("none of these families is of these categories")
    return found


def held_out(folders: Sequence[Path], seed: int, count: int) -> list[Spec]:
    """Up to `count` tasks that no stream of `TaskStream` shows, families by turns."""
    seen = {f.name: frozen_points(read_family(f)) for f in folders}
    found: list[Spec] = []
    barren = 0
    for number in range(TRIES * max(count, 1)):
        if len(found) == count or barren > TRIES:
            break
        folder = folders[number % len(folders)]
        rng = random.Random(f"held out/{seed}/{folder.name}/{number}")
        name = f"held{seed}_{number}"
        spec = rendered_unseen(folder, rng, seen[folder.name], HELD_OUT, name)
        barren = 0 if spec is not None else barren + 1
        found += [spec] if spec is not None else []
    return found
