"""The removal of what is beyond the limits of retention.

Guarantee: nothing goes whose copy was not read back just now, each file by its hash. Its line in
retired.jsonl is on the disk before the first file goes. Of a night its records, its state and
what the gate said stay, of an archive its summary: what was learnt from is learnt from all the
same. What goes is called NAME.retired.part first, so that nothing half removed is taken for whole;
after a kill the next call goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.nightly.copies import held_in
from rtlbench.nightly.night import Settings
from rtlbench.nightly.paths import ARCHIVE, Paths, night_of_model
from rtlbench.nightly.purge import (
    Here,
    NotHeldError,
    plain_files,
    refuse_not_held,
    remove_files,
)
from rtlbench.nightly.retention import Due, beyond
from rtlbench.nightly.retired import PART, Retired, write_retired
from rtlbench.nightly.snapshot import StoredFile, stored_file
from rtlbench.nightly.store import shown
from rtlbench.runs.results import utc_now


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """What became of something that was due."""

    what: str
    name: str
    """As copies.json has it."""
    kept: str = ""
    """Why it is still here."""
    is_missing: bool = False
    """Whether that is because its copy does not hold it, or not as it is."""


def retire(paths: Paths, settings: Settings, target: str) -> list[Gone]:
    """Have what is beyond the limits go, where it may.

    Raises:
        UserError: As `beyond`.
    """
    left = [_finish(path, target) for path in _cut_short(paths)]
    due = [d for d in beyond(paths, settings) if not d.item.must_stay]
    return [*(g for g in left if g.kept), *(_retire(paths, each, target) for each in due)]


def _retire(paths: Paths, due: Due, target: str) -> Gone:
    item, rule = due
    folder = item.folder
    try:
        if not held_in(paths, target, folder):
            return Gone(what=item.told, name=folder.name, kept="has no copy yet; the next run "
                        "makes it")  # fmt: skip
        files = {part: _files(part) for part in item.parts}
        here = {n: f for part in item.parts for n, f in _named(folder.path, part, files[part])}
        manifest = refuse_not_held(folder.path, folder.target(target), here)
        write_retired(paths, Retired(
            at=utc_now(), kind=item.kind, name=folder.name, rule=rule, place=shown(target),
            manifest_sha256=manifest, files=len(here),
            bytes=sum(f.stored.size for f in here.values()),
        ))  # fmt: skip
        for part in item.parts:
            away = part.with_name(part.name + PART)
            part.rename(away)
            _remove(away, files[part])
    except (UserError, OSError) as e:
        return _kept(item.told, folder.name, e)
    return Gone(what=item.told, name=folder.name)


def _kept(what: str, name: str, error: UserError | OSError) -> Gone:
    told = str(error)
    if isinstance(error, OSError):
        told = f"{error.filename}: cannot be removed ({error.strerror})"
    return Gone(what=what, name=name, kept=told, is_missing=isinstance(error, NotHeldError))


def _cut_short(paths: Paths) -> list[Path]:
    """What a call that was cut short has begun to remove."""
    nights = (paths.of(date).own.night for date in paths.nights())
    archived = (f for f in paths.archives.glob("*") if f.is_dir())
    places = (paths.models, *nights, *archived)
    return sorted(path for place in places for path in place.glob(f"*{PART}"))


def _finish(path: Path, target: str) -> Gone:
    """Remove what is left of it, where its copy is read back once more."""
    was = path.with_name(path.name.removesuffix(PART))
    base = was if night_of_model(was.name) else was.parent
    group = ARCHIVE if base.parent.name == ARCHIVE else ""
    try:
        files = _files(path)
        here = {_below(base, was, name): Here(path / name, f) for name, f in files.items()}
        refuse_not_held(base, f"{target}/{group}" if group else target, here)
        _remove(path, files)
    except (UserError, OSError) as e:
        return _kept(str(path), base.name, e)
    return Gone(what=str(path), name=base.name)


def _files(part: Path) -> dict[str, StoredFile]:
    """The files of what goes, by path below it; of a file alone that is empty."""
    if part.is_symlink() or not (part.is_file() or part.is_dir()):
        raise UserError(f"{part}: no plain file; remove it, it is not ours")
    return plain_files(part) if part.is_dir() else {"": stored_file(part)}


def _named(base: Path, part: Path, files: Mapping[str, StoredFile]) -> Iterator[tuple[str, Here]]:
    for name, stored in files.items():
        yield _below(base, part, name), Here(part / name, stored)


def _below(base: Path, part: Path, name: str) -> str:
    return (part / name).relative_to(base).as_posix()


def _remove(path: Path, files: Mapping[str, StoredFile]) -> None:
    if path.is_dir():
        remove_files(path, files)
    else:
        path.unlink()
