"""The job: what is due, night after night, under a lock.

Guarantee: after a kill the same command goes on with the stage that it was in, under the date that
the night began with, and ends as if nothing had happened; whatever fails, `latest_nightly` leads
to a model that the gate has let through, and what the traces have is collected.
"""

from __future__ import annotations

from itertools import pairwise

from rtlbench.errors import HarnessError, UserError
from rtlbench.io.atomic import take
from rtlbench.nightly.anew import go_on_after_kill
from rtlbench.nightly.checks import check_options
from rtlbench.nightly.log import Log, write_last_success
from rtlbench.nightly.night import Settings, paths_of, read_state
from rtlbench.nightly.notices import notify
from rtlbench.nightly.options import DONE, STAGES
from rtlbench.nightly.outcome import look_after_copies
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.plan import NightPart, Say, due, night_as_it_stands, refuse_older, today
from rtlbench.nightly.stages import NightEnd, announce, explained, hold, run_night, stopped


def run_nights(settings: Settings, date: str | None, part: NightPart, say: Say) -> int:
    """Do what is due, and give what the job ends with.

    Raises:
        UserError: Another job is at work, or a stage cannot be done; what is done stays.
    """
    paths = paths_of(settings, date or today())
    with take(
        paths.lock,
        f"{paths.work}: another `rtlbench nightly` is at work there; let it finish",
        lambda e: f"{paths.work}: cannot write there ({e.strerror}); see --root",
    ):
        log = Log(say, paths.history / f"{paths.date}.log")
        try:
            outcomes = _do_what_is_due(settings, date, part, log.say)
        except (UserError, HarnessError) as e:
            log.write(f"stopped: {e}")
            raise
        code = min((o.code for o in outcomes if o.code), default=DONE)
        if part.until == STAGES[-1]:
            _has_ended(settings, paths, outcomes, code, log.say)
        return code


def _do_what_is_due(
    settings: Settings, date: str | None, part: NightPart, say: Say
) -> list[NightEnd]:
    with explained("what a kill has left cannot be mended"):
        go_on_after_kill(paths_of(settings, date or today()))
    nights = due(settings, date)
    _refuse_older(settings, nights[-1], part, say)
    _check(settings, nights[-1], part, say)
    return _run(settings, nights, part, say)


def _has_ended(
    settings: Settings, paths: Paths, outcomes: list[NightEnd], code: int, say: Say
) -> None:
    """Let monitors know that the job lives: a dead one, or one that stopped, does not get here."""
    words = {o.date: o.word for o in outcomes}
    write_last_success(paths.work, words, code)
    told = ", ".join(f"{date} {word}" for date, word in words.items())
    for problem in notify(settings.ping, f"nightly: {told}", f"exit code {code}"):
        say(f"not told: {problem}")


def _refuse_older(settings: Settings, date: str, part: NightPart, say: Say) -> None:
    try:
        refuse_older(settings, date, part)
    except UserError as e:
        announce(night_as_it_stands(settings, date, say), "failed", (str(e),))
        raise


def _check(settings: Settings, date: str, part: NightPart, say: Say) -> None:
    """Make sure that all stages can be begun; where one cannot, people are told, and the night
    only collects.

    Raises:
        UserError: One cannot.
    """
    try:
        check_options(settings, date, part.until, part.start)
    except UserError as e:
        night = night_as_it_stands(settings, date, say)
        if night.state.outcome is None and part.start is None:
            hold(settings, date, part, say, str(e))
            night = night_as_it_stands(settings, date, say)
            stopped(night, (str(e), "All nights only collect until that is mended."))
        if part.until == STAGES[-1]:
            look_after_copies(night)
        raise


def _run(settings: Settings, nights: list[str], part: NightPart, say: Say) -> list[NightEnd]:
    outcomes = []
    learnt_by = _learnt_by(settings, nights)
    for one in nights:
        is_last = one == nights[-1]
        if not is_last:
            say(f"{one}: this night was not finished; that is done first")
        asked = part if is_last else NightPart(restart=part.restart)
        try:
            outcomes.append(run_night(settings, one, asked, say, learnt_by.get(one, "")))
        except (UserError, HarnessError) as e:
            if not is_last:
                hold(settings, nights[-1], part, say, f"waits for the night of {one}: {e}")
            raise
    return outcomes


def _learnt_by(settings: Settings, nights: list[str]) -> dict[str, str]:
    """Of nights that have waited for the same one, the next, which learns their records too: so
    many nights are caught up by one training."""
    paths = paths_of(settings, nights[-1])
    states = {date: read_state(paths.of(date)) for date in nights}
    waiting = [date for date, state in states.items() if state is not None and state.waits]
    return dict(pairwise(waiting))
