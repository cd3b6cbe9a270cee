"""Publish or archive, then the copy off-site, and the purge of raw copies that it holds.

Guarantee: a file is removed only after its bytes have been read back from the snapshot, just now,
and are those of the file; a night with anything that the snapshot does not hold keeps all of it.
A call that is cut short goes on when it is called again. Ages go by the nights' names, never by
the times of files.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.nightly.anew import was_published
from rtlbench.nightly.benchmark import CANDIDATE, reports_of
from rtlbench.nightly.copies import forget_copies, work_off
from rtlbench.nightly.history import NOT_COPIED
from rtlbench.nightly.night import ARCHIVED, PUBLISHED, SKIPPED, Ended, Night, read_state
from rtlbench.nightly.paths import DAY, Paths, night_of_model
from rtlbench.nightly.publish import archive, publish, published
from rtlbench.nightly.raw import RAW
from rtlbench.nightly.snapshot import (
    StoredFile,
    files_of,
    holds,
    read_manifest,
    refuse_elsewhere,
    store_of,
)
from rtlbench.nightly.store import at_once
from rtlbench.training.record import read_run, write_card


class PurgedNight(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one night's raw copies."""

    date: str
    files: int = 0
    """That were removed."""
    bytes: int = 0
    kept: str = ""
    """Why they were kept, where they were."""
    is_missing: bool = False
    """Whether that is because the snapshot does not hold them, or not as they are."""


class NotHeldError(UserError):
    """The snapshot does not hold what it should."""


def purgeable(paths: Paths, keep_days: int) -> list[str]:
    """The nights with raw copies that are more than `keep_days` days older than `paths.date`.

    A night that is not finished, or whose folder is a link, is not among them.
    """
    tonight = _day(paths.date)
    if tonight is None:
        return []
    limit = tonight - datetime.timedelta(days=keep_days)
    return [date for date in paths.nights() if _is_old(date, limit) and _is_done(paths.of(date))]


def purge(paths: Paths, keep_days: int, target: str | None) -> list[PurgedNight]:
    """Remove the raw copies of each night that is `purgeable` and whose snapshot holds them.

    Args:
        target: As it was given to `snapshot`; without one nothing is removed.
    """
    return [_purge_night(paths.of(date), target) for date in purgeable(paths, keep_days)]


def _purge_night(paths: Paths, target: str | None) -> PurgedNight:
    if not target:
        return PurgedNight(date=paths.date, kept="there is no --snapshot to hold them")
    try:
        files = _verified(paths.night, target)
        _remove(paths.raw, files)
    except UserError as e:
        missing = isinstance(e, NotHeldError)
        return PurgedNight(date=paths.date, kept=str(e), is_missing=missing)
    except OSError as e:
        return PurgedNight(date=paths.date, kept=f"{e.filename}: cannot remove it ({e.strerror})")
    size = sum(f.size for f in files.values())
    return PurgedNight(date=paths.date, files=len(files), bytes=size)


def _verified(night: Path, target: str) -> dict[str, StoredFile]:
    """The raw copies by path below raw/, each of which the snapshot was seen to hold.

    Raises:
        UserError: It does not hold one, or something there is no plain file.
    """
    files, others = files_of(night / RAW)
    if others:
        raise UserError(f"{night / RAW / others[0]}: no plain file; remove it, it is not ours")
    store = store_of(night, target)
    manifest = read_manifest(store)
    if manifest is None or manifest.folder != night.name:
        raise NotHeldError(f"{store.url}: no snapshot of this night; the next run makes it")
    known = manifest.files

    def check(name: str) -> None:
        path = f"{RAW}/{name}"
        refuse_elsewhere(store, path, night / path)
        if known.get(path) != files[name] or not holds(store, path, files[name]):
            raise NotHeldError(
                f"{store.url}/{path}: not there, or other than {night / path}; the next run sends "
                "it again"
            )

    at_once(check, files)
    return files


def _remove(raw: Path, files: dict[str, StoredFile]) -> None:
    """Remove those files, and the folders that are empty then."""
    for name in files:
        (raw / name).unlink(missing_ok=True)
    folders = [f for f in raw.rglob("*") if f.is_dir() and not f.is_symlink()]
    for folder in [*sorted(folders, reverse=True), raw]:
        folder.rmdir()


def _is_old(date: str, limit: datetime.date) -> bool:
    day = _day(date)
    return day is not None and day < limit


def _is_done(paths: Paths) -> bool:
    if paths.night.is_symlink() or paths.raw.is_symlink() or not paths.raw.is_dir():
        return False
    try:
        state = read_state(paths)
    except UserError:
        return False
    return state is not None and state.outcome is not None


