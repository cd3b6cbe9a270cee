"""copies.json: what is copied where, and that a place is still the one that was copied to.

Guarantee: an entry is written after its copy has been read back, in one step. A place is known by
the mark that the first copy leaves there; one without it, such as a disk that is not mounted, is
refused and nothing is sent.
"""

from __future__ import annotations

import uuid
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import write_record
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.store import Store
from rtlbench.nightly.target import shown, target_url

MARK = "rtlbench-copies.json"
MARK_BYTES = 1 << 16


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """The mark of a place."""

    copies_id: str


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """A folder's copy."""

    night_sha256: str
    """Of what the night's stages gave; another one where it was done anew since."""
    manifest_sha256: str
    """Of the copy's manifest, which has the hash of each file."""
    files: int
    made: str
    """UTC, ISO 8601."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What is in one place."""

    copies_id: str
    """The mark that it bears."""
    copies: dict[str, Copied] = {}
    """By the folder's name."""


class Copies(msgspec.Struct, frozen=True, kw_only=True):
    """copies.json."""

    places: dict[str, Place] = {}
    """By address, without passwords."""
    schema_version: int = 1


class Ledger:
    """What is copied to one place, as it was written down.

    Raises:
        UserError: The file cannot be read.
    """

    def __init__(self, paths: Paths, target: str) -> None:
        self._paths, self._file = paths, paths.work / "copies.json"
        self._store = Store(target_url(target))
        self._key = shown(self._store.url)
        self._all = self._read()

    @property
    def copies(self) -> dict[str, Copied]:
        """What is there, by the folder's name."""
        place = self._all.places.get(self._key)
        return dict(place.copies) if place is not None else {}

    def check_place(self) -> None:
        """Make sure that the place can be reached and is the one that was copied to; leave the mark
        there the first time.

        Raises:
            UserError: It is not.
        """
        text = self._store.read(MARK, MARK_BYTES)
        known = self._all.places.get(self._key)
        if known is None:
            self._begin(text)
        elif text is None or self._mark(text).copies_id != known.copies_id:
            raise UserError(
                f"{self._key}: is not the place that was copied to before, since {MARK} there is "
                "missing or another one; mount or mend it, or, where it is a new place from now "
                f"on, remove it from {self._file}"
            )

    def add(self, name: str, copied: Copied) -> None:
        """Write down one more copy.

        Raises:
            UserError: It cannot be written.
        """
        self._write({**self.copies, name: copied})

    def drop(self, name: str) -> None:
        """Have a copy that is not there any more be made again.

        Raises:
            UserError: It cannot be written.
        """
        if name in (kept := self.copies):
            del kept[name]
            self._write(kept)

    def _begin(self, text: bytes | None) -> None:
        mark = self._mark(text) if text is not None else Mark(copies_id=uuid.uuid4().hex)
        if text is None:
            written = msgspec.json.encode(mark)
            self._store.write(MARK, written)
            if self._store.read(MARK, MARK_BYTES) != written:
                raise UserError(f"{self._key}/{MARK}: reads back other than it was written")
        for own in (self._paths.work, self._paths.models):
            if _is_here(own / MARK, mark):
                raise UserError(f"{self._key}: is {own}, which it is to be a copy of; give "
                                "--snapshot another place")
        self._all = msgspec.structs.replace(
            self._all, places={**self._all.places, self._key: Place(copies_id=mark.copies_id)}
        )
        self._write({})

    def _mark(self, text: bytes) -> Mark:
        try:
            return msgspec.json.decode(text, type=Mark)
        except msgspec.DecodeError as e:
            raise UserError(
                f"{self._key}/{MARK}: is no mark of copies ({e}); move it elsewhere"
            ) from e

    def _write(self, copies: dict[str, Copied]) -> None:
        place = msgspec.structs.replace(self._all.places[self._key], copies=copies)
        everything = msgspec.structs.replace(
            self._all, places={**self._all.places, self._key: place}
        )
        try:
            self._paths.work.mkdir(parents=True, exist_ok=True)
            write_record(self._file, everything)
        except OSError as e:
            raise UserError(f"{self._file}: cannot write it ({e.strerror}); make room") from e
        self._all = everything

    def _read(self) -> Copies:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Copies)
        except FileNotFoundError:
            return Copies()
        except (OSError, msgspec.DecodeError) as e:
            raise UserError(
                f"{self._file}: cannot be read ({e}); move it elsewhere, and all copies are read "
                "back and written down anew"
            ) from e


def _is_here(path: Path, mark: Mark) -> bool:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mark) == mark
    except (OSError, msgspec.DecodeError):
        return False
