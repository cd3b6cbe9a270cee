"""Options that several commands share, made of their declarations in rtlbench.runs.options."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import click

from rtlbench.generate.source import MODEL_OPTIONS, field, help_of
from rtlbench.runs.options import JUDGING, OPTIONS, only_one
from rtlbench.sandbox.level import WISHES, choose

Command = TypeVar("Command", bound=Callable[..., Any])
SUITE = ("--suite", "--fresh", "--fresh-count")
_ALIASES = {"--fresh-count": ("--count",)}
"""Shorter names, which pytest does not need."""


def option(name: str, **changes: Any) -> Callable[[Command], Command]:
    """The declared option `name`; the command gets None where it is not given.

    Args:
        changes: What click is told otherwise.
    """
    declared = OPTIONS[name]
    text = help_of(declared)
    settings: dict[str, Any] = {"help": f"{text[0].upper()}{text[1:]}.", "default": None}
    if declared.metavar:
        kind = declared.type if declared.least is None else click.IntRange(min=declared.least)
        settings |= {"type": kind, "metavar": declared.metavar}
    else:
        settings["is_flag"] = True
    if declared.many:
        settings |= {"multiple": True, "default": ()}
    if declared.once:
        settings |= {
            "multiple": True,
            "callback": lambda _context, _option, given: only_one(name, given),
        }
    return click.option(name, *_ALIASES.get(name, ()), field(name), **{**settings, **changes})


def options(names: Iterable[str], take: str) -> Callable[[Command], Command]:
    """Declared options that the command gets as one mapping `take`, by field, as far as given."""
    every = list(names)

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def wrapped(**given: Any) -> Any:
            values = {field(name): given.pop(field(name)) for name in every}
            return command(**{take: {n: v for n, v in values.items() if v is not None}}, **given)

        decorated: Any = wrapped
        for name in reversed(every):
            decorated = option(name)(decorated)
        return decorated  # type: ignore[no-any-return]

    return decorate


model_options = options(MODEL_OPTIONS, "model")
"""What is said of a model that answers; the command gets one `model`."""
judging_options = options(JUDGING, "judging")
"""What decides how answers are judged; the command gets one `judging`."""
session_options = options([n for n in OPTIONS if n != "--isolation"], "chosen")
"""All that `rtlbench.runs.options.session_options` makes a record of; the command gets `chosen`."""


def suite_options(command: Command) -> Command:
    """`--suite`, and `--fresh` with `--count`; the command gets one `suite` that says all."""

    @functools.wraps(command)
    def wrapped(members: Mapping[str, Any], **rest: Any) -> Any:
        from rtlbench.runs.suite import with_fresh

        suite = members.get("suite", OPTIONS["--suite"].default)
        named = with_fresh(suite, members.get("fresh"), members.get("fresh_count"))
        return command(suite=named, **rest)

    return options(SUITE, "members")(wrapped)  # type: ignore[return-value]


def isolation_option(command: Command) -> Command:
    """`--isolation`, in force from then on; the command itself does not get it."""
    return option(
        "--isolation",
        type=click.Choice(WISHES),
        metavar=None,
        callback=lambda _context, _option, value: choose(value),
        expose_value=False,
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
