"""`rtlbench gate` lets a run pass or not, by a policy and beside a baseline; `rtlbench compare`
shows several runs side by side.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rtlbench.cli import echo_json
from rtlbench.errors import UserError

if TYPE_CHECKING:
    from rtlbench.gate.rules import GateReport
    from rtlbench.runs.finished import JudgedRun


@click.command()
@click.argument("results", metavar="RESULTS", type=click.Path(path_type=Path))
@click.option("--policy", default="training/gate.toml", show_default=True, metavar="FILE.toml",
              type=click.Path(path_type=Path), help="The rules (docs/gate.md).")
@click.option("--baseline", metavar="RESULTS", type=click.Path(path_type=Path),
              help="The run that must not be better, beyond chance.")
@click.option("--allow", multiple=True, metavar="NAME",
              help="Compare although the runs differ in NAME (tools, tools.yosys, sampling, "
              "isolation, answers, ...).")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--junit", metavar="FILE.xml", type=click.Path(path_type=Path),
              help="Write a case a rule, as CI systems show them.")
@click.option("--summary", is_flag=True,
              help="Add Markdown, a line a rule, to the file that GITHUB_STEP_SUMMARY names; "
              "without one, print it.")
def gate(
    results: Path,
    policy: Path,
    baseline: Path | None,
    allow: tuple[str, ...],
    as_json: bool,
    junit: Path | None,
    summary: bool,
) -> None:
    """Say whether the run in RESULTS meets the policy, and is no worse than the baseline's.

    Exits with 0 when it does, 1 when it does not, 2 when that cannot be said: a run that is
    unfinished, not whole, or that the harness could not judge, two runs that cannot be compared, or
    a policy without a rule.
    """
    from rtlbench.gate.ci import junit_of_refusal, junit_of_report, summary_of, write_summary
    from rtlbench.gate.text import gate_table
    from rtlbench.io.atomic import write_whole

    def write(document: bytes) -> None:
        if junit is not None:
            try:
                write_whole(junit, document)
            except OSError as e:
                raise UserError(f"{junit}: cannot be written ({e.strerror}); see --junit") from e

    try:
        report = _judged(results, policy, baseline, allow)
    except UserError as e:
        write(junit_of_refusal(str(e)))
        raise
    write(junit_of_report(report))
    if as_json:
        echo_json(report)
    else:
        click.echo(gate_table(report))
    if summary and not write_summary(summary_of(report)):
        click.echo(summary_of(report))
    sys.exit(0 if report.passed else 1)


def _judged(
    results: Path, policy: Path, baseline: Path | None, allow: tuple[str, ...]
) -> GateReport:
    from rtlbench.gate.policy import read_policy, refuse_without_rule
    from rtlbench.gate.rules import judge_gate
    from rtlbench.gate.runs import refuse_differences
    from rtlbench.runs.finished import read_run

    rules = read_policy(policy)
    if baseline is None:
        refuse_without_rule(rules, policy)
    candidate = read_run(results)
    before = read_run(baseline) if baseline is not None else None
    if allow and before is None:
        raise UserError(f"--allow {allow[0]}: is about two runs; give --baseline RESULTS")
    _tell(candidate, before)
    allowed = refuse_differences(candidate, before, allow) if before is not None else []
    return judge_gate(rules, candidate, before, allowed)


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
    from rtlbench.gate.matrix import compare_runs, training_of
    from rtlbench.gate.runs import refuse_differences
    from rtlbench.gate.text import matrix_markdown, matrix_table
    from rtlbench.runs.finished import read_run

    read = [read_run(*place_of(given)) for given in runs]
    _tell(*read)
    allowed = [name for run in read[1:] for name in refuse_differences(run, read[0], allow)]
    facts = [training_of(run, models) for run in read]
    comparison = compare_runs(read, facts, list(dict.fromkeys(allowed)))
    if as_json:
        echo_json(comparison)
    else:
        click.echo(matrix_markdown(comparison) if markdown else matrix_table(comparison))


def _tell(*runs: JudgedRun | None) -> None:
    """What has to be told of the runs themselves."""
    for note in dict.fromkeys(run.note for run in runs if run is not None and run.note):
        click.echo(f"note: {note}", err=True)


def place_of(given: str) -> tuple[Path, str]:
    """Folder and name out of `NAME=FOLDER`, or of a folder alone."""
    name, equals, folder = given.partition("=")
    if not equals or Path(given).is_dir():
        return Path(given), ""
    return Path(folder), name
