"""Directed stimulus that is kept beside a family: `stimulus.jsonl`, a sequence a line.

A line names the member, says what the sequence tells apart, and gives moments: inputs that change,
by port id, as logical values (1 asserts an active-low reset), the clock edge that then comes, and
the id of the clock that has it, where it is not all of them.
Such sequences come from formal counterexamples that the rest of the stimulus does not reach
(`rtlbench specs validate --record`).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.records.spec import Spec

FILE = "stimulus.jsonl"


class Moment(msgspec.Struct, frozen=True, array_like=True):
    """Inputs that change, and the edge that follows."""

    inputs: dict[str, int]
    edge: Literal["none", "active", "inactive"]
    clock: str = ""
    """Id of the clock that has the edge; empty for every clock."""


class Recorded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sequence."""

    member: str
    """The Spec's id."""
    why: str
    """What it tells from a right answer."""
    moments: list[Moment]


def recorded_for(folder: str | Path, spec_id: str) -> tuple[Recorded, ...]:
    """The sequences of one member, in the order of the file.

    Raises:
        HarnessError: The file is malformed; the message names the line.
    """
    path = Path(folder) / FILE
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        return ()
    return tuple(r for r in _read(path, changed) if r.member == spec_id)


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> tuple[Recorded, ...]:  # noqa: ARG001 - a key of the cache
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            found.append(msgspec.json.decode(line, type=Recorded))
        except msgspec.DecodeError as e:
            raise HarnessError(f"{path}:{number}: {e}") from e
    return tuple(found)


def digest_of(folder: str | Path, spec_id: str) -> str:
    """SHA-256, hex, of the member's sequences; empty where it has none."""
    found = recorded_for(folder, spec_id)
    return hashlib.sha256(msgspec.json.encode(found)).hexdigest() if found else ""


def add_recorded(spec: Spec, recorded: Recorded) -> None:
    """Append a sequence to the file of the Spec's family."""
    assert spec.reference is not None
    with (Path(spec.reference) / FILE).open("ab") as file:
        file.write(msgspec.json.encode(recorded) + b"\n")
