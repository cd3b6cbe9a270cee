"""What is due, and a look ahead: what a night would do, with nothing written.

Collecting and curating are done in a scratch folder that is removed: only so is it known what the
Verifier would keep. The rest is told: the very commands, and what they depend on.
"""

from __future__ import annotations

import datetime
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from platformdirs import user_cache_dir

from rtlbench.dataset.filter.cache import default_cache
from rtlbench.dataset.filter.written import PLACE
from rtlbench.dataset.reading import read_records
from rtlbench.errors import UserError
from rtlbench.nightly.anew import fill, next_attempt, refuse_too_early
from rtlbench.nightly.benchmark import plan_benchmark, plan_gate
from rtlbench.nightly.candidates import Refusal
from rtlbench.nightly.checks import check_options
from rtlbench.nightly.collect import collect, refusals
from rtlbench.nightly.curate import curate
from rtlbench.nightly.night import (
    Ended,
    Night,
    Settings,
    State,
    first_of_other_options,
    paths_of,
    read_state,
    refuse_other_options,
    without_from,
)
from rtlbench.nightly.options import STAGES
from rtlbench.nightly.outcome import plan_copy, plan_publish, plan_purge
from rtlbench.nightly.paths import Paths, check_date
from rtlbench.nightly.raw import raw_records
from rtlbench.nightly.retention import plan_retention
from rtlbench.nightly.train import gather, plan_train, too_few
from rtlbench.pipeline.state import StageRecord
from rtlbench.records.example import Placed
from rtlbench.runs.results import utc_now

PLANS: dict[str, Callable[[Night], list[str]]] = {
    "benchmark": plan_benchmark,
    "gate": plan_gate,
    "publish": plan_publish,
}
LAST: dict[str, Callable[[Night], list[str]]] = {"snapshot": plan_copy, "purge": plan_purge}
Say = Callable[[str], None]


def today() -> str:
    """The date by this machine's clock, in its zone."""
    return datetime.datetime.now().astimezone().date().isoformat()


def zone() -> str:
    """The zone of this machine's clock, such as `CET (UTC+0100)`."""
    return datetime.datetime.now().astimezone().strftime("%Z (UTC%z)")


def refuse_older(settings: Settings, date: str, part: NightPart) -> None:
    """Make sure that no night is begun that is older than one that there was.

    Raises:
        UserError: `date` is such a night: most likely a clock is wrong, and the model of fewer
            records would take the place of a later one.
    """
    paths = paths_of(settings, date)
    newest = paths.newest()
    if date < newest and not part.allow_older and date not in paths.nights():
        raise UserError(
            f"the night of {date} is older than the newest one, {newest}, and there is none of "
            "that date to go on with; is the machine's clock right? --allow-older begins it"
        )


def due(settings: Settings, date: str | None) -> list[str]:
    """The nights that a call is about: unfinished ones first, unless one is named.

    Raises:
        UserError: The state of a night cannot be read.
    """
    if date is not None:
        return [check_date(date)]
    paths = paths_of(settings, today())
    states = [read_state(paths.of(d)) for d in paths.nights()]
    left = {s.date for s in states if s is not None and s.outcome is None}
    return [*sorted((left | {*paths.done_anew()}) - {paths.date}), paths.date]


