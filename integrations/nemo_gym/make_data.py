"""Rows for NeMo Gym: fresh tasks that the benchmark never shows, named by their ids.

    python integrations/nemo_gym/make_data.py --count 1000 --seed 1 --out train.jsonl
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count as numbers
from itertools import islice
from pathlib import Path

import click

from rtlbench.cli import run
from rtlbench.mutation.fresh import streamed
from rtlbench.records.spec import Spec
from rtlbench.suites.families import family_folders


def fresh(seed: int) -> Iterator[Spec]:
    """Tasks without end, families in turn."""
    for number in numbers():
        for folder in family_folders():
            spec = streamed(folder, seed, number)
            if spec is not None:
                yield spec


@click.command()
@click.option("--count", default=5, show_default=True, help="So many.")
@click.option("--seed", default=0, show_default=True, help="Another one, other tasks.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where they go.")
def make_data(count: int, seed: int, out: Path) -> None:
    """Write rows of NeMo Gym's shape."""
    rows = [
        {
            "responses_create_params": {"input": [{"role": "user", "content": spec.prompt}]},
            "verifier_metadata": {"spec_id": spec.id, "category": spec.category},
        }
        for spec in islice(fresh(seed), count)
    ]
    out.write_text("".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    run(make_data, "make_data")
