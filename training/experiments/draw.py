"""Records drawn at random from files of training data.

    python training/experiments/draw.py pool.jsonl --count 250 --seed 1 --out gold_250.jsonl
    python training/experiments/draw.py made.jsonl answers.jsonl --count 2347 --out raw.jsonl

The records of a smaller draw with the same seed are among those of a larger one.
"""

from __future__ import annotations

import random
from pathlib import Path

import click

from rtlbench.cli import run
from rtlbench.dataset.files import writing
from rtlbench.dataset.reading import read_records
from rtlbench.errors import UserError
from rtlbench.records.example import Placed, Record


def records_of(path: Path) -> list[Record]:
    """The records of a file, those that are none left out."""
    return [found.record for found in read_records(str(path)) if isinstance(found, Placed)]


@click.command()
@click.argument("sources", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--count", type=click.IntRange(min=1), help="How many.")
@click.option("--like", type=click.Path(path_type=Path), help="As many as this file has.")
@click.option("--seed", type=int, default=0, help="Another one, other records.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where they go.")
def draw(
    sources: tuple[Path, ...], count: int | None, like: Path | None, seed: int, out: Path
) -> None:
    """Draw records of SOURCES."""
    records = [record for source in sources for record in records_of(source)]
    wanted = len(records_of(like)) if like is not None else count
    if wanted is None:
        raise UserError("--count: say how many, or --like which file")
    if wanted > len(records):
        named = ", ".join(map(str, sources))
        raise UserError(f"{named}: {len(records)} records there, and {wanted} are wanted")
    random.Random(seed).shuffle(records)
    with writing(out) as writer:
        for record in records[:wanted]:
            writer.write(record)


if __name__ == "__main__":
    run(draw, "draw")
