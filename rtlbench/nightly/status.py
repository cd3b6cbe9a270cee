"""How things stand: the model in use, what runs, what is unfinished and why, copies, disk.

Read only: it may be asked for while the job is at work.
"""

from __future__ import annotations

import datetime
import fcntl
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from statistics import median

import msgspec

from rtlbench.errors import UserError
from rtlbench.nightly.copies import outstanding
from rtlbench.nightly.decisions import Decision, decisions, excluded, published_models
from rtlbench.nightly.disk import disk_line, disk_use
from rtlbench.nightly.history import CANDIDATE, History, NightRun, read_history
from rtlbench.nightly.log import LAST_SUCCESS, LastSuccess
from rtlbench.nightly.night import State, read_state
from rtlbench.nightly.options import STAGES
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.publish import published
from rtlbench.nightly.retired import read_retired

SHOWN = 5
"""Decisions that are shown."""


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """A night that is not done."""

    date: str
    stage: str
    """The next one, or the one that runs."""
    why: str
    minutes: float | None = None
    """That the stage has run for; None where nothing runs."""
    minutes_left: float | None = None
    """Of this stage and those behind it, by how long they took in the median; None where no
    earlier night tells."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    live: str
    """The folder of the model in use, or what is wrong with the link; empty where there is none."""
    live_night: str
    figures: Mapping[str, float | None]
    """Of the model in use, as its night has measured them."""
    is_running: bool
    unfinished: tuple[Unfinished, ...]
    last_success: LastSuccess | None
    outstanding: Mapping[str, tuple[str, ...]]
    """Folders without a copy, by place."""
    excluded: tuple[str, ...]
    decisions: tuple[Decision, ...]
    retired: Mapping[str, int]
    """How many nights, models and archives were retired, by kind; retired.jsonl says where each
    copy is."""
    disk: Mapping[str, int]
    """Bytes by folder, and how many are free."""


def status(paths: Paths) -> Status:
    """How things stand.

    Raises:
        UserError: Something cannot be read.
    """
    live, trouble = _live(paths)
    models = published_models(paths)
    night = next((d for d, model in models.items() if model == live), "")
    history = read_history(paths.history)
    row = next((r for r in history.nights if r.date == night), None)
    return Status(
        live=live.name if live is not None else trouble,
        live_night=night,
        figures=row.metrics.get(CANDIDATE, {}) if row is not None else {},
        is_running=_is_held(paths.lock),
        unfinished=tuple(_unfinished(paths, history)),
        last_success=_last_success(paths.work),
        outstanding={place: tuple(names) for place, names in outstanding(paths).items()},
        excluded=tuple(sorted(excluded(paths))),
        decisions=tuple(decisions(paths)[-SHOWN:]),
        retired=Counter(r.kind for r in read_retired(paths)),
        disk=disk_use(paths),
    )


def _live(paths: Paths) -> tuple[Path | None, str]:
    try:
        return published(paths.latest), ""
    except UserError as e:
        return None, str(e)


def status_text(found: Status) -> str:
    """The same for people."""
    figures = ", ".join(
        f"{n} {v:.3f}" for n, v in found.figures.items() if v is not None and "/" not in n
    )
    lines = [f"model in use: {found.live or 'none'}" + (f" ({figures})" if figures else "")]
    last = found.last_success
    lines.append(f"last run that came to its end: {last.finished if last else 'none'}")
    lines.append("a job is at work" if found.is_running else "no job is at work")
    lines += [_unfinished_line(night) for night in found.unfinished]
    for place, names in found.outstanding.items():
        how = f"{', '.join(names)} outstanding" if names else "all made"
        lines.append(f"copies in {place}: {how}")
    if found.excluded:
        lines.append(f"records left out of training: {', '.join(found.excluded)}")
    lines += [f"decided {d.at}: {d.kind} {d.night}: {d.why}" for d in found.decisions]
    lines += [f"retired: {_counted(found.retired)}"] if found.retired else []
    lines.append(disk_line(found.disk))
    return "\n".join(lines)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in sorted(counts.items()))


def _unfinished_line(night: Unfinished) -> str:
    if night.minutes is None:
        why = f": {night.why}" if night.why else ""
        return f"{night.date}: not finished, {night.stage} is next{why}"
    left = night.minutes_left
    told = f", about {left:.0f} min left" if left is not None else ""
    return f"{night.date}: in {night.stage} for {night.minutes:.0f} min{told}"


def _unfinished(paths: Paths, history: History) -> list[Unfinished]:
    rows = {r.date: r for r in history.nights}
    is_running = _is_held(paths.lock)
    found: list[Unfinished] = []
    for date in sorted({*paths.nights(), *paths.done_anew()}):
        night = paths.of(date)
        state = read_state(night.anew if date in paths.done_anew() else night)
        if state is None or state.outcome is not None:
            continue
        row = rows.get(date)
        why = row.reasons[0] if row is not None and row.outcome == "failed" and row.reasons else ""
        runs = is_running and not any(u.minutes is not None for u in found) and not state.waits
        since = _since(state, paths.lock) if runs else None
        stage = state.next or STAGES[-1]
        found.append(Unfinished(
            date=date, stage=stage, why="" if runs else why, minutes=since,
            minutes_left=_left(history, stage, since),
        ))  # fmt: skip
    return found


def _since(state: State, lock: Path) -> float:
    """Minutes since the stage began: since the one before it ended, or the job was started."""
    now = datetime.datetime.now(datetime.UTC)
    begun = datetime.datetime.fromtimestamp(lock.stat().st_mtime, datetime.UTC)
    for record in state.stages.values():
        with suppress(ValueError):
            begun = max(begun, _time(record.finished))
    return max(0.0, (now - begun).total_seconds() / 60)


def _left(history: History, stage: str, since: float | None) -> float | None:
    if since is None:
        return None
    usual = {s: _usual(history.nights, s) for s in STAGES[STAGES.index(stage):]}
    here = usual.pop(stage)
    if here is None:
        return None
    return max(0.0, here - since) + sum(minutes or 0.0 for minutes in usual.values())


def _usual(nights: tuple[NightRun, ...], stage: str) -> float | None:
    """Minutes that a stage takes, in the median of the nights that were trained."""
    took = []
    for at in (s for n in nights if n.metrics for s in n.stages if s.name == stage):
        with suppress(ValueError):
            took.append((_time(at.finished) - _time(at.started)).total_seconds() / 60)
    return median(took) if took else None


def _time(text: str) -> datetime.datetime:
    at = datetime.datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=datetime.UTC)


def _is_held(lock: Path) -> bool:
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _last_success(work: Path) -> LastSuccess | None:
    path = work / LAST_SUCCESS
    try:
        return msgspec.json.decode(path.read_bytes(), type=LastSuccess)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as e:
        raise UserError(f"{path}: cannot be read ({e}); remove it") from e
