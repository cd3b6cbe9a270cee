"""Copies off-site, worked off: every finished night, published model and archive that the ledger,
copies.json, has no copy of is sent, by each run, whether there is news or none.

Guarantee: an entry of the ledger is written after its copy has been read back, in one step. A place
is known by the mark that the first copy leaves there; one without it, such as a disk that is not
mounted, is refused and nothing is sent.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import write_record
from rtlbench.nightly.history import NOT_COPIED, read_history, write_night
from rtlbench.nightly.night import PUBLISHED, State, read_state, write_state
from rtlbench.nightly.options import STAGES
from rtlbench.nightly.paths import STATE, Paths
from rtlbench.nightly.publish import archives
from rtlbench.nightly.snapshot import Snapshot, snapshot
from rtlbench.nightly.store import Store, shown, target_url
from rtlbench.runs.results import utc_now

LEDGER = "copies.json"
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
        self._paths, self._file = paths, paths.work / LEDGER
        self._store = Store(target_url(target))
        self._key = shown(self._store.url)
        self._all = _read(self._file)

    @property
    def copies(self) -> dict[str, Copied]:
        """What is there, by the folder's name."""
        place = self._all.places.get(self._key)
        return place.copies if place is not None else {}

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
        place = self._all.places[self._key]
        self._write(msgspec.structs.replace(place, copies={**place.copies, name: copied}))

    def drop(self, name: str) -> None:
        """Have a copy that is not there any more be made again.

        Raises:
            UserError: It cannot be written.
        """
        if name in self.copies:
            place = self._all.places[self._key]
            kept = {n: copied for n, copied in place.copies.items() if n != name}
            self._write(msgspec.structs.replace(place, copies=kept))

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
        self._write(Place(copies_id=mark.copies_id))

    def _mark(self, text: bytes) -> Mark:
        try:
            return msgspec.json.decode(text, type=Mark)
        except msgspec.DecodeError as e:
            raise UserError(
                f"{self._key}/{MARK}: is no mark of copies ({e}); move it elsewhere"
            ) from e

    def _write(self, place: Place) -> None:
        everything = msgspec.structs.replace(
            self._all, places={**self._all.places, self._key: place}
        )
        try:
            self._paths.work.mkdir(parents=True, exist_ok=True)
            write_record(self._file, everything)
        except OSError as e:
            raise UserError(f"{self._file}: cannot write it ({e.strerror}); make room") from e
        self._all = everything


def _read(file: Path) -> Copies:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Copies)
    except FileNotFoundError:
        return Copies()
    except (OSError, msgspec.DecodeError) as e:
        raise UserError(
            f"{file}: cannot be read ({e}); move it elsewhere, and all copies are read back and "
            "written down anew"
        ) from e


def _is_here(path: Path, mark: Mark) -> bool:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mark) == mark
    except (OSError, msgspec.DecodeError):
        return False


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that is to be copied."""

    path: Path
    date: str
    """Its night."""
    night_sha256: str
    group: str = ""
    """The folder that its copy lies in; empty for the place itself."""

    @property
    def name(self) -> str:
        """As the ledger has it."""
        return f"{self.group}/{self.path.name}" if self.group else self.path.name

    def target(self, target: str) -> str:
        """The place that the copy lies in, of all copies' place."""
        return f"{target}/{self.group}" if self.group else target


class Worked(msgspec.Struct, kw_only=True):
    """What a run has done."""

    made: dict[str, Snapshot] = {}
    """Copies by the folder's name."""
    failed: list[str] = []
    """Why some could not be made."""
    outstanding: list[str] = []
    """Folders that have no copy yet."""
    is_away: bool = False
    """Whether the place itself could not be used."""

    @property
    def why(self) -> str:
        """In a line; empty where nothing failed."""
        if not self.failed:
            return ""
        more = len(self.outstanding) - 1
        return self.failed[0] + (f" ({more} more folders wait for their copy)" if more > 0 else "")


def work_off(paths: Paths, target: str, first: str | None = None) -> Worked:
    """Copy what has no copy.

    Args:
        first: A night that is copied before the others, and read back though it has a copy.
    """
    worked = Worked(made={}, failed=[], outstanding=[])
    try:
        ledger = Ledger(paths, target)
        wanted = [f for f in folders(paths, first) if f.date == first or not _has(ledger, f)]
        worked.outstanding = [f.name for f in wanted]
        if not wanted:
            _mend(paths, ledger, target)
            return worked
        ledger.check_place()
    except UserError as e:
        worked.failed.append(str(e))
        worked.is_away = True
        return worked
    for folder in wanted:
        if not _copy(ledger, folder, target, worked):
            break
    _mend(paths, ledger, target)
    return worked


