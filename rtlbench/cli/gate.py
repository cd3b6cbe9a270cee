"""`rtlbench gate`: lets a run pass or not, by a policy and beside a baseline."""

from __future__ import annotations

import sys
from pathlib import Path

import click


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
def gate(
    results: Path, policy: Path, baseline: Path | None, allow: tuple[str, ...], as_json: bool
) -> None:
    """Say whether the run in RESULTS meets the policy, and is no worse than the baseline's.

    Exits with 0 when it does, 1 when it does not, 2 when that cannot be said: a run that is
    unfinished or that the harness could not judge, or two runs that cannot be compared.
    """
    import msgspec

    from rtlbench.gate.policy import read_policy
    from rtlbench.gate.rules import judge_gate
    from rtlbench.gate.runs import read_run, refuse_differences
    from rtlbench.gate.table import gate_table

    rules = read_policy(policy)
    candidate = read_run(results)
    before = read_run(baseline) if baseline is not None else None
    allowed = refuse_differences(candidate, before, allow) if before is not None else []
    report = judge_gate(rules, candidate, before, allowed)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2))
    else:
        click.echo(gate_table(report))
    sys.exit(0 if report.passed else 1)
