"""Training examples from the families' training part, as many as wanted, with their truth.

Guarantee: the same size, seed, categories and shares give the same bytes, whatever the number of
processes. No example is of a point of a family's parameter space that the benchmark, frozen or
fresh, can show (rtlbench.mutation.fresh).
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from rtlbench.dataset.corpus_examples import ExampleOrder, examples
from rtlbench.dataset.files import refuse_other_ending, writing
from rtlbench.errors import UserError
from rtlbench.io.progress import Phase, waiting
from rtlbench.mutation.fresh import TRAINING, frozen_points, unseen_member
from rtlbench.records.example import Record
from rtlbench.sandbox.pool import WorkerPool
from rtlbench.suites.families import Member, family_folders, read_family

PER_MEMBER = 20
ROUND = 64
"""Members that are handed out together, for each process."""
MAX_BARREN = 200
"""Members in a row that give no example before it is said that there are none."""


class CorpusOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the user chose."""

    out: str
    size: int
    seed: int = 0
    categories: tuple[str, ...] = ()
    """Empty for all."""
    families: tuple[str, ...] = ()
    """Empty for all of the categories."""
    plain: bool = False
    """Whether answers keep the golden's style."""
    defects: float = 0.0
    """Share of wrong answers, 0 to 1."""
    per_member: int = PER_MEMBER
    """Examples of one task, at most; more of them are made faster, fewer differ more."""
    force: bool = False
    """Whether to write over a file that is there."""
    workers: int | None = None
    """Processes; None for one a core."""


def make_corpus(options: CorpusOptions) -> None:
    """Write the examples that `options` ask for.

    Raises:
        UserError: A value makes no sense, or the file cannot be written.
        HarnessError: A tool is missing or broken.
    """
    folders, out = _folders(options), Path(options.out)
    refuse_other_ending(out)
    if out.exists() and not options.force:
        raise UserError(f"--out {out}: is there already; choose another name, or give --force")
    with writing(out) as writer, waiting("making examples", "examples", options.size) as phase:
        for record in islice(_records(options, folders, phase), options.size):
            writer.write(record)
            phase.advance()
    print(f"corpus: {options.size} examples in {out}", file=sys.stderr)


def _folders(options: CorpusOptions) -> list[Path]:
    if options.size < 1 or options.per_member < 1:
        raise UserError("--size and --per-member need a number of at least 1")
    if not 0.0 <= options.defects <= 1.0:
        raise UserError(f"--defects {options.defects}: give a share between 0 and 1")
    every = family_folders()
    known = sorted({f.parent.name for f in every})
    unknown = [c for c in options.categories if c not in known]
    if unknown:
        raise UserError(f"--categories: no category {unknown[0]!r}; there are {', '.join(known)}")
    found = [f for f in every if not options.categories or f.parent.name in options.categories]
    missing = set(options.families) - {f.name for f in found}
    if missing:
        names = ", ".join(f.name for f in found)
        raise UserError(f"--families: no family {min(missing)!r}; there are {names}")
    return _by_turns([f for f in found if not options.families or f.name in options.families])


def _by_turns(folders: Sequence[Path]) -> list[Path]:
    """The folders with their categories by turns, so that a small corpus holds all of them."""
    places: Counter[str] = Counter()
    ordered: list[tuple[int, int, Path]] = []
    for number, folder in enumerate(folders):
        ordered.append((places[folder.parent.name], number, folder))
        places[folder.parent.name] += 1
    return [folder for _, _, folder in sorted(ordered)]


def _records(
    options: CorpusOptions, folders: Sequence[Path], phase: Phase
) -> Iterator[Record]:
    """Examples without end, in the order of their members."""
    orders = _orders(options, folders)
    barren = dropped = 0
    members = -(-options.size // _examples_of_one(options, folders))
    with WorkerPool(members, options.workers) as pool:
        while True:
            for made in pool.map(examples, list(islice(orders, pool.count * ROUND))):
                barren = 0 if made else barren + 1
                dropped += int(not made)
                phase.notes = f"{dropped} draws dropped" if dropped else ""
                if barren > MAX_BARREN:
                    raise UserError(f"{MAX_BARREN} members in a row gave no example: see "
                                    "`rtlbench doctor`, and whether the machine is very busy")
                yield from made


def _examples_of_one(options: CorpusOptions, folders: Sequence[Path]) -> int:
    """Examples of one task: of a small corpus so few that each family has its turn."""
    return min(options.per_member, max(1, options.size // len(folders)))


def _orders(options: CorpusOptions, folders: Sequence[Path]) -> Iterator[ExampleOrder]:
    """Families in turn, each with another member every time."""
    draws = [training_members(folder, options.seed) for folder in folders]
    number, size = 0, _examples_of_one(options, folders)
    while True:
        for folder, members in zip(folders, draws, strict=True):
            before, after = (int(n * size * options.defects) for n in (number, number + 1))
            yield ExampleOrder(
                folder=folder,
                member=next(members),
                count=size,
                defects=(after - before) / size,
                seed=f"{options.seed}/{number}",
                plain=options.plain,
            )
            number += 1


def training_members(folder: Path, seed: int) -> Iterator[Member]:
    """Members of the training part without end; once all points were shown, under other names.

    Raises:
        UserError: The family has no point there.
    """
    family = read_family(folder)
    rng = random.Random(f"training/{seed}/{folder.name}")
    while True:
        seen = frozen_points(family)
        if (member := unseen_member(folder.name, family, rng, seen, TRAINING)) is None:
            raise UserError(f"{folder}: its parameter space has no point for training")
        while member is not None:
            yield member
            member = unseen_member(folder.name, family, rng, seen, TRAINING)