def outstanding(paths: Paths) -> dict[str, list[str]]:
    """The folders that have no copy yet, for each place that was copied to; no place is asked.

    Raises:
        UserError: The ledger, or the state of a night, cannot be read.
    """
    places = _read(paths.work / LEDGER).places
    wanted = list(folders(paths)) if places else []
    return {
        name: [f.name for f in wanted if not _is_in(place.copies, f)]
        for name, place in places.items()
    }


def held_in(paths: Paths, target: str, folder: Folder) -> bool:
    """Whether the ledger has a copy of the folder as it is, in the place `target`.

    Raises:
        UserError: The ledger cannot be read.
    """
    return _has(Ledger(paths, target), folder)


def forget_copies(paths: Paths, target: str, names: list[str]) -> None:
    """Have the copies of these folders be made again by the next run.

    Raises:
        UserError: That cannot be written down.
    """
    ledger = Ledger(paths, target)
    for name in names:
        ledger.drop(name)


def _copy(ledger: Ledger, folder: Folder, target: str, worked: Worked) -> bool:
    """Make one copy; False where the place cannot be used any more."""
    name = folder.name
    try:
        made = snapshot(folder.path, folder.target(target))
        copied = Copied(
            night_sha256=folder.night_sha256, manifest_sha256=made.manifest_sha256,
            files=made.files, made=utc_now(),
        )  # fmt: skip
        ledger.add(name, copied)
    except UserError as e:
        worked.failed.append(str(e))
        try:
            ledger.check_place()
        except UserError:
            worked.is_away = True
        return not worked.is_away
    worked.made[name] = made
    worked.outstanding.remove(name)
    return True


def folders(paths: Paths, first: str | None = None) -> Iterator[Folder]:
    """What is to have a copy: the night that is named, then the others from the earliest on, each
    with its model; then archives."""
    dates = paths.nights()
    for date in sorted(dates, key=lambda d: (d != first, d)):
        night = paths.of(date).own
        state = read_state(night)
        if state is None or (state.outcome is None and "publish" not in state.stages):
            continue
        yield Folder(path=night.night, date=date, night_sha256=_said(state))
        yield from _model(paths, state)
    for file in sorted(paths.all_set_aside.glob(f"*/{STATE}")):
        try:
            aside = msgspec.json.decode(file.read_bytes(), type=State)
        except (OSError, msgspec.DecodeError):
            continue
        yield from _model(paths, aside)
    for folder in archives(paths):
        said = hashlib.sha256(folder.name.encode()).hexdigest()
        date = next((d for d in (folder.name, folder.stem) if d in dates), folder.name)
        yield Folder(path=folder, date=date, night_sha256=said, group=folder.parent.name)


def _model(paths: Paths, state: State) -> Iterator[Folder]:
    """The night's model, where it is published and in its place."""
    model = state.result("train").get("model")
    is_published = state.result("publish").get("outcome") == PUBLISHED
    if model and is_published and (path := paths.root / model).is_dir():
        said = hashlib.sha256(str(model).encode()).hexdigest()
        yield Folder(path=path, date=state.date, night_sha256=said)


def _said(state: State) -> str:
    """SHA-256 over what the stages gave that decide what is copied."""
    until = STAGES.index("publish")
    stages = {n: r for n, r in state.stages.items() if STAGES.index(n) <= until}
    return hashlib.sha256(msgspec.json.encode(stages, order="deterministic")).hexdigest()


def _has(ledger: Ledger, folder: Folder) -> bool:
    return _is_in(ledger.copies, folder)


def _is_in(copies: dict[str, Copied], folder: Folder) -> bool:
    copied = copies.get(folder.name)
    return copied is not None and copied.night_sha256 == folder.night_sha256


def _mend(paths: Paths, ledger: Ledger, target: str) -> None:
    """Take back what was written down of copies that failed, where they are made now."""
    wanted = list(folders(paths))
    waiting = {f.date for f in wanted if not _has(ledger, f)}
    for date in {f.date for f in wanted} - waiting:
        night = paths.of(date).own
        state = read_state(night)
        if state is not None and state.result("snapshot").get("failed"):
            _mend_night(night, state, ledger.copies[date], target)


def _mend_night(night: Paths, state: State, copied: Copied, target: str) -> None:
    url = f"{shown(target)}/{night.date}"
    result = {"url": url, "files": copied.files, "manifest_sha256": copied.manifest_sha256}
    record = msgspec.structs.replace(
        state.stages["snapshot"], message="copied away by a later run", result=result
    )
    for run in read_history(night.history).nights:
        if run.date == night.date:
            stages = tuple(
                msgspec.structs.replace(s, message=record.message) if s.name == "snapshot" else s
                for s in run.stages
            )
            reasons = tuple(r for r in run.reasons if not r.startswith(NOT_COPIED))
            write_night(night.history, msgspec.structs.replace(
                run, snapshot=url, reasons=reasons, stages=stages))  # fmt: skip
    write_state(
        night, msgspec.structs.replace(state, stages={**state.stages, "snapshot": record})
    )
