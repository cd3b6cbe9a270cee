"""Put a benchmark's figures into the card of a fine-tuned model.

    python training/card.py models/qwen_coder_rtl/run_NAME_TIMESTAMP --results results/NAME
"""

from __future__ import annotations

from pathlib import Path

import click

from rtlbench.cli import run


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--results", type=click.Path(path_type=Path), metavar="RESULTS",
              help="A results folder of the benchmark.")
def card(folder: Path, results: Path | None) -> None:
    """Write the card of FOLDER anew, with the figures in RESULTS."""
    from rtlbench.training.record import read_run, write_card

    click.echo(write_card(folder, read_run(folder), results))


if __name__ == "__main__":
    run(card, "card")
