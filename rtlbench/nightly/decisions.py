"""What people decide: which model is in use, and which nights' records are learnt from no more.

Guarantee: a decision is on the disk before it takes effect, with its reason; the link is switched
in one step; nothing is removed, and each decision can be taken back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
from filelock import FileLock

from rtlbench.errors import UserError
from rtlbench.io.atomic import take
from rtlbench.io.log import append
from rtlbench.io.untrusted import one_line
from rtlbench.nightly.history import read_history
from rtlbench.nightly.night import PUBLISHED, read_state
from rtlbench.nightly.paths import MODEL, Paths, check_date
from rtlbench.nightly.publish import publish, published
from rtlbench.nightly.retired import where_retired
from rtlbench.runs.results import utc_now

Kind = Literal["rollback", "exclude", "include"]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A line of decisions.jsonl."""

    at: str
    """UTC, ISO 8601."""
    kind: Kind
    night: str
    """Whose model is in use from then on, or whose records are left out or taken in again."""
    why: str
    before: str = ""
    """Of a rollback: the model that was in use."""


def decisions(paths: Paths) -> list[Decision]:
    """All that were taken, in order.

    Raises:
        UserError: They cannot be read.
    """
    try:
        text = _file(paths).read_bytes()
        return [msgspec.json.decode(line, type=Decision) for line in text.splitlines()]
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError) as e:
        raise UserError(f"{_file(paths)}: cannot be read ({e}); mend or remove the line") from e


def excluded(paths: Paths) -> set[str]:
    """The nights whose records are left out of training.

    Raises:
        UserError: As `decisions`.
    """
    last = {d.night: d.kind for d in decisions(paths) if d.kind != "rollback"}
    return {night for night, kind in last.items() if kind == "exclude"}


def exclude(paths: Paths, date: str, why: str, *, undo: bool = False) -> str:
    """Leave a night's records out of all later training, or take them in again; what was done.

    Raises:
        UserError: There is no such night, or that cannot be written down.
    """
    with _alone(paths):
        if check_date(date) not in paths.nights():
            known = ", ".join(paths.nights()[-5:]) or "none"
            raise UserError(f"{date}: there is no such night; the last ones are {known}")
        _decide(paths, Decision(at=utc_now(), kind="include" if undo else "exclude", night=date,
                                why=_reason(why)))  # fmt: skip
    return f"the records of {date} are {'learnt from again' if undo else 'left out'} from now on"


def rollback(paths: Paths, date: str | None, why: str, *, drop_data: bool) -> str:
    """Have `latest_nightly` lead to an earlier night's model; what was done.

    Args:
        date: Its night; None for the newest before the one in use.
        drop_data: Whether the records of later nights are left out of training, up to that of the
            model that was in use.

    Raises:
        UserError: There is no such model, or it cannot be switched to.
    """
    with _alone(paths):
        models = published_models(paths)
        live = published(paths.latest)
        now = next((d for d, model in models.items() if live is not None and model == live), "")
        wanted = date or max((d for d in models if d < now), default="")
        if wanted not in models:
            where = where_retired(paths, "model", f"{MODEL}{wanted}") if wanted else ""
            raise UserError(
                f"{date or 'no earlier night'}: has no published model that is there"
                f"{f' ({where}; bring it back from there)' if where else ''}; "
                f"there are {', '.join(models) or 'none'}"
            )
        before = live.name if live is not None else ""
        _decide(paths, Decision(at=utc_now(), kind="rollback", night=wanted, why=_reason(why),
                                before=before))  # fmt: skip
        dropped = [d for d in paths.nights() if wanted < d <= now] if drop_data else []
        for night in dropped:
            _decide(paths, Decision(at=utc_now(), kind="exclude", night=night, why=_reason(why)))
        publish(models[wanted], paths.latest)
    told = f"; records left out: {', '.join(dropped)}" if dropped else ""
    now_at = f"{paths.latest.name} leads to {models[wanted].name}"
    return f"{now_at} (before: {before or 'nothing'}){told}"


def published_models(paths: Paths) -> dict[str, Path]:
    """The folders of published models that are there, by night, the earliest first.

    Raises:
        UserError: The state of a night cannot be read.
    """
    runs = read_history(paths.history).nights
    named = {r.date: r.adapter for r in runs if r.outcome == PUBLISHED and r.adapter}
    for date in paths.nights():
        state = read_state(paths.of(date).own)
        if state is not None and state.result("publish").get("outcome") == PUBLISHED:
            named[date] = str(state.result("train").get("model", ""))
    found = {date: paths.root / name for date, name in sorted(named.items()) if name}
    return {date: model for date, model in found.items() if model.is_dir()}


def _file(paths: Paths) -> Path:
    return paths.work / "decisions.jsonl"


def _alone(paths: Paths) -> FileLock:
    return take(
        paths.lock,
        f"{paths.work}: `rtlbench nightly` is at work there; decide when it has ended",
        lambda e: f"{paths.work}: cannot write there ({e.strerror}); see --root",
    )


def _reason(why: str) -> str:
    if not why.strip():
        raise UserError("--why: say in a line why, for those who come after")
    return one_line(why, 500)


def _decide(paths: Paths, decision: Decision) -> None:
    try:
        append(_file(paths), [decision])
    except OSError as e:
        raise UserError(f"{_file(paths)}: cannot write it ({e.strerror}); nothing changed") from e
