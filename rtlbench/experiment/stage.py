"""A stage: one command, the folder it fills, and the record of the call that filled it."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import msgspec

RTLBENCH = (sys.executable, str(Path(sysconfig.get_path("scripts")) / "rtlbench"))
"""The command of this environment, as a stage's argv begins."""
UNJUDGED = 1
"""What `rtlbench filter` and `bench` end with where the harness could not judge some."""
RECORD = "stage.json"
OUT = "{out}"
"""In an argument: the folder that the stage fills."""
ONE_OF = "one-of:"
"""Before an argument with wildcards: the only path that fits, looked for when the stage begins."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One command."""

    name: str
    """Also its folder's, below the work folder."""
    argv: tuple[str, ...]
    needs: tuple[str, ...] = ()
    """Names of stages."""
    attempts: int = 2
    """A busy machine makes a harness give up on some answers; the same command goes on."""
    tolerates: int | None = None
    """A status beside 0 that is good enough of the last attempt."""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """stage.json."""

    argv: tuple[str, ...]
    inputs: dict[str, str]
    """SHA-256 of the record of each stage needed."""
    seconds: float
    """Of the attempt that ended well."""
    finished: str


def seconds_of(work: Path, stage: str) -> float:
    """How long a finished stage took."""
    return read_record(work / stage).seconds


def read_record(folder: Path) -> Done:
    """The record of a finished stage."""
    return msgspec.json.decode((folder / RECORD).read_bytes(), type=Done)