class NightPart(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a night is done."""

    start: str | None = None
    """The stage from which it is done anew; None goes on where it was."""
    restart: bool = False
    """Whether what was done with other options than now is done again."""
    allow_older: bool = False
    """Whether a night may be begun that is older than the newest one."""
    until: str = STAGES[-1]
    """The last stage that is done now."""


def begins_with(state: State, settings: Settings, part: NightPart) -> str | None:
    """The stage from which a night is done anew; None where it goes on."""
    if part.start is not None or not part.restart or state.outcome is not None:
        return part.start
    return first_of_other_options(state, settings)


def night_as_it_stands(settings: Settings, date: str, say: Say) -> Night:
    """The night, or where that is being done anew, what of it is done.

    Raises:
        UserError: Its state cannot be read.
    """
    paths = paths_of(settings, date)
    here = paths.anew if paths.anew.state.is_file() else paths
    state = read_state(here) or State(date=date, started=utc_now(), settings={}, zone=zone())
    here = msgspec.structs.replace(here, attempt=state.attempt)
    return Night(settings, here, state, lambda line: say(f"{date}: {line}"))


def as_it_was(night: Night) -> Night:
    """The night itself, whatever of it is being done anew.

    Raises:
        UserError: Its state cannot be read.
    """
    if night.paths.scratch is None:
        return night
    state = read_state(night.paths.own) or night.state
    paths = msgspec.structs.replace(night.paths.own, attempt=state.attempt)
    return Night(night.settings, paths, state, night.say)


def plan_nights(settings: Settings, date: str | None, part: NightPart, say: Say) -> None:
    """Say what `run_nights` would do.

    Raises:
        UserError: It could not be done, or another job changes what is looked at.
    """
    nights = due(settings, date)
    refuse_older(settings, nights[-1], part)
    check_options(settings, nights[-1], part.until)
    for one in nights:
        asked = part if one == nights[-1] else NightPart(restart=part.restart)
        try:
            with (
                tempfile.TemporaryDirectory(prefix="rtlbench-nightly-") as folder,
                _nothing_kept(Path(folder)),
            ):
                _plan_night(settings, one, asked, Path(folder) / "work", say)
        except OSError as e:  # shutil's errors are some, too
            raise UserError(
                f"the night of {one}: cannot look ahead ({e}); is a job at work? Try again then"
            ) from e


@contextmanager
def _nothing_kept(scratch: Path) -> Iterator[None]:
    """Have the commands that are run keep nothing: no verdicts, no suites, no compiled modules.

    What is kept of suites already is copied, since it is dear to make; verdicts are made anew.
    """
    kept = Path(user_cache_dir("rtlbench"))
    for folder in (kept.iterdir() if kept.is_dir() else ()):
        if folder.is_dir() and folder != default_cache():
            shutil.copytree(folder, scratch / "cache" / "rtlbench" / folder.name)
    ours = {"XDG_CACHE_HOME": str(scratch / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _plan_night(settings: Settings, date: str, part: NightPart, scratch: Path, say: Say) -> None:
    night = night_as_it_stands(settings, date, lambda _: None)
    start = begins_with(night.state, settings, part)
    if start is not None:
        night = as_it_was(night)
        refuse_too_early(night.state, start)
    elif night.state.outcome is not None:
        say(f"{date}: this night is finished ({night.state.outcome}): nothing would be done")
        _tell_of_retention(night, say)
        return
    night = _in_copy(night, start, scratch)
    refuse_other_options(night.state, settings)
    say(f"{date}: this is what would be done; nothing is written")
    _told(night, part.until, say)


def _in_copy(night: Night, start: str | None, scratch: Path) -> Night:
    """The night in a folder of its own, with what is done of it, and of all nights what is taken.

    Raises:
        UserError: It cannot be done anew.
    """
    real, state, target = night.paths, night.state, night.settings.snapshot
    attempt = next_attempt(real, state, start) if start is not None else state.attempt
    paths = msgspec.structs.replace(real, scratch=scratch, attempt=attempt)
    done = without_from(state, start) if start is not None else state
    done = msgspec.structs.replace(done, attempt=attempt)
    stage = start or state.next or STAGES[-1]
    if start is None and stage in STAGES[:2]:
        _copy_begun(real, paths)
    else:
        fill(real, paths, state, stage, target)
    return Night(night.settings, paths, done, lambda _: None)


def _copy_begun(real: Paths, scratch: Paths) -> None:
    """What a night that collects has taken already."""
    scratch.night.mkdir(parents=True)
    if real.taken.is_file():
        shutil.copy(real.taken, scratch.taken)
    if real.raw.is_dir():
        shutil.copytree(real.raw, scratch.raw)


def _told(night: Night, until: str, say: Say) -> None:
    for stage in STAGES[: STAGES.index(until) + 1]:
        done = night.state.stages.get(stage)
        if done is not None:
            say(f"{stage}: done ({done.message})")
            continue
        lines = _stage(night, stage)
        say(f"{stage}: {lines[0]}")
        for line in lines[1:]:
            say(f"  {line}")
        if stage == "collect" and not _is_something(night):
            say("nothing new in the runs: nothing would be done")
            _tell_of_retention(night, say)
            return


def _tell_of_retention(night: Night, say: Say) -> None:
    """A run without news copies and retires all the same."""
    given = (night.settings.keep_nights, night.settings.keep_models, night.settings.keep_archives)
    if any(given):
        for line in plan_retention(night.paths.own, night.settings):
            say(f"  {line}")


def _stage(night: Night, stage: str) -> list[str]:
    if stage == "collect":
        return [_in_scratch(night, stage, collect), *_collected(night)]
    if stage == "curate":
        return [_in_scratch(night, stage, curate), *_curated(night)]
    if stage == "train":
        return plan_train(night)
    if stage in LAST:
        return LAST[stage](night.for_real)
    has_model = "train" in night.state.stages or not too_few(night, gather(night.paths))
    return PLANS[stage](night.for_real) if has_model else ["no model tonight"]


def _in_scratch(night: Night, stage: str, run: Callable[[Night], Ended]) -> str:
    ended = run(night)
    record = StageRecord(started="", finished="", message=ended.message, result=dict(ended.result))
    stages = {**night.state.stages, stage: record}
    night.state = msgspec.structs.replace(night.state, stages=stages)
    return ended.message


def _is_something(night: Night) -> bool:
    found = night.state.result("collect")
    return bool(found["records"] or found["refused"])


def _collected(night: Night) -> Iterator[str]:
    for folder, record in raw_records(night.paths.raw):
        yield f"take {folder.relative_to(night.paths.raw)}: task {record.spec_hash[:16]}"
    for line in refusals(night):
        yield f"refuse {line['run_id']}/{line['event'][:16]}: {line['reason']}"


def _curated(night: Night) -> Iterator[str]:
    for found in read_records(str(night.paths.delta)):
        if isinstance(found, Placed):
            about = found.record.metadata
            what = f"{about['category']}, score {about[PLACE]['score']:.3f}"
            formal = f", formal {about['formal']}" if about["formal"] else ""
            yield f"keep {about['run_id']}: task {about['spec_hash'][:16]}, {what}{formal}"
    for raw in night.paths.refused.read_bytes().splitlines():
        line = msgspec.json.decode(raw, type=Refusal)
        if line.stage == "curate":
            yield f"refuse {line.run_id}/{line.event[:16]}: {line.reason}"
