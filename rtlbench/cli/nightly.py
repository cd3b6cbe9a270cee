"""`rtlbench nightly`: the nightly job, and the history of its nights."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rtlbench.cli import echo_json
from rtlbench.cli.options import isolation_option
from rtlbench.errors import HarnessError, UserError
from rtlbench.nightly.options import OPTIONS, PREFIX, STAGES, Option, flag, variable

if TYPE_CHECKING:
    from rtlbench.nightly.paths import Paths

Command = TypeVar("Command", bound=Callable[..., Any])
HELP = """Do what is due: collect what has verified, curate it, train on it, and publish the model
if it is better.

After a kill the same command goes on where it was. Exits with 0 when the night is done, or there
is nothing new; 1 when its model was refused; 2 when an option or the machine kept a stage from
being done; 3 when all is done but a copy is outstanding; 130 or 143 when it was interrupted or
ended.

Training needs `pip install 'rtlbench[train]'`, notices rtlbench[nightly], snapshots to S3
rtlbench[s3].
"""
FLAGS = {
    "dry_run": "Say exactly what would be done, and write nothing.",
    "allow_older": "Begin a night that is older than the newest one.",
    "restart": "Do again what an unfinished night has done with other options than now.",
}


def nightly_options(command: Command) -> Command:
    """All options of the job, each by its environment variable as well."""
    wanted: Any = isolation_option(command)
    for name, option in reversed(OPTIONS.items()):
        wanted = _click_option(name, option)(wanted)
    for name, metavar, text in (
        ("date", "DATE", "The night; default: unfinished ones, then today's, by this "
         "machine's clock."),
        ("from", "STAGE", "Do the night anew from this stage on."),
    ):
        kind = click.Choice(STAGES) if metavar == "STAGE" else str
        wanted = click.option(f"--{name}", f"{name}_", type=kind, metavar=metavar, help=text,
                              envvar=variable(name), show_envvar=True)(wanted)  # fmt: skip
    for name, text in FLAGS.items():
        wanted = click.option(flag(name), name, is_flag=True, envvar=variable(name),
                              show_envvar=True, help=text)(wanted)  # fmt: skip
    return wanted  # type: ignore[no-any-return]


class _Words(click.types.StringParamType):
    """Texts, of which a variable may hold several, parted by spaces; quotes as in a shell."""

    def split_envvar_value(self, rv: str) -> list[str]:
        try:
            return shlex.split(rv)
        except ValueError as e:
            raise UserError(f"{PREFIX}...={rv}: {e}; close it, or escape it") from e


def _click_option(name: str, option: Option) -> Any:
    words = f"{option.help[0].upper()}{option.help[1:]}."
    default = " ".join(option.default) if option.multiple else option.default
    if option.type is bool:
        return click.option(flag(name), name, is_flag=True, envvar=variable(name),
                            show_envvar=True, help=words)  # fmt: skip
    shown = f" [default: {default}]" if default not in (None, "") else ""
    return click.option(
        flag(name), name, type=_Words() if option.multiple else option.type,
        metavar=option.metavar, multiple=option.multiple,
        envvar=variable(name), show_envvar=True, help=words + shown,
    )  # fmt: skip


def run_job(given: Mapping[str, Any], until: str = STAGES[-1]) -> None:
    """Do what is due, or say what that would be, and end this process where not all is well."""
    sys.dont_write_bytecode = sys.dont_write_bytecode or given["dry_run"]
    from rtlbench.nightly.checks import refuse_unknown_variables
    from rtlbench.nightly.night import make_settings

    refuse_unknown_variables(os.environ)
    settings = make_settings(_of_settings(given))
    _enter(settings.folder)
    from rtlbench.nightly.job import run_nights
    from rtlbench.nightly.plan import NightPart, plan_nights

    part = NightPart(start=given["from_"], until=until, restart=given["restart"],
                allow_older=given["allow_older"])  # fmt: skip
    if given["dry_run"]:
        plan_nights(settings, given["date_"], part, click.echo)
        return
    for end in (signal.SIGTERM, signal.SIGINT):  # so that commands end, too
        signal.signal(end, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(run_nights(settings, given["date_"], part, click.echo))
    except HarnessError as e:  # 3 is what a copy that is outstanding ends with
        raise UserError(str(e)) from e


def _of_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given; an empty list is what nobody gave."""
    return {name: given[name] for name in OPTIONS if given[name] != ()}


