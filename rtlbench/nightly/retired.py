"""What was retired by --keep-nights, --keep-models and --keep-archives, in retired.jsonl: a line
each with its rule, and the place and the hash of the copy that is left.

Guarantee: a line is on the disk, whole, before the first file goes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import write_whole
from rtlbench.nightly.paths import Paths

Kind = Literal["night", "model", "archive"]
PART = ".retired.part"
"""Behind the name of what is being removed."""


class Retired(msgspec.Struct, frozen=True, kw_only=True):
    """A line."""

    at: str
    """UTC, ISO 8601."""
    kind: Kind
    name: str
    """Of the folder, as copies.json has it."""
    rule: str
    """The limit that it was beyond, such as `--keep-nights 30`."""
    place: str
    """Of its copy, without passwords."""
    manifest_sha256: str
    """Of the copy's manifest, which has the hash of each file."""
    files: int
    """That went from here."""
    bytes: int


def read_retired(paths: Paths) -> list[Retired]:
    """All of them, in order.

    Raises:
        UserError: They cannot be read.
    """
    file = _file(paths)
    try:
        return [msgspec.json.decode(x, type=Retired) for x in file.read_bytes().splitlines()]
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError) as e:
        raise UserError(f"{file}: cannot be read ({e}); mend the line") from e


def write_retired(paths: Paths, line: Retired) -> None:
    """Add a line, unless an earlier call that was cut short has.

    Raises:
        UserError: It cannot be written; nothing may go then.
    """
    before = read_retired(paths)
    if any(_is_same(line, known) for known in before):
        return
    text = b"".join(msgspec.json.encode(each) + b"\n" for each in [*before, line])
    try:
        write_whole(_file(paths), text)
    except OSError as e:
        raise UserError(f"{_file(paths)}: cannot write it ({e.strerror}); make room") from e


def where_retired(paths: Paths, kind: Kind, name: str) -> str:
    """Where the copy of what was retired is, for people; empty where it was not."""
    found = [r for r in read_retired(paths) if (r.kind, r.name) == (kind, name)]
    if not found:
        return ""
    line = found[-1]
    return f"retired on {line.at[:10]} by {line.rule}; its copy is in {line.place}/{line.name}"


def _is_same(line: Retired, known: Retired) -> bool:
    one, other = ((r.kind, r.name, r.place, r.manifest_sha256) for r in (line, known))
    return one == other


def _file(paths: Paths) -> Path:
    return paths.work / "retired.jsonl"
