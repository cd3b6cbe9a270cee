"""A suite of some families alone: their folders, copied.

    python training/experiments/part_of_suite.py --families updown,serial_shift --out suite
"""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from rtlbench.cli import run
from rtlbench.errors import UserError
from rtlbench.suites.families import family_folders


@click.command()
@click.option("--categories", default="", metavar="A,B", help="Of these only; default: all.")
@click.option("--families", default="", metavar="A,B", help="Of these only; default: all.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where they go.")
def part_of_suite(categories: str, families: str, out: Path) -> None:
    """Copy families of the project's own suite into OUT."""
    wanted, chosen = (set(filter(None, names.split(","))) for names in (families, categories))
    every = [f for f in family_folders() if not chosen or f.parent.name in chosen]
    folders = [f for f in every if not wanted or f.name in wanted]
    if unknown := wanted - {f.name for f in folders}:
        raise UserError(f"--families: no family {min(unknown)!r} there")
    if not folders:
        raise UserError("--categories: no family of these; see `rtlbench specs list`")
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in folders:
        place = out / folder.parent.name / folder.name
        shutil.copytree(folder, place, ignore=ignored, dirs_exist_ok=True)


if __name__ == "__main__":
    run(part_of_suite, "part_of_suite")
