"""The `rtlbench` command. How every command ends: a user's mistake is one message and 2, a harness
that failed 3."""

from __future__ import annotations

import sys

import click

from rtlbench.errors import HarnessError, UserError
from rtlbench.io.untrusted import printable


def run(command: click.Command, name: str) -> None:
    """Run `command` with this process's arguments, and end it.

    Args:
        name: What its messages begin with.
    """
    try:
        command.main(standalone_mode=True)
    except UserError as e:
        click.echo(f"{name}: {printable(str(e))}", err=True)
        sys.exit(2)
    except HarnessError as e:
        click.echo(f"{name}: the harness failed: {printable(str(e))}", err=True)
        sys.exit(3)
