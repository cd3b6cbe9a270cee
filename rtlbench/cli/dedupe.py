"""`rtlbench dedupe`: take out what is there twice, and what a benchmark holds."""

from __future__ import annotations

from typing import Literal

import click

from rtlbench.cli.options import isolation_option, workers_option
from rtlbench.dataset.similarity import DUPLICATES, FUNCTION, DuplicateRule


@click.command()
@click.argument("dataset", metavar="FILE")
@click.option("--out", required=True, metavar="FILE",
              help="Where to write what stays (.jsonl, .parquet; .gz, .zst).")
@click.option("--against", multiple=True, default=("rtlbench",), show_default=True,
              metavar="NAME[=FOLDER]", help="Take out what resembles a member of this suite "
              "(rtlbench, rtllm, verilog-eval, cvdp); repeatable; `none` for no suite.")
@click.option("--duplicates", type=click.Choice(DUPLICATES), default=FUNCTION, show_default=True,
              help="What counts as alike: nothing, equal code, or equal circuits too.")
@click.option("--per-function", type=int, default=1, show_default=True, metavar="K",
              help="Of records that are alike K stay; of equal words and code 1.")
@click.option("--json", "as_json", is_flag=True, help="Print the report at the end.")
@isolation_option
@workers_option
def dedupe(
    dataset: str,
    out: str,
    against: tuple[str, ...],
    duplicates: Literal["none", "exact", "function"],
    per_function: int,
    as_json: bool,
    workers: str,
) -> None:
    """Take out of FILE, training data by path or URL, duplicates and benchmark members.

    Of records that are alike the first stay. Beside the output, NAME.removed.jsonl has each
    record that was taken out, what it is like, by which measure and how much, and
    NAME.dedupe.json the counts.
    """
    from pathlib import Path

    import msgspec

    from rtlbench.dataset import dedupe as deduping

    suites = [name for name in against if name != "none"]
    rule = DuplicateRule(duplicates=duplicates, per_function=per_function)
    report = deduping.dedupe(dataset, Path(out), suites, rule, int(workers))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2))
        return
    click.echo(deduping.summary(report))
    click.echo(f"written: {out}")
