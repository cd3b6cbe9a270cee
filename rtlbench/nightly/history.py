"""What is told of nights: their records, a file a night, the table of them, words for people.

A record that is torn, too large or of another kind is named, and the others are read all the same.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import write_record
from rtlbench.io.explain import aligned
from rtlbench.io.untrusted import one_line, quoted
from rtlbench.nightly.disk import disk_line, disk_use
from rtlbench.nightly.night import ARCHIVED, PUBLISHED, Night
from rtlbench.nightly.options import OPTIONS, STAGES
from rtlbench.runs.results import utc_now

NIGHT_SCHEMA_VERSION = 1
MAX_BYTES = 4 << 20
"""Of one record."""
CANDIDATE = "candidate"
"""The key of the night's own model in `metrics`."""
SHOWN = "functional"
"""The figure in the table."""
NOTHING_NEW = "nothing new"
NOT_COPIED = "not copied away: "
"""How the reason of a night begins whose copy failed."""
NightOutcome = Literal["published", "archived", "skipped", "failed"]


class NightStage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a night."""

    name: str
    started: str
    """UTC, ISO 8601."""
    finished: str
    message: str = ""


class NightRun(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one night."""

    date: str
    outcome: NightOutcome
    started: str
    """UTC, ISO 8601."""
    finished: str
    zone: str = ""
    """Of the clock whose day the date is."""
    stages: tuple[NightStage, ...] = ()
    settings: dict[str, Any] = {}
    """The options of the job, and the recipe's hyper-parameters."""
    records: int | None = None
    """New ones that were learnt from."""
    metrics: dict[str, dict[str, float | None]] = {}
    """By model (`candidate`, `last_nightly`, `mainline`), then by figure."""
    intervals: dict[str, dict[str, tuple[float, float]]] = {}
    """Of those figures, 95%: the lower and the upper end."""
    data: dict[str, str] = {}
    """SHA-256 by name, of what the model was trained on and judged by."""
    tools: dict[str, str] = {}
    """Version by tool."""
    adapter: str | None = None
    """Where the adapter is, below the root."""
    snapshot: str | None = None
    """Where the night was copied to, without passwords."""
    disk: dict[str, int] = {}
    """Bytes by what they are of when the night was written down, and `free`."""
    reasons: tuple[str, ...] = ()
    """Why it was not published; what went wrong."""
    schema_version: int = NIGHT_SCHEMA_VERSION


