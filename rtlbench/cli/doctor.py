"""`rtlbench doctor`: which tools are here, and what stands in for what is missing."""

from __future__ import annotations

import sys

import click
import msgspec


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def doctor(as_json: bool) -> None:
    """List each tool, its version, where it was found, and what stands in for a missing one.

    Exits with 1 where something is missing that nothing stands in for.
    """
    from rtlbench.tools.versions import survey, usable

    found = survey()
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table("tool", "version", "where", "note", box=None, pad_edge=False)
        for tool in found:
            table.add_row(tool.name, tool.version or "missing", tool.origin, tool.note)
        Console().print(table)
    broken = usable(found)
    for line in broken:
        click.echo(line, err=True)
    sys.exit(1 if broken else 0)
