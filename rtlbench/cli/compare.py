"""`rtlbench compare`: the matrix of several runs."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="[NAME=]RESULTS...")
@click.option("--allow", multiple=True, metavar="NAME",
              help="Compare although runs differ from the first in NAME (tools, sampling, ...).")
@click.option("--models", default="models", show_default=True, metavar="FOLDER",
              type=click.Path(path_type=Path),
              help="Where fine-tuned models are, for what they were trained on.")
@click.option("--markdown", is_flag=True, help="Print Markdown.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(
    runs: tuple[str, ...], allow: tuple[str, ...], models: Path, markdown: bool, as_json: bool
) -> None:
    """Show the figures of runs side by side, and what differs from the first beyond chance.

    A run is called by its results folder's name, or NAME. Runs of different suites, tools,
    sampling or isolation are not compared; the message says in what they differ.
    """
    import msgspec

    from rtlbench.gate.matrix import compare_runs
    from rtlbench.gate.matrix_text import matrix_markdown, matrix_table
    from rtlbench.gate.runs import read_run, refuse_differences
    from rtlbench.gate.training import training_of

    read = [read_run(*_place(given)) for given in runs]
    allowed = [name for run in read[1:] for name in refuse_differences(run, read[0], allow)]
    facts = [training_of(run, models) for run in read]
    found = compare_runs(read, facts, list(dict.fromkeys(allowed)))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
    else:
        click.echo(matrix_markdown(found) if markdown else matrix_table(found))


def _place(given: str) -> tuple[Path, str]:
    """Folder and name out of `NAME=FOLDER`, or of a folder alone."""
    name, equals, folder = given.partition("=")
    if not equals or Path(given).is_dir():
        return Path(given), ""
    return Path(folder), name