class History(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of the nights, the earliest first."""

    nights: tuple[NightRun, ...]
    problems: tuple[str, ...]
    """Files that are no record, each with its reason."""


def write_night(folder: Path, run: NightRun) -> Path:
    """Write or replace the record of a night, `folder`/DATE.json, whole or not at all.

    Raises:
        UserError: It cannot be written.
    """
    path = folder / f"{run.date}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_record(path, run)
    except OSError as e:
        raise UserError(
            f"{path}: cannot write it ({e.strerror}); make room and run the same command"
        ) from e
    return path


def read_history(folder: Path) -> History:
    """The records in `folder`; none where there is no such folder."""
    nights: list[NightRun] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.json")):
        found = _read(path)
        if isinstance(found, NightRun):
            nights.append(found)
        else:
            problems.append(f"{folder / one_line(path.name)}: {found}; left out")
    return History(nights=tuple(nights), problems=tuple(problems))


def quiet_nights(history: History, date: str) -> tuple[int, str]:
    """How many nights in a row up to `date` had no news, and the last one that had, if any."""
    count = 0
    for night in reversed([n for n in history.nights if n.date <= date]):
        if night.reasons[:1] != (NOTHING_NEW,):
            return count, night.date
        count += 1
    return count, ""


def latest(history: History, count: int | None) -> History:
    """The last `count` nights alone; all of them where it is None."""
    nights = history.nights if count is None else history.nights[len(history.nights) - count :]
    return msgspec.structs.replace(history, nights=nights)


def history_table(history: History) -> str:
    """A line a night, within a terminal's width but for the reasons; problems stand below."""
    if not history.nights:
        return "\n".join(["no nights yet", *history.problems])
    rows: list[Sequence[str]] = [("night", "outcome", "records", SHOWN, "before", "minutes")]
    rows += [_row(night) for night in history.nights]
    lines = aligned(rows)
    told = [lines[0]]
    for night, line in zip(history.nights, lines[1:], strict=True):
        told += [line, *(f"    {one_line(reason)}" for reason in night.reasons)]
    return "\n".join([*told, *history.problems])


def history_json(history: History) -> str:
    """The same for programs."""
    return msgspec.json.format(msgspec.json.encode(history), indent=2).decode()


def _read(path: Path) -> NightRun | str:
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return f"no file of at most {MAX_BYTES >> 20} MiB"
        run = msgspec.json.decode(path.read_bytes(), type=NightRun)
    except OSError as e:
        return f"cannot be read ({e.strerror})"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        return f"no record of a night ({one_line(str(e))})"
    return run if path.stem == run.date else f"the record of another night, {quoted(run.date)}"


def _row(night: NightRun) -> Sequence[str]:
    return (
        one_line(night.date, 40),
        night.outcome,
        "-" if night.records is None else str(night.records),
        _figure(night.metrics.get(CANDIDATE)),
        _figure(night.metrics.get("last_nightly")),
        minutes_of(night),
    )


def _figure(figures: dict[str, float | None] | None) -> str:
    value = figures.get(SHOWN) if figures is not None else None
    return "-" if value is None else f"{value:.3f}"


def minutes_of(night: NightRun) -> str:
    """How many minutes its stages took, without what lay between two sittings; `-` where that
    cannot be told."""
    seconds = 0.0
    try:
        for at in night.stages:
            took = _time(at.finished) - _time(at.started)
            seconds += took.total_seconds()
    except (ValueError, TypeError):
        return "-"
    return f"{seconds / 60:.0f}" if night.stages else "-"


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


OUTSTANDING, QUIET = "outstanding", "quiet"
KINDS = {PUBLISHED: "success", ARCHIVED: "warning", OUTSTANDING: "warning", "failed": "failure",
         "stuck": "failure"}
"""What a notice is, as services rank it; `info` where nothing is said."""
TITLES = {
    PUBLISHED: "nightly {date}: published",
    ARCHIVED: "nightly {date}: refused, the model in use stays",
    "skipped": "nightly {date}: nothing trained",
    "failed": "nightly {date}: stopped",
    "stuck": "nightly {date}: still stopped",
    OUTSTANDING: "nightly {date}: copies outstanding",
    QUIET: "nightly {date}: alive, nothing new",
}


def night_run(night: Night, outcome: NightOutcome, reasons: tuple[str, ...]) -> NightRun:
    """The record of the night as it stands."""
    state = night.state
    trained, judged = state.result("train"), state.result("benchmark")
    curated, copied = state.result("curate"), state.result("snapshot")
    data: dict[str, str] = {**trained.get("data", {})}
    data |= {"delta.jsonl": curated["sha256"]} if "sha256" in curated else {}
    data |= {"suite": judged["suite_hash"]} if "suite_hash" in judged else {}
    return NightRun(
        date=state.date,
        outcome=outcome,
        started=state.started,
        zone=state.zone,
        finished=utc_now(),
        stages=tuple(
            NightStage(name=n, started=r.started, finished=r.finished, message=r.message)
            for n in STAGES
            if (r := state.stages.get(n)) is not None
        ),
        settings={**_shown(night), **_recipe(trained)},
        records=trained.get("new", curated.get("records")),
        metrics=judged.get("metrics", {}),
        intervals=judged.get("intervals", {}),
        data=data,
        tools={**judged.get("tools", {}), **trained.get("tools", {})},
        adapter=_adapter(night),
        snapshot=copied.get("url"),
        disk=disk_use(night.paths),
        reasons=reasons,
    )


def reasons_of(night: Night) -> tuple[str, ...]:
    """Why a night ended as it did, where it was not published; what went wrong beside it."""
    state = night.state
    told = list(state.result("gate").get("reasons", []))
    skipped = state.result("train").get("skipped")
    failed = state.result("snapshot").get("failed")
    told += [skipped] if skipped else []
    if state.result("publish").get("outcome") == ARCHIVED:
        records = state.result("curate").get("records", 0)
        told.append(
            f"refused for its model, not for its data: its {records} records count for later "
            f"nights; `rtlbench nightly exclude {state.date}` leaves them out"
        )
    told += [f"{NOT_COPIED}{failed}"] if failed else []
    return (*told, *state.result("purge").get("kept", []))


def notice(night: Night, outcome: str, reasons: tuple[str, ...]) -> tuple[str, str]:
    """Title and text of what people are told."""
    lines = [f"{n}: {r.message}" for n in STAGES if (r := night.state.stages.get(n)) is not None]
    lines.append(disk_line(disk_use(night.paths)))
    return TITLES[outcome].format(date=night.paths.date), "\n".join([*reasons, "", *lines]).strip()


def _adapter(night: Night) -> str | None:
    """Where the adapter is now."""
    place = night.state.result("publish").get("archive")
    return f"{place}/model" if place else night.state.result("train").get("model")


def _shown(night: Night) -> dict[str, Any]:
    """The options that decide what comes of a night; where notices go may hold passwords."""
    return night.settings.of_stages({o.stage for o in OPTIONS.values() if o.stage})


def _recipe(trained: dict[str, Any]) -> dict[str, Any]:
    recipe = trained.get("recipe")
    return {"hyper_parameters": recipe} if recipe else {}
