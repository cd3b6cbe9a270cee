"""What other packages add, by entry point (docs/extending.md): Checks, readers of suites,
families of tasks, sources of answers.

Guarantee: nothing of another package is imported before its name is asked for, and none takes the
place of what is here. A suite or a source is asked for by its name in an option; a Check by the
variable RTLBENCH_CHECKS, since it changes every Verdict.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from rtlbench.errors import UserError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

CHECKS_VARIABLE = "RTLBENCH_CHECKS"
Kind = Literal["checks", "suites", "families", "sources"]


@lru_cache(maxsize=4)
def found(kind: Kind) -> dict[str, EntryPoint]:
    """The entry points of the group `rtlbench.KIND`, by name.

    Raises:
        UserError: Two packages have the same name there.
    """
    from importlib.metadata import entry_points

    by_name: dict[str, EntryPoint] = {}
    for point in entry_points(group=f"rtlbench.{kind}"):
        other = by_name.setdefault(point.name, point)
        if other.value != point.value:
            raise UserError(
                f"rtlbench.{kind}: {_package(other)} and {_package(point)} both have "
                f"{point.name!r}; remove one of them"
            )
    return by_name


def load(kind: Kind, name: str) -> Any:
    """The object behind an entry point that is there.

    Raises:
        UserError: It cannot be imported.
    """
    point = found(kind)[name]
    try:
        return point.load()
    except (ImportError, AttributeError) as e:
        raise UserError(f"rtlbench.{kind}: {_package(point)} has {name!r}, and {e}") from e


def asked_checks() -> tuple[str, ...]:
    """The further Checks that RTLBENCH_CHECKS names, separated by commas."""
    given = os.environ.get(CHECKS_VARIABLE, "")
    return tuple(dict.fromkeys(n for n in (part.strip() for part in given.split(",")) if n))


def versions(names: tuple[str, ...]) -> dict[str, str]:
    """`check.NAME` and its package's version, of those that are there."""
    points = found("checks") if names else {}
    return {
        f"check.{n}": points[n].dist.version  # type: ignore[union-attr]
        for n in names
        if n in points and points[n].dist is not None
    }


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
