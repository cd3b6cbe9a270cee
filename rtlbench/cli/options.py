"""Options that several commands share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from rtlbench.generate.model_options import KNOBS, Knob, field, help_of
from rtlbench.sandbox.level import WISHES, choose

Command = TypeVar("Command", bound=Callable[..., Any])


def isolation_option(command: Command) -> Command:
    """`--isolation`, in force from then on; the command itself does not get it."""
    return click.option(
        "--isolation",
        type=click.Choice(WISHES),
        callback=lambda _context, _option, value: choose(value),
        expose_value=False,
        help="How tools are shut away: as well as can be (default), all or nothing, not at all.",
    )(command)


def workers_option(command: Command) -> Command:
    """`-n`, as text: a number of processes."""
    return click.option(
        "-n",
        "--workers",
        default="auto",
        callback=_workers,
        metavar="N",
        help="Processes (default: one a core).",
    )(command)


def _workers(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value == "auto":
        return str(os.cpu_count() or 1)
    if not value.isdecimal() or int(value) < 1:
        raise click.BadParameter("give a number of at least 1, or auto")
    return value


def suite_options(command: Command) -> Command:
    """`--suite`, and `--fresh` with `--count`; the command gets one `suite` that says all."""

    @click.option("--suite", default="rtlbench", metavar="NAME[=FOLDER]", help="Which suite.")
    @click.option("--fresh", type=int, metavar="SEED", help="Members that this seed draws instead.")
    @click.option("--count", "--fresh-count", "count", type=int, metavar="N",
                  help="So many of them; default: one a family.")  # fmt: skip
    @functools.wraps(command)
    def wrapped(suite: str, fresh: int | None, count: int | None, **rest: Any) -> Any:
        from rtlbench.suites import with_fresh

        return command(suite=with_fresh(suite, fresh, count), **rest)

    return wrapped  # type: ignore[return-value]  # click makes a command of it either way


def model_options(command: Command) -> Command:
    """What is said of a model that answers; the command gets it as one `model`, by field."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        said = {field(name): given.pop(field(name)) for name in KNOBS}
        return command(model=said, **given)

    wanted: Any = wrapped
    for name, knob in reversed(KNOBS.items()):
        wanted = _model_option(name, knob)(wanted)
    return wanted  # type: ignore[no-any-return]


def _model_option(name: str, knob: Knob) -> Callable[[Any], Any]:
    text = help_of(knob)
    text = f"{text[0].upper()}{text[1:]}."
    if not knob.metavar:
        return click.option(name, field(name), is_flag=True, help=text)
    return click.option(name, field(name), type=knob.type, metavar=knob.metavar, help=text)
