"""One night: its stages in order, each done once, and how it ends: published, put aside, skipped,
stopped or as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import msgspec

from rtlbench.errors import HarnessError, UserError
from rtlbench.nightly.anew import (
    begin_anew,
    put_aside,
    refuse_losses,
    take_place,
    takes_its_place,
)
from rtlbench.nightly.benchmark import benchmark, gate
from rtlbench.nightly.collect import collect
from rtlbench.nightly.curate import curate
from rtlbench.nightly.history import (
    KINDS,
    NOT_COPIED,
    NOTHING_NEW,
    QUIET,
    NightOutcome,
    NightRun,
    night_run,
    notice,
    quiet_nights,
    read_history,
    reasons_of,
    write_night,
)
from rtlbench.nightly.night import (
    ARCHIVED,
    Ended,
    Night,
    Settings,
    State,
    read_state,
    refuse_other_options,
    write_state,
)
from rtlbench.nightly.notices import notify
from rtlbench.nightly.options import DONE, OUTSTANDING, REFUSED, STAGES
from rtlbench.nightly.outcome import copy_away, look_after_copies, publish_or_archive, purge_raw
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.plan import NightPart, Say, as_it_was, begins_with, night_as_it_stands, today
from rtlbench.nightly.train import train
from rtlbench.pipeline.state import StageRecord
from rtlbench.runs.results import utc_now

RUNS: dict[str, Callable[[Night], Ended]] = {
    "collect": collect,
    "curate": curate,
    "train": train,
    "benchmark": benchmark,
    "gate": gate,
    "publish": publish_or_archive,
    "snapshot": copy_away,
    "purge": purge_raw,
}
UNFINISHED = "not finished"


class NightEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How a call left a night."""

    date: str
    word: str
    """`published`, `archived`, `skipped`, `nothing new` or `not finished`."""
    code: int = DONE
    """What the job ends with for it."""


def run_night(
    settings: Settings, date: str, part: NightPart, say: Say, learnt_by: str = ""
) -> NightEnd:
    """Do what is left of a night.

    Args:
        learnt_by: A later night that has waited for this one and learns its records too.

    Raises:
        UserError: A stage cannot be done; what is done stays, and people are told.
    """
    night = night_as_it_stands(settings, date, say)
    start = begins_with(night.state, settings, part)
    if start is not None:
        with explained(f"the night of {date} cannot be begun anew"):
            night = begin_anew(as_it_was(night), start)
    elif night.state.outcome is not None:
        night.say(f"this night is finished ({night.state.outcome}); --date begins another, "
                  "--from STAGE does a part anew")
        return _finished_before(night, part.until)
    night.learnt_by = learnt_by if night.state.waits else ""
    try:
        refuse_other_options(night.state, settings)
        return _stages(night, part.until)
    except (UserError, HarnessError) as e:
        stopped(night, (str(e), *_ways(night)))
        if part.until == STAGES[-1]:
            look_after_copies(night)
        raise


def hold(settings: Settings, date: str, part: NightPart, say: Say, why: str) -> None:
    """Do of a night no more than to collect, since it cannot go on or waits for an earlier one;
    what the traces have is safe then.

    Args:
        why: For the history.
    """
    night = night_as_it_stands(settings, date, say)
    is_begun = night.state.outcome is not None or "collect" in night.state.stages
    if not is_begun and part.start is None and night.paths.runs.is_dir():
        night.state = msgspec.structs.replace(night.state, waits=True)
        try:
            _stages(night, "collect")
        except (UserError, HarnessError) as e:
            night.say(str(e))
    if night.state.outcome is None and night.paths.scratch is None:
        with suppress(UserError):
            write_night(night.paths.history, night_run(night, "failed", (why,)))


def _ways(night: Night) -> tuple[str, ...]:
    """What frees a night that is stuck."""
    date = night.paths.date
    if not night.paths.state.is_file():
        return ()
    return (
        f"Until the night of {date} is done, later ones only collect. Mend what is named, and the "
        f"same command goes on; `--date {date} --from STAGE` does it again from an earlier stage; "
        f"moving {night.paths.night} elsewhere gives it up.",
    )


def _finished_before(night: Night, until: str) -> NightEnd:
    """A night with nothing left to do: copies of others may be outstanding all the same."""
    failed = look_after_copies(night) if until == STAGES[-1] else ""
    night.state = read_state(night.paths) or night.state
    ended = _outcome(night, str(night.state.outcome))
    return msgspec.structs.replace(ended, code=ended.code or (OUTSTANDING if failed else DONE))


def _sweep(paths: Paths) -> None:
    """Remove what a kill has left half written beside the files of the night."""
    for folder in (paths.night, paths.model, paths.history, paths.work):
        for part in folder.glob("*.part"):
            if part.is_file() and not part.is_symlink():
                part.unlink()


def _stages(night: Night, until: str) -> NightEnd:
    """Do the stages that are left, then say how the night ended."""
    with explained(f"the night of {night.paths.date} cannot go on"):
        _sweep(night.paths)
    while (stage := night.state.next) is not None:
        if night.paths.scratch is not None and "publish" in night.state.stages:
            if not takes_its_place(night):
                return _stays(night)
            with explained(f"the night of {night.paths.date} cannot take its place"):
                take_place(night)
        if STAGES.index(stage) > STAGES.index(until):
            night.say(f"{stage} is next")
            return _outcome(night, UNFINISHED)
        begun = utc_now()
        ended = _done(night, stage)
        if stage == "collect" and night.paths.scratch is not None:
            refuse_losses(night)
        if stage == "collect" and not (ended.result["records"] or ended.result["refused"]):
            return _nothing(night, until)
        record = StageRecord(started=begun, finished=utc_now(), message=ended.message,
                             result=dict(ended.result))  # fmt: skip
        _write(night, night.state.with_stage(stage, record, night.settings.of_stages([stage])))
        night.say(f"{stage}: {ended.message}")
    return _finish(night)