def _day(date: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(date[:10])
    except ValueError:
        return None


def publish_or_archive(night: Night) -> Ended:
    """Have `latest_nightly` lead to the night's model, or put that aside.

    Raises:
        UserError: Neither can be done; the link is as it was.
    """
    paths, said = night.paths, night.state.result("gate")
    if "passed" not in said:
        return Ended(message="no model tonight: nothing to publish", result={"outcome": SKIPPED})
    if not said["passed"]:
        stays = paths.scratch is not None and was_published(paths)
        model = None if stays else paths.model
        where = archive(paths.night, model, paths.archive, said["reasons"])
        place = str(where.relative_to(paths.root))
        message = f"refused; put aside in {place}"
        return Ended(message=message, result={"outcome": ARCHIVED, "archive": place})
    results = paths.placed(night.state.result("benchmark")["results"][CANDIDATE])
    write_card(paths.model, read_run(paths.model), results, reports_of(night))
    live = published(paths.latest)
    if live is not None and night_of_model(live.name) > paths.date[:DAY]:
        message = (
            f"passed, and {paths.latest.name} stays with {live.name}, which is of a later night; "
            f"`rtlbench nightly rollback {paths.date}` leads it here"
        )
        return Ended(message=message, result={"outcome": PUBLISHED, "live": live.name})
    publish(paths.model, paths.latest)
    message = f"{paths.latest.name} leads to {paths.model.name}"
    return Ended(message=message, result={"outcome": PUBLISHED})


def plan_publish(night: Night) -> list[str]:
    """What would be done."""
    now = published(night.paths.latest)
    leads = now.name if now is not None else "nothing"
    return [
        f"where the gate lets it through: {night.paths.latest} leads to {night.paths.model.name} "
        f"(now: {leads})",
        f"where it does not: into {night.paths.archive}",
    ]


def copy_away(night: Night) -> Ended:
    """Copy the night and its model, and whatever else has no copy yet; what fails waits for the
    next run."""
    target = night.settings.snapshot
    if not target:
        return Ended(message="no --snapshot: nothing copied away")
    worked = work_off(night.paths, target, night.paths.date)
    made = worked.made.get(night.paths.date)
    result = msgspec.to_builtins(made) if made is not None else {}
    late = sorted(worked.made.keys() - {night.paths.date, night.paths.model.name})
    result |= {"caught_up": late} if late else {}
    if worked.failed:
        result |= {"failed": worked.why, "is_away": worked.is_away}
        return Ended(message=f"{NOT_COPIED}{worked.why}", result=result)
    told = f", and {len(late)} folders that had none" if late else ""
    return Ended(message=f"{result['files']} files in {result['url']}, read back{told}",
                 result=result)  # fmt: skip


def look_after_copies(night: Night) -> str:
    """Where no night's stages do it: copy what has no copy, then purge; why not all could be
    copied."""
    target = night.settings.snapshot
    if not target:
        return ""
    worked = work_off(night.paths, target)
    if worked.made:
        night.say(f"copied away by this run: {', '.join(worked.made)}")
    if worked.why:
        night.say(f"{NOT_COPIED}{worked.why}")
    if not worked.is_away and purgeable(night.paths, night.settings.keep_days):
        night.say(f"purge: {_purged(night, target).message}")
    return worked.why


def plan_copy(night: Night) -> list[str]:
    """What would be done."""
    if not night.settings.snapshot:
        return ["no --snapshot: nothing would be copied away"]
    return [f"{night.paths.work / night.paths.date}, and the model where it is published, to the "
            "place that --snapshot names"]


def purge_raw(night: Night) -> Ended:
    """Remove old raw copies that a snapshot was seen to hold."""
    target = night.settings.snapshot
    if not target:
        return Ended(message="no --snapshot: all raw copies are kept")
    if night.state.result("snapshot").get("is_away"):
        return Ended(message="the place of the snapshots cannot be used: all raw copies are kept")
    return _purged(night, target)


def _purged(night: Night, target: str) -> Ended:
    found = purge(night.paths, night.settings.keep_days, target)
    forget_copies(night.paths, target, [p.date for p in found if p.is_missing])
    gone = [p for p in found if not p.kept]
    kept = [f"{p.date}: {p.kept}" for p in found if p.kept]
    message = f"raw copies of {len(gone)} nights removed"
    if kept:
        message += f"; {len(kept)} kept ({kept[0]})"
    return Ended(message=message, result={"purged": [p.date for p in gone], "kept": kept})


def plan_purge(night: Night) -> list[str]:
    """What would be done."""
    if not night.settings.snapshot:
        return ["no --snapshot: all raw copies would be kept"]
    dates = purgeable(night.paths, night.settings.keep_days)
    told = ", ".join(str(night.paths.of(d).raw) for d in dates)
    return [f"once a snapshot is seen to hold them: {told}" if dates else "no raw copies are due"]
