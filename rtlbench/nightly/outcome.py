"""Publish or archive, then the copy off-site and the purge of what it holds."""

from __future__ import annotations

import msgspec

from rtlbench.nightly.archive import archive
from rtlbench.nightly.benchmark import CANDIDATE
from rtlbench.nightly.copies import NOT_COPIED, forget_copies, work_off
from rtlbench.nightly.deltas import ARCHIVED, PUBLISHED, SKIPPED
from rtlbench.nightly.gate import reports_of
from rtlbench.nightly.night import Ended, Night
from rtlbench.nightly.publish import publish, published
from rtlbench.nightly.purge import purge, purgeable
from rtlbench.nightly.settle import was_published
from rtlbench.training.record import read_run, write_card


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
