"""taken.jsonl: the events that some night has looked at, so that none is taken twice.

An event is known by its run and the hash of what it says, not by its place: traces may be cut,
rotated and appended to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import append_whole, write_whole
from rtlbench.traces.event import Event


class Taken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line."""

    run_id: str
    """The name of the run's folder."""
    event: str
    """SHA-256 over the event."""
    night: str
    refused: str = ""
    """Why it was not copied."""


class TakenFile:
    """The file.

    Raises:
        UserError: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[tuple[str, str], Taken] = {}
        self._is_torn = False
        self._read()

    def find(self, run_id: str, event: str) -> Taken | None:
        """What is known of an event."""
        return self._lines.get((run_id, event))

    def of(self, night: str) -> list[Taken]:
        """What a night has taken and refused, in order."""
        return [t for t in self._lines.values() if t.night == night]

    def add(self, line: Taken) -> None:
        """Remember one more, on the disk."""
        self._lines[line.run_id, line.event] = line
        self._path.parent.mkdir(parents=True, exist_ok=True)
        begin = b"\n" if self._is_torn else b""
        append_whole(self._path, begin + msgspec.json.encode(line) + b"\n")
        self._is_torn = False

    def replace(self, night: str, lines: Iterable[Taken]) -> None:
        """Remember of what a night has taken these lines alone; what another night has taken since
        stays its own."""
        kept = {(t.run_id, t.event): t for t in self._lines.values() if t.night != night}
        found = {**{(t.run_id, t.event): t for t in lines}, **kept}
        if list(found.values()) != list(self._lines.values()):
            text = b"".join(msgspec.json.encode(t) + b"\n" for t in found.values())
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text)
        self._lines = found
        self._is_torn = False

    def _read(self) -> None:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as e:
            raise UserError(f"{self._path}: cannot be read ({e.strerror})") from e
        self._is_torn = bool(data) and not data.endswith(b"\n")
        for raw in data.splitlines():
            try:
                line = msgspec.json.decode(raw, type=Taken)
            except msgspec.DecodeError:
                continue  # a line that a kill has torn: its event is taken again
            self._lines[line.run_id, line.event] = line


def event_hash(event: Event) -> str:
    """SHA-256 over what an event says, hex."""
    return hashlib.sha256(msgspec.json.encode(event, order="deterministic")).hexdigest()