def _enter(root: Path) -> None:
    try:
        os.chdir(root)  # names in recipes and options are below the root
    except OSError as e:
        raise UserError(f"--root {root}: {e.strerror}; give a folder") from e


@click.group(invoke_without_command=True, help=HELP)
@nightly_options
@click.pass_context
def nightly(context: click.Context, /, **given: Any) -> None:
    """The job, where no further command is named."""
    context.obj = Path(given["root"] or OPTIONS["root"].default)
    if context.invoked_subcommand is None:
        run_job(given)


_root = click.option("--root", "folder", type=click.Path(path_type=Path), metavar="FOLDER",
                     help="As for the job.")  # fmt: skip
_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
_why = click.option("--why", required=True, metavar="TEXT", help="The reason, for the record.")


def _paths(root: Path) -> Paths:
    from rtlbench.nightly.paths import Paths

    root = root.resolve()
    return Paths(root=root, runs=root / OPTIONS["runs"].default, date="")


@nightly.command()
@_root
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="The last N nights alone.")
@_json
@click.pass_obj
def history(root: Path, folder: Path | None, last: int | None, as_json: bool) -> None:
    """Show all nights: outcome, records, figures, time, and why one was not published."""
    from rtlbench.nightly.history import history_json, history_table, latest, read_history

    nights = latest(read_history(_paths(folder or root).history), last)
    click.echo(history_json(nights) if as_json else history_table(nights))


@nightly.command()
@_root
@_json
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write it as a page, with the nights' figures, events and growth.")
@click.pass_obj
def status(root: Path, folder: Path | None, as_json: bool, html: Path | None) -> None:
    """Show the model in use, what runs, what is unfinished and why, copies, and disk."""
    if html is not None:
        from rtlbench.nightly.page import write_page

        write_page(_paths(folder or root), html)
        return
    from rtlbench.nightly.status import status as status_of
    from rtlbench.nightly.status import status_text

    found = status_of(_paths(folder or root))
    if as_json:
        echo_json(found)
    else:
        click.echo(status_text(found))


@nightly.command()
@click.argument("date", required=False)
@_root
@_why
@click.option("--drop-data", is_flag=True, help="Learn from the records of later nights no more.")
@click.pass_obj
def rollback(
    root: Path, folder: Path | None, date: str | None, why: str, drop_data: bool
) -> None:
    """Have latest_nightly lead to the model of the night DATE, or of the one before."""
    from rtlbench.nightly.decisions import rollback as roll_back

    click.echo(roll_back(_paths(folder or root), date, why, drop_data=drop_data))


@nightly.command()
@click.argument("date")
@_root
@_why
@click.option("--undo", is_flag=True, help="Learn from them again.")
@click.pass_obj
def exclude(root: Path, folder: Path | None, date: str, why: str, undo: bool) -> None:
    """Learn from the records of the night DATE no more."""
    from rtlbench.nightly.decisions import exclude as leave_out

    click.echo(leave_out(_paths(folder or root), date, why, undo=undo))


def stage_command(stage: str) -> click.Command:
    """A command that does what is left of a night up to `stage`."""

    @click.command(help=f"Do what is left of the night up to and including `{stage}`.",
                   context_settings={"help_option_names": ["-h", "--help"]})
    @nightly_options
    def command(**given: Any) -> None:
        run_job(given, stage)

    return command
