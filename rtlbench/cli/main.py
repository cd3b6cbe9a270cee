"""The `rtlbench` command: which commands there are. Each is in a file beside this one, which is
imported when the command is named, since a command should not wait for the others' imports."""

from __future__ import annotations

import difflib
from importlib import import_module

import click

import rtlbench
from rtlbench.cli import run

COMMANDS = {
    "doctor": "doctor:doctor",
    "specs": "specs:specs",
    "prompts": "prompts:prompts",
    "verify": "verify:verify",
    "generate": "generate:generate",
    "unpack": "unpack:unpack",
    "bench": "bench:bench",
    "refine": "generate:refine",
    "filter": "dataset:filter_command",
    "combine": "dataset:combine",
    "corpus": "dataset:corpus",
    "exercises": "exercises:exercises",
    "dedupe": "dataset:dedupe",
    "gate": "gate:gate",
    "compare": "gate:compare",
    "report": "report:report",
    "leaderboard": "leaderboard:leaderboard",
    "review": "review:review",
    "serve": "serve:serve",
    "nightly": "nightly:nightly",
}
"""Name, and where in this package its command is."""


class Commands(click.Group):
    """The group of `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Their names, in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported; None where there is none."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(f"rtlbench.cli.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's; of a name that is none the closest one is told."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(COMMANDS)}"
            raise click.UsageError(f"no command {args[0]!r}{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(rtlbench.__version__)
def cli() -> None:
    """A verification harness for RTL that language models write."""


def main() -> None:
    """Entry point: a user's mistake is one message, never a traceback."""
    run(cli, "rtlbench")
