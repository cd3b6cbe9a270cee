"""The `rtlbench` command. How every command ends: a user's mistake is one message and 2, a harness
that failed 3."""

from __future__ import annotations

import sys
from typing import Any

import click
import msgspec

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


def echo_json(value: Any) -> None:
    """Print `value` as JSON for people and programs."""
    click.echo(msgspec.json.format(msgspec.json.encode(value)))
