"""`rtlbench doctor`: which tools are here, what stands in, and whether the isolation holds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from rtlbench.cli import echo_json
from rtlbench.cli.options import isolation_option

if TYPE_CHECKING:
    from rtlbench.judging.tool_trials import Trial
    from rtlbench.rtl.versions import ToolVersion
    from rtlbench.sandbox.probe import Report
    from rtlbench.simulation.simulators import KnownFault


@click.command(short_help="Which tools are here, and whether the isolation holds.")
@isolation_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def doctor(as_json: bool) -> None:
    """List each tool, its version, where it was found, and what stands in for a missing one; which
    known faults the simulator has; try each tool behind each kind of walls that this machine has;
    then try to get out of the isolation that tools are run in.

    Exits with 1 where something is missing that nothing stands in for, or does not work behind the
    walls in force.
    """
    from rtlbench.judging.tool_trials import try_tools
    from rtlbench.rtl.versions import survey, usable
    from rtlbench.sandbox.probe import examine
    from rtlbench.simulation.simulators import known_faults

    tools = survey()
    report = examine()
    faults = known_faults()
    trials = try_tools()
    broken = [*usable(tools), *_useless(trials, report)]
    if as_json:
        told = {"tools": tools, "isolation": report, "simulator_faults": faults, "trials": trials}
        echo_json(told)
    else:
        _print(tools)
        _print_faults(faults)
        _print_trials(trials)
        _print_isolation(report)
    for line in broken:
        click.echo(f"rtlbench: {line}", err=True)
    if not broken and not as_json:
        click.echo("All that is needed is here.")
    sys.exit(1 if broken else 0)


def _print(tools: list[ToolVersion]) -> None:
    """A line a tool, and its note below: nothing is cut off, however narrow the terminal is."""
    name_width = max(len(tool.name) for tool in tools)
    version_width = max(len(tool.version or "missing") for tool in tools)
    for tool in tools:
        version = (tool.version or "missing").ljust(version_width)
        place = tool.origin or tool.note
        click.echo(f"{tool.name:<{name_width}}  {version}  {place}".rstrip())
        if tool.origin and tool.note:
            click.echo(f"{'':<{name_width + version_width + 4}}{tool.note}")


def _print_faults(faults: list[KnownFault]) -> None:
    """What the installed Icarus gets wrong, of what is known."""
    if faults:
        click.echo("\niverilog, known faults:")
    for fault in faults:
        click.echo(f"  {'has it' if fault.present else 'mended'}  {fault.name}: {fault.remedy}")


def _useless(trials: list[Trial], report: Report) -> list[str]:
    """What does not work behind the walls in force."""
    kind = report.in_force.partition(":")[0]
    failed = [t for t in trials if t.backend == kind and t.tool and not t.works]
    return [f"{t.tool} does not work behind {t.backend}: {t.detail}" for t in failed]


def _print_trials(trials: list[Trial]) -> None:
    """A line for each kind of walls, and one for each tool that does not work behind it."""
    click.echo("\ntools behind each kind of walls:")
    for kind in dict.fromkeys(trial.backend for trial in trials):
        own = [trial for trial in trials if trial.backend == kind]
        working = [trial.tool for trial in own if trial.works]
        click.echo(f"  {kind:<11} works: {'; '.join(working) or 'nothing'}")
        for trial in own:
            if not trial.works:
                click.echo(f"  {'':<11} NOT {trial.tool or 'to be had here'}: {trial.detail}")


def _print_isolation(report: Report) -> None:
    click.echo(f"\nisolation: {report.in_force}")
    for tried in report.attempts:
        result = "ESCAPED" if tried.escaped else "refused"
        click.echo(f"  {result}  {tried.name}")
    for line in report.notes:
        click.echo(f"  {line}")
    click.echo()