def _done(night: Night, stage: str) -> Ended:
    """What a stage gave.

    Raises:
        UserError: It cannot be done; says where the night stopped.
    """
    with explained(f"the night of {night.paths.date} stopped in {stage}"):
        return RUNS[stage](night)


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Have whatever goes wrong say where it did.

    Raises:
        UserError: Something did.
    """
    try:
        yield
    except OSError as e:
        place = f"{e.filename}: " if e.filename else ""
        raise UserError(
            f"{where}: {place}{e.strerror or e}; mend that, and the same command goes on there"
        ) from e
    except UserError as e:
        raise UserError(f"{where}: {e}") from e


def _nothing(night: Night, until: str) -> NightEnd:
    """A night without anything new: no folder, no notice, a line in the history; copies that are
    outstanding are made all the same, and told of where they cannot be."""
    night.say("nothing new in the runs: nothing to do")
    if night.paths.scratch is not None:
        with explained(f"the night of {night.paths.date} stays as it was"):
            put_aside(night.paths)
        return _outcome(night, NOTHING_NEW)
    if night.paths.state.is_file():
        _keep(night, outcome="skipped")
    failed = look_after_copies(night) if until == STAGES[-1] else ""
    reasons = (NOTHING_NEW, *((f"{NOT_COPIED}{failed}",) if failed else ()))
    if failed:
        announce(night, "outstanding", reasons[1:])
    _heartbeat(night, night_run(night, "skipped", reasons))
    code = OUTSTANDING if failed else DONE
    return NightEnd(date=night.paths.date, word=NOTHING_NEW, code=code)


def _heartbeat(night: Night, run: NightRun) -> None:
    """Write the record of a night without news; after some of them people are told that the job
    lives, which a dead one could not."""
    every, folder = night.settings.heartbeat, night.paths.history
    is_told = any(n.date == run.date and n.reasons[:1] == (NOTHING_NEW,)
                  for n in read_history(folder).nights)  # fmt: skip
    write_night(folder, run)
    count, last = quiet_nights(read_history(folder), run.date)
    if every and not is_told and count % every == 0:
        since = f", since that of {last}" if last else ""
        announce(night, QUIET, (f"{count} nights without news{since}; the job is alive",))


def _finish(night: Night) -> NightEnd:
    outcome: NightOutcome = night.state.result("publish")["outcome"]
    reasons = reasons_of(night)
    if outcome not in night.state.announced:
        announce(night, outcome, reasons)
    write_night(night.paths.history, night_run(night, outcome, reasons))
    _keep(night, outcome=outcome, announced=(*night.state.announced, outcome))
    night.say(outcome)
    return _outcome(night, outcome)


def _stays(night: Night) -> NightEnd:
    """End of a night that was done anew and is not published, where it was published before."""
    outcome: str = night.state.result("publish")["outcome"]
    why = (*reasons_of(night), "done anew; what was published before stays, with its records")
    if outcome not in night.state.announced:
        announce(night, outcome, why)
        _keep(night, announced=(*night.state.announced, outcome))
    with explained(f"the night of {night.paths.date} stays as it was"):
        kept = put_aside(night.paths)
    night.say(f"{outcome}: the night stays as it was published; what was done anew is in {kept}")
    return NightEnd(date=night.paths.date, word=outcome, code=REFUSED)


def _outcome(night: Night, word: str) -> NightEnd:
    failed = night.state.result("snapshot").get("failed")
    code = REFUSED if word == ARCHIVED else OUTSTANDING if failed else DONE
    return NightEnd(date=night.paths.date, word=word, code=code)


def stopped(night: Night, reasons: tuple[str, ...]) -> None:
    """Tell people, once a day for each cause, and leave a line in the history; neither may hide
    why."""
    day, cause = today(), f" {night.state.next}: {reasons[0]}"
    before = night.state.announced
    if f"{day}{cause}" not in before:
        again = any(told.endswith(cause) for told in before)
        announce(night, "stuck" if again else "failed", reasons)
        told = (*(t for t in before if not t.endswith(cause)), f"{day}{cause}")
        with suppress(OSError, UserError):
            if night.paths.state.is_file():
                _keep(night, announced=told)
    if night.paths.scratch is None:
        with suppress(UserError):
            write_night(night.paths.history, night_run(night, "failed", reasons[:1]))


def announce(night: Night, outcome: str, reasons: tuple[str, ...]) -> None:
    """Tell people; one that cannot be told is a line of the job's output."""
    title, body = notice(night, outcome, reasons)
    for problem in notify(night.settings.notify, title, body, KINDS.get(outcome, "info")):
        night.say(f"not told: {problem}")


def _keep(night: Night, **changes: object) -> None:
    """Write what has changed in the state.

    Raises:
        UserError: As `_write`.
    """
    _write(night, msgspec.structs.replace(night.state, **changes))


def _write(night: Night, state: State) -> None:
    """Have the night be in `state`, on the disk.

    Raises:
        UserError: It cannot be written; the stage counts as not done.
    """
    try:
        write_state(night.paths, state)
    except OSError as e:
        raise UserError(
            f"{night.paths.state}: cannot write it ({e.strerror}); mend that, and the same command "
            "goes on there"
        ) from e
    night.state = state


