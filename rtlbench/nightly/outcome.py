"""Publish or archive, then the copy off-site and the purge of what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.nightly.archive import archive
from rtlbench.nightly.benchmark import CANDIDATE
from rtlbench.nightly.deltas import ARCHIVED, PUBLISHED, SKIPPED
from rtlbench.nightly.gate import reports_of
from rtlbench.nightly.night import Ended, Night
from rtlbench.nightly.publish import publish, published
from rtlbench.nightly.purge import purge, purgeable
from rtlbench.nightly.settle import was_published
from rtlbench.nightly.snapshot import snapshot
from rtlbench.nightly.state import State, read_state, write_state
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
    """Copy the night and its model, and earlier nights whose copy failed; what fails waits for the
    next night."""
    target = night.settings.snapshot
    if not target:
        return Ended(message="no --snapshot: nothing copied away")
    done, failed = _copied(night.paths.date, night, target)
    if not failed and night.state.result("publish").get("outcome") == PUBLISHED:
        _, failed = _sent(night.paths.model, target)
    for state in _without_copy(night):
        again, told = _copied(state.date, night, target)
        if told:
            failed = failed or told
            break
        write_state(night.paths.of(state.date), _with_copy(state, again))
        done = {**done, "caught_up": [*done.get("caught_up", []), state.date]}
    if failed:
        return Ended(message=f"not copied away: {failed}", result={"failed": failed})
    late = f", and {len(done['caught_up'])} earlier nights" if "caught_up" in done else ""
    return Ended(message=f"{done['files']} files in {done['url']}, read back{late}", result=done)


def _copied(date: str, night: Night, target: str) -> tuple[dict[str, Any], str]:
    return _sent(night.paths.of(date).night, target)


def _sent(folder: Path, target: str) -> tuple[dict[str, Any], str]:
    """What the copy of a folder gave, and why it failed."""
    try:
        made = snapshot(folder, target)
    except UserError as e:
        return {}, str(e)
    return msgspec.to_builtins(made), ""


def _without_copy(night: Night) -> list[State]:
    """Earlier nights whose copy failed."""
    dates = [d for d in night.paths.nights() if d != night.paths.date]
    states = [read_state(night.paths.of(d)) for d in dates]
    return [s for s in states if s is not None and s.result("snapshot").get("failed")]


def _with_copy(state: State, made: dict[str, Any]) -> State:
    record = msgspec.structs.replace(
        state.stages["snapshot"], message="copied away by a later night", result=made
    )
    return msgspec.structs.replace(state, stages={**state.stages, "snapshot": record})


def plan_copy(night: Night) -> list[str]:
    """What would be done."""
    if not night.settings.snapshot:
        return ["no --snapshot: nothing would be copied away"]
    return [f"{night.paths.work / night.paths.date}, and the model where it is published, to the "
            "place that --snapshot names"]


def purge_raw(night: Night) -> Ended:
    """Remove old raw copies that a snapshot was seen to hold."""
    if not night.settings.snapshot:
        return Ended(message="no --snapshot: all raw copies are kept")
    found = purge(night.paths, night.settings.keep_days, night.settings.snapshot)
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
