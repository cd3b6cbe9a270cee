"""`samples.sha256`: one SHA-256 for each line of samples.jsonl, by which a line that was lost,
doubled or edited is noticed; and the record of them all that run.json carries.

A line's sum is on the disk before the line is: a kill between the two leaves a sum too many, of an
answer that is judged again, and never a line that nobody answers for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from rtlbench.io.atomic import append_whole, write_whole

SUMS = "samples.sha256"
_WIDTH = 2 * hashlib.sha256().digest_size + 1


class AnswersRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a run noted of its lines of samples.jsonl."""

    lines: int
    """Errors that were judged again later among them."""
    digest: str
    """SHA-256 over the SHA-256 of every line, in order."""


def record_of(lines: Iterable[bytes]) -> AnswersRecord:
    """What there is to note of `lines`."""
    whole, count = hashlib.sha256(), 0
    for line in lines:
        whole.update(sum_of(line))
        count += 1
    return AnswersRecord(lines=count, digest=whole.hexdigest())


def sum_of(line: bytes) -> bytes:
    """A line's sum, hex; its line end plays no part."""
    return hashlib.sha256(line.strip()).hexdigest().encode()


def seal_of(document: bytes) -> str:
    """SHA-256 over what a JSON document says, its field `seal` aside.

    Raises:
        msgspec.DecodeError: It is no JSON object.
    """
    found = msgspec.json.decode(document, type=dict[str, object])
    found.pop("seal", None)
    return hashlib.sha256(msgspec.json.encode(found, order="sorted")).hexdigest()


class Sums:
    """The file; for use by the one process that writes in the folder at a time."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / SUMS

    def read(self) -> list[bytes] | None:
        """Every line's sum; None where there is no such file. A torn last one is left out.

        Raises:
            OSError: It cannot be read.
        """
        if not self.path.is_file():
            return None
        data = self.path.read_bytes()
        return data[: len(data) - len(data) % _WIDTH].split()

    def note(self, lines: Iterable[bytes], before: int) -> None:
        """Add the sums of lines that are about to be written behind `before` others.

        Raises:
            OSError: They cannot be written.
        """
        if self.path.is_file() and self.path.stat().st_size > before * _WIDTH:
            with self.path.open("r+b") as file:  # of lines that a kill kept from being written
                file.truncate(before * _WIDTH)
        append_whole(self.path, b"".join(sum_of(line) + b"\n" for line in lines))

    def replace(self, sums: Iterable[bytes]) -> None:
        """Write the file anew, in one step.

        Raises:
            OSError: It cannot be written.
        """
        write_whole(self.path, b"".join(s + b"\n" for s in sums))
