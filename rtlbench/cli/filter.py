"""`rtlbench filter`: the dataset filter behind a command. Calls pytest, writes what is kept."""

from __future__ import annotations

import sys
from typing import Any

import click

from rtlbench.cli.options import (
    isolation_option,
    judging_options,
    suite_options,
    workers_option,
)
from rtlbench.dataset.filter import ENGINES, PROCESSES, RAY
from rtlbench.errors import UserError


@click.command("filter", context_settings={"ignore_unknown_options": True})
@click.argument("dataset", metavar="FILE")
@click.option("--out", default="data/rtl_verified_training.jsonl", show_default=True,
              metavar="FILE", help="Where to write what is kept (.jsonl, .parquet; .gz, .zst).")
@click.option("--threshold", "thresholds", type=float, multiple=True, default=(0.95,),
              metavar="T", help="Keep what scores at least T (default 0.95); given several times, "
              "files are for the first, and sweep.json and sweep.svg compare all.")
@suite_options
@judging_options
@click.option("--trust-metadata", is_flag=True, help="Metadata name a record's task whatever its "
              "instruction says; without, only where that is the task's prompt in some phrasing.")
@click.option("--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="Read COLUMN (`a.b` "
              "for b inside a) for instruction, output or testbench; may be given for each.")
@click.option("--cache", metavar="FOLDER", help="Where verdicts are kept; `none` for nowhere.")
@click.option("--engine", type=click.Choice(ENGINES), default=PROCESSES, show_default=True,
              help="What judges: processes here, or Ray (see docs/scaling.md).")
@click.option("--ray-address", metavar="ADDRESS", help="A Ray cluster, instead of Ray here.")
@isolation_option
@workers_option
@click.option("--json", "as_json", is_flag=True, help="Print filter.json at the end.")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def filter_command(
    dataset: str,
    out: str,
    thresholds: tuple[float, ...],
    suite: str,
    judging: dict[str, Any],
    trust_metadata: bool,
    columns: tuple[str, ...],
    cache: str | None,
    engine: str,
    ray_address: str | None,
    workers: str,
    as_json: bool,
    pytest_args: tuple[str, ...],
) -> None:
    """Keep of FILE, training data by path or URL, what is right.

    The refused go to NAME.refused.jsonl with their reasons, what is no record to
    NAME.broken.jsonl, counts to filter.json. PYTEST_ARGS go to pytest. A run that was cut off
    goes on where it stopped.

    Exits with 0 when every record got a Verdict, kept or refused; 1 when the harness could not
    judge some, or some input was no record; 2 for a mistake in the call.
    """
    from pathlib import Path

    from rtlbench.dataset.filter.run import FilterOptions, run_filter
    from rtlbench.sandbox.level import wish

    options = FilterOptions(
        dataset=dataset,
        out=out,
        thresholds=thresholds,
        suite=suite,
        trust_metadata=trust_metadata,
        columns=columns,
        cache=cache,
        **judging,
    )
    extra = [f"--isolation={wish()}", *pytest_args]
    if ray_address is not None and engine != RAY:
        raise UserError("--ray-address: give --engine ray with it")
    if engine == RAY:
        extra += [f"--engine={RAY}", f"--ray-workers={workers}"]
        extra += [f"--ray-address={ray_address}"] if ray_address is not None else []
        workers = "1"
    finished = run_filter(options, workers, as_json, tuple(extra))
    if finished.message:
        raise UserError(finished.message)
    report = Path(out).with_name("filter.json")
    if as_json and report.is_file():
        click.echo(report.read_text(), nl=False)
    sys.exit(0 if finished.all_judged else 1)
