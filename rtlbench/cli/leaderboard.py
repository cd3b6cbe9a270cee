"""`rtlbench leaderboard`: runs as tables of models by suite."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from rtlbench.errors import UserError


@click.command(short_help="Write tables of runs by suite.")
@click.argument("runs", nargs=-1, required=True, metavar="[NAME=]RESULTS...")
@click.option("--out", default="leaderboard.html", show_default=True, metavar="FILE",
              type=click.Path(path_type=Path), help="Where it is written: .html or .md.")
@click.option("--suite", "suites", multiple=True, metavar="NAME=FOLDER",
              help="A public suite's folder, to say how many of its tasks were answered.")
@click.option("--allow", multiple=True, metavar="NAME",
              help="Compare runs although they differ in NAME (tools, sampling, ...).")
@click.option("--eval-results", metavar="FOLDER", type=click.Path(path_type=Path),
              help="Write a file a run for a model's .eval_results/ on the hub, too.")
@click.option("--hub-dataset", metavar="ORG/NAME", help="The benchmark's id on the hub, for these.")
@click.option("--every-eval-ever", metavar="FOLDER", type=click.Path(path_type=Path),
              help="Write a file a run in every-eval-ever's JSON, too.")
@click.option("--wandb", metavar="PROJECT", help="Log each run to Weights & Biases, too.")
def leaderboard(
    runs: tuple[str, ...],
    out: Path,
    suites: tuple[str, ...],
    allow: tuple[str, ...],
    eval_results: Path | None,
    hub_dataset: str | None,
    every_eval_ever: Path | None,
    wandb: str | None,
) -> None:
    """Write RUNS as a table for each suite: figures with intervals, differences task by task,
    tools, settings and the command of each."""
    from rtlbench.cli.gate import place_of
    from rtlbench.io.atomic import write_whole
    from rtlbench.leaderboard import exports
    from rtlbench.leaderboard.text import board_markdown
    from rtlbench.leaderboard.write import read_boards, write_board

    if eval_results is not None and hub_dataset is None:
        raise UserError("--eval-results: give --hub-dataset ORG/NAME with it")
    if out.suffix not in (".html", ".md"):
        raise UserError(f"--out {out}: give a name that ends in .html or .md")
    found = read_boards([place_of(given) for given in runs], suites, allow)
    if out.suffix == ".md":
        try:
            write_whole(out, board_markdown(found, _this_call()).encode())
        except OSError as e:
            raise UserError(f"{out}: cannot be written ({e.strerror})") from e
    else:
        write_board(found, out)
    click.echo(f"{out}: {sum(len(b.rows) for b in found)} runs, {len(found)} suites")
    written: list[Path] = []
    if eval_results is not None:
        written += exports.write_eval_results(found, eval_results, hub_dataset or "")
    if every_eval_ever is not None:
        written += exports.write_every_eval_ever(found, every_eval_ever)
    for path in written:
        click.echo(f"{path}")
    if wandb is not None:
        click.echo(f"{exports.log_to_wandb(found, wandb)} runs logged to {wandb}")


def _this_call() -> str:
    return shlex.join(["rtlbench", *sys.argv[1:]])
