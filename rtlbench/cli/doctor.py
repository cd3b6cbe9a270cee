"""`rtlbench doctor`: which tools are here, and what stands in for what is missing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import msgspec

if TYPE_CHECKING:
    from rtlbench.tools.versions import Found


@click.command(short_help="Which tools are here, and what stands in for a missing one.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def doctor(as_json: bool) -> None:
    """List each tool, its version, where it was found, and what stands in for a missing one.

    Exits with 1 where something is missing that nothing stands in for.
    """
    from rtlbench.tools.versions import survey, usable

    found = survey()
    broken = usable(found)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        _print(found)
    for line in broken:
        click.echo(f"rtlbench: {line}", err=True)
    if not broken and not as_json:
        click.echo("All that is needed is here.")
    sys.exit(1 if broken else 0)


def _print(found: list[Found]) -> None:
    """A line a tool, and its note below: nothing is cut off, however narrow the terminal is."""
    name_width = max(len(tool.name) for tool in found)
    version_width = max(len(tool.version or "missing") for tool in found)
    for tool in found:
        version = (tool.version or "missing").ljust(version_width)
        said = tool.origin or tool.note
        click.echo(f"{tool.name:<{name_width}}  {version}  {said}".rstrip())
        if tool.origin and tool.note:
            click.echo(f"{'':<{name_width + version_width + 4}}{tool.note}")
