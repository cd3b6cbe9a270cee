"""`rtlbench report`: a run, or several, as one HTML file."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="[NAME=]RESULTS...")
@click.option("--out", default="report.html", show_default=True, metavar="FILE.html",
              type=click.Path(path_type=Path), help="Where the page is written.")
@click.option("--policy", metavar="FILE.toml", type=click.Path(path_type=Path),
              help="Show what these rules ask for beside the figures (docs/gate.md).")
@click.option("--candidates", multiple=True, metavar="FILE", type=click.Path(path_type=Path),
              help="Where the answers are that were judged, to show their code; those that a run "
              "itself asked for are in its folder.")
@click.option("--suite", metavar="NAME=FOLDER", help="A public suite's folder, to show its words.")
@click.option("--allow", multiple=True, metavar="NAME",
              help="Show runs together although they differ in NAME (tools, sampling, ...).")
@click.option("--models", default="models", show_default=True, metavar="FOLDER",
              type=click.Path(path_type=Path),
              help="Where fine-tuned models are, for what they were trained on.")
def report(
    runs: tuple[str, ...],
    out: Path,
    policy: Path | None,
    candidates: tuple[Path, ...],
    suite: str | None,
    allow: tuple[str, ...],
    models: Path,
) -> None:
    """Write one HTML file about a run: figures, causes, every answer with its code, findings and
    first wrong cycle as a waveform. Further runs of the same tasks are shown beside the first.

    The file needs no network and nothing beside it.
    """
    from rtlbench.cli.gate import place_of
    from rtlbench.io.counted import many
    from rtlbench.report.run import write_report

    page = write_report(
        [place_of(given) for given in runs], out, policy=policy, candidates=candidates,
        suite=suite, allow=allow, models=models,
    )  # fmt: skip
    shown = sum(row.code is not None for row in page.rows)
    click.echo(f"{out}: {many(len(page.rows), 'answer')} to {many(page.tasks, 'task')}")
    if shown < len(page.rows):
        click.echo(
            f"{len(page.rows) - shown} without their code: give the file of answers by --candidates"
        )
