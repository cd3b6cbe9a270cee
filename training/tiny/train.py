"""Train a model of a few million parameters from nothing, on one thread of a CPU.

    python training/tiny/train.py training/tiny/shipped.toml --out models/tiny-rtl
    python training/tiny/train.py training/tiny/noisy_base.toml --out models/base

With benchmark results the script writes the model's card anew, and trains nothing:

    rtlbench bench --model models/tiny-rtl -k "fsm or edge_detect" --results results/tiny
    python training/tiny/train.py --card results/tiny --out models/tiny-rtl
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rtlbench.cli import run
from rtlbench.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # for `training`, wherever rtlbench itself is installed

from training.tiny.checkpoint import EVERY  # noqa: E402 - found from here on


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("recipe", type=click.Path(path_type=Path), required=False)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER",
              help="Where the model goes; what is there is replaced.")
@click.option("--data", metavar="FILE",
              help="Learn from this dataset (JSONL, Parquet) in place of the families' examples.")
@click.option("--card", type=click.Path(path_type=Path), metavar="RESULTS",
              help="Only write the card of the model in FOLDER, with the figures in RESULTS.")
@click.option("--checkpoint-every", "every", type=click.FloatRange(min=0), default=EVERY,
              show_default=True, metavar="SECONDS", help="How much work a stop may cost.")
def tiny(
    recipe: Path | None, out: Path, data: str | None, card: Path | None, every: float
) -> None:
    """Train by RECIPE, a TOML file, into FOLDER; the same command after a stop goes on."""
    from training.tiny.card import write_card
    from training.tiny.recipe import read_recipe
    from training.tiny.run import make_tiny

    if card is not None:
        click.echo(f"written: {write_card(out, card)}")
        return
    if recipe is None:
        raise UserError("give a recipe: training/tiny/shipped.toml")
    made = make_tiny(read_recipe(recipe), out, data, click.echo, every)
    write_card(out, None)
    click.echo(f"written: {out} ({made.seconds / 60:.1f} min, loss {made.final_loss})")


if __name__ == "__main__":
    run(tiny, "tiny")
