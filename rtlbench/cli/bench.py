"""`rtlbench bench`: the benchmark behind a command. Calls pytest and makes the results folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from rtlbench.cli.options import (
    isolation_option,
    model_options,
    suite_options,
    workers_option,
)
from rtlbench.errors import UserError


@click.command(context_settings={"ignore_unknown_options": True})
@suite_options
@click.option("--candidates", metavar="FILE", help="Recorded answers, JSONL.")
@model_options
@click.option("--samples", type=click.IntRange(min=1), help="Answers to judge, or ask for, a spec.")
@click.option("--simulator", help="icarus (default) or verilator.")
@click.option("--seed", type=int, default=0, help="Seed of the stimulus.")
@click.option("--formal", is_flag=True, help="Compare with the references formally, too.")
@isolation_option
@click.option("--results", metavar="FOLDER", help="Results folder; a cut-off run goes on there.")
@workers_option
@click.option("--show-failures", is_flag=True, help="Print why each wrong answer is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print run.json at the end.")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def bench(
    suite: str,
    candidates: str | None,
    model: dict[str, Any],
    samples: int | None,
    simulator: str | None,
    seed: int,
    formal: bool,
    results: str | None,
    workers: str,
    show_failures: bool,
    as_json: bool,
    pytest_args: tuple[str, ...],
) -> None:
    """Judge answers to a suite's tasks: recorded ones (--candidates), or a model's (--model).
    Without either: of the model in models/tiny-rtl, or where none is there the recorded ones that
    ship. PYTEST_ARGS (such as -k EXPR) go to pytest.

    Exits with 0 when every answer got a Verdict, right or wrong; 1 when the harness could not
    judge some, or some input could not be used; 2 for a mistake in the call.
    """
    from rtlbench.runs.run import BenchOptions, run_benchmark
    from rtlbench.sandbox.level import wish

    options = BenchOptions(
        suite=suite,
        candidates=candidates,
        model=model,
        samples=samples,
        simulator=simulator,
        seed=seed,
        formal=formal,
        isolation=wish(),
        results=results,
        workers=workers,
        show_failures=show_failures,
        quiet=as_json,
        pytest_args=pytest_args,
    )
    finished = run_benchmark(options)
    if finished.message:
        raise UserError(finished.message)
    if as_json and finished.folder is not None:
        click.echo((Path(finished.folder) / "run.json").read_text(), nl=False)
    sys.exit(0 if finished.all_judged else 1)
