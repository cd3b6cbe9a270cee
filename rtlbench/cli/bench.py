"""`rtlbench bench`: the benchmark behind a command. Calls pytest and makes the results folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from rtlbench.cli.options import isolation_option, session_options, workers_option
from rtlbench.errors import UserError


@click.command(context_settings={"ignore_unknown_options": True})
@session_options
@isolation_option
@workers_option
@click.option("--like", metavar="RUN", help="Repeat the run of that run.json or results folder, "
              "save for what is given otherwise.")
@click.option("--category", "categories", multiple=True, metavar="NAME",
              help="Only its tasks; may be repeated.")
@click.option("--show-failures", is_flag=True, help="Print why each wrong answer is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print run.json at the end.")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def bench(
    chosen: dict[str, Any],
    workers: str,
    like: str | None,
    categories: tuple[str, ...],
    show_failures: bool,
    as_json: bool,
    pytest_args: tuple[str, ...],
) -> None:
    """Judge answers to a suite's tasks: recorded ones (--candidates), or a model's (--model).
    Without either: of the model in models/tiny-rtl, or where none is there the recorded ones that
    ship. PYTEST_ARGS (such as -k EXPR) go to pytest.

    Exits with 0 when every answer got a Verdict, right or wrong; 1 when the harness could not
    judge some, or some input could not be used; 2 for a mistake in the call; 130 after Ctrl-C.
    """
    from rtlbench.generate.course import INTERRUPTED
    from rtlbench.runs import options
    from rtlbench.runs.command import options_like
    from rtlbench.runs.run import run_benchmark
    from rtlbench.sandbox.level import wish

    if like is not None:
        chosen, selected = options_like(like, chosen)
        pytest_args = (*selected, *pytest_args)
    if categories:
        pytest_args = _within(categories, pytest_args)
    finished = run_benchmark(
        options.session_options({**chosen, "isolation": wish()}),
        workers=workers,
        show_failures=show_failures,
        quiet=as_json,
        extra=pytest_args,
    )
    if finished.interrupted:
        sys.exit(INTERRUPTED)
    if finished.message:
        raise UserError(finished.message)
    if as_json and finished.folder is not None:
        click.echo((Path(finished.folder) / "run.json").read_text(), nl=False)
    sys.exit(0 if finished.all_judged else 1)


def _within(categories: Sequence[str], arguments: Sequence[str]) -> tuple[str, ...]:
    """Arguments for pytest that choose what is in one of `categories`, and what -m chose before."""
    from rtlbench.runs.plugin import mark_name

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-m", dest="marked", default="")
    given, rest = parser.parse_known_args(list(arguments))
    named = " or ".join(mark_name(each) for each in categories)
    return (*rest, "-m", f"({named}) and ({given.marked})" if given.marked else named)
