"""How much a sandbox holds back, and how much the user asks for."""

from __future__ import annotations

import os

import msgspec

from rtlbench.errors import UserError

WISHES = ("default", "strict", "none")
VARIABLE = "RTLBENCH_ISOLATION"
"""Environment variable: the wish where nothing is chosen."""
ROOM_BYTES = 256 << 20
ROOM_FILES = 50_000


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of sandbox holds back."""

    kind: str
    network: bool = False
    """No network at all, the machine's own services included."""
    system: bool = False
    """Nothing outside the private folder can be written, nor anything private be read."""
    folder: int | None = None
    """Bytes that the private folder can hold."""
    processes: bool = False
    """No process outside can be seen or signalled; nothing outlives its tool."""
    note: str = ""
    """What is held back of what is not held back in full."""

    @property
    def missing(self) -> list[str]:
        """What strict isolation would add."""
        return [name for name, held in self._parts() if not held]

    def __str__(self) -> str:
        held = [name for name, there in self._parts() if there]
        return f"{self.kind}: {', '.join([*held, *([self.note] if self.note else []), 'limits'])}"

    def _parts(self) -> tuple[tuple[str, bool], ...]:
        size = f" of {self.folder >> 20} MB" if self.folder else " with a size limit"
        return (
            ("no network", self.network),
            ("read-only system", self.system),
            (f"private folder{size}", self.folder is not None),
            ("own processes", self.processes),
        )


_chosen: list[str] = []


def choose(wish: str | None) -> None:
    """Have this process's sandboxes be as `wish` says; None leaves it to the environment.

    Raises:
        UserError: There is no such wish.
    """
    _chosen.clear()
    if wish is not None:
        _chosen.append(_known(wish, "--isolation"))


def wish() -> str:
    """What was chosen: `default` (the best there is), `strict` (nothing less than all), `none`.

    Raises:
        UserError: The environment names something else.
    """
    return _chosen[0] if _chosen else _known(os.environ.get(VARIABLE) or "default", VARIABLE)


def _known(wish: str, where: str) -> str:
    if wish not in WISHES:
        raise UserError(f"{where}: no isolation {wish!r}; there are {', '.join(WISHES)}")
    return wish
