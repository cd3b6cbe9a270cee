"""`rtlbench review`: training data looked through by people."""

from __future__ import annotations

import getpass
import re
from pathlib import Path
from typing import Any

import click

from rtlbench.cli.options import isolation_option, judging_options, suite_options, workers_option
from rtlbench.errors import UserError

_REVIEWER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@click.command(short_help="Look through training data: accept, reject, correct.")
@click.argument("file", metavar="FILE")
@click.option("--reviewer", metavar="NAME", help="Who reviews (default: the user's name).")
@click.option("--decisions", metavar="FILE", type=click.Path(path_type=Path),
              help="Where decisions are kept (default: FILE.NAME.review.jsonl).")
@click.option("--sample", default=0, metavar="N", type=click.IntRange(0),
              help="So many records only, the same for every reviewer.")
@click.option("--port", default=0, type=click.IntRange(0, 65535),
              help="Port to listen on, of this machine only (default: any that is free).")
@click.option("--agreement", is_flag=True, help="Print how far the reviewers of FILE agree, and "
              "where they do not; starts nothing.")
@suite_options
@judging_options
@isolation_option
@workers_option
def review(
    file: str,
    reviewer: str | None,
    decisions: Path | None,
    sample: int,
    port: int,
    agreement: bool,
    suite: str,
    judging: dict[str, Any],
    workers: str,
) -> None:
    """Look through FILE, training data, in a browser: accept, reject, comment and correct each
    record by keyboard, with findings and waveform, judged anew at every change.

    Decisions are kept as they are made; the same command goes on where you stopped. `rtlbench
    combine --review` honours them (docs/review.md).
    """
    if agreement:
        _tell_agreement(file)
        return
    name = reviewer or _user()
    if not _REVIEWER.fullmatch(name):
        raise UserError(f"--reviewer {name}: give letters, digits, - and _, at most 40")
    log = decisions or Path(f"{file}.{name}.review.jsonl")
    _review(file, log, name, sample, port, {"suite": suite, "workers": int(workers), **judging})


def _review(
    file: str, log: Path, name: str, sample: int, port: int, judging: dict[str, Any]
) -> None:
    try:
        from rtlbench.review.server import serve_review
    except ImportError as e:
        raise UserError(f"review needs {e.name}: pip install 'rtlbench[serve]'") from e
    from rtlbench.io.atomic import take
    from rtlbench.judging.judge import Judge
    from rtlbench.review.desk import Desk

    busy = f"{log}: another review writes it; give --reviewer or --decisions"
    with (
        take(log.with_name(f".{log.name}.lock"), busy, lambda e: f"{log}: cannot be written ({e})"),
        Judge(**judging) as judge,
    ):
        desk = Desk(file, log, name, judge, sample=sample)
        serve_review(desk, port, lambda url: click.echo(f"review: {url} (Ctrl-C ends it)"))
        counts = desk.counts()
    told = ", ".join(f"{n} {word}" for word, n in counts.items()) or "nothing yet"
    click.echo(f"{sum(counts.values())} of {len(desk.records)} decided ({told}); {log}")


def _tell_agreement(file: str) -> None:
    from rtlbench.dataset.reviews import last_decisions, read_decisions
    from rtlbench.review.agreement import agreements, told

    path = Path(file)
    logs = sorted(path.parent.glob(f"{_plain(path.name)}.*.review.jsonl"))
    if not logs:
        raise UserError(f"{file}: nobody has reviewed it; there is no {path.name}.*.review.jsonl")
    last = last_decisions(d for log in logs for d in read_decisions(log))
    click.echo("\n".join(told(agreements(last))))


def _plain(name: str) -> str:
    """`name` as a pattern that means itself."""
    import glob

    return glob.escape(name)


def _user() -> str:
    try:
        return re.sub(r"[^A-Za-z0-9_-]", "_", getpass.getuser())
    except (KeyError, OSError) as e:
        raise UserError("this user has no name; give --reviewer NAME") from e
