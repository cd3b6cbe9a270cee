"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def suite_options(command: Command) -> Command:
    """`--suite`, and `--fresh` with `--count`; the command gets one `suite` that says all."""

    @click.option("--suite", default="rtlbench", metavar="NAME[=FOLDER]", help="Which suite.")
    @click.option("--fresh", type=int, metavar="SEED", help="Members that this seed draws instead.")
    @click.option("--count", type=int, metavar="N", help="So many of them; default: one a family.")
    @functools.wraps(command)
    def wrapped(suite: str, fresh: int | None, count: int | None, **rest: Any) -> Any:
        from rtlbench.suites import with_fresh

        return command(suite=with_fresh(suite, fresh, count), **rest)

    return wrapped  # type: ignore[return-value]  # click makes a command of it either way
