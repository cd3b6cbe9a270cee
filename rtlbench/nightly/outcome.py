"""Publish or archive, then the copy off-site, and the removal of what it holds: old raw copies, and
what is retired.
"""

from __future__ import annotations

import msgspec

from rtlbench.errors import UserError
from rtlbench.nightly.anew import was_published
from rtlbench.nightly.benchmark import CANDIDATE, reports_of
from rtlbench.nightly.copies import forget_copies, work_off
from rtlbench.nightly.history import NOT_COPIED
from rtlbench.nightly.night import ARCHIVED, PUBLISHED, SKIPPED, Ended, Night
from rtlbench.nightly.paths import DAY, night_of_model
from rtlbench.nightly.publish import archive, publish, published
from rtlbench.nightly.purge import purge, purgeable
from rtlbench.nightly.retention import plan_retention
from rtlbench.nightly.retire import retire
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
    if not worked.is_away:
        ended = _purged(night, target)
        if any(ended.result.values()):
            night.say(f"purge: {ended.message}")
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
    gone = [p.date for p in found if not p.kept]
    kept = [f"{p.date}: {p.kept}" for p in found if p.kept]
    retired, stayed = _retired(night, target)
    kept += stayed
    message = f"raw copies of {len(gone)} nights removed"
    message += f"; retired: {', '.join(retired)}" if retired else ""
    message += f"; {len(kept)} kept ({kept[0]})" if kept else ""
    result = {"purged": gone, "retired": retired, "kept": kept}
    return Ended(message=message, result=result)


def _retired(night: Night, target: str) -> tuple[list[str], list[str]]:
    """What was retired, and why something that was due is still here."""
    try:
        found = retire(night.paths, night.settings, target)
        forget_copies(night.paths, target, [g.name for g in found if g.is_missing])
    except UserError as e:
        return [], [f"nothing is retired: {e}"]
    kept = [f"{g.what}: {g.kept}" for g in found if g.kept]
    return [g.what for g in found if not g.kept], kept


def plan_purge(night: Night) -> list[str]:
    """What would be done."""
    if not night.settings.snapshot:
        return ["no --snapshot: all raw copies would be kept"]
    dates = purgeable(night.paths, night.settings.keep_days)
    told = ", ".join(str(night.paths.of(d).raw) for d in dates)
    first = f"once a snapshot is seen to hold them: {told}" if dates else "no raw copies are due"
    ahead = int(night.paths.date not in night.paths.nights())
    return [first, *plan_retention(night.paths, night.settings, ahead)]
