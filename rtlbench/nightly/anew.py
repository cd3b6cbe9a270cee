"""A night done anew from a stage on, in a folder of its own beside the night as it is.

Guarantee: nothing of the night is touched before that has ended (rtlbench.nightly.settle says what
happens then); no model takes another's name; a night whose raw copies are needed and gone is
refused.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.nightly import benchmark, curate, train
from rtlbench.nightly.night import Night
from rtlbench.nightly.options import STAGES
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.raw import RECORD, RawRecord
from rtlbench.nightly.raw_again import RawAgain, link_tree
from rtlbench.nightly.settle import put_aside
from rtlbench.nightly.state import State, without_from, write_state
from rtlbench.nightly.taken import Taken, TakenFile

IN_PLACE = ("snapshot", "purge")
"""Stages that leave nothing in the night's folder."""


def begin_anew(night: Night, stage: str) -> Night:
    """The night to go on with: as it was before `stage`, in a folder of its own.

    Raises:
        UserError: The night was not so far, or something that the stage needs is gone.
    """
    paths, state = night.paths.own, night.state
    refuse_too_early(state, stage)
    if stage in IN_PLACE:
        night.state = without_from(state, stage)
        write_state(paths, night.state)
        return night
    if paths.anew.state.is_file():
        kept = put_aside(paths.anew)
        night.say(f"what was done anew before, and is not finished, is put aside in {kept}")
    if not paths.state.is_file():
        return night
    attempt = next_attempt(paths, state, stage)
    begun = msgspec.structs.replace(paths, attempt=attempt)
    state = msgspec.structs.replace(without_from(state, stage), attempt=attempt)
    shutil.rmtree(begun.anew.scratch or begun.anew.night, ignore_errors=True)
    try:
        fill(begun, begun.anew, night.state, stage, night.settings.snapshot)
    except (UserError, OSError):
        shutil.rmtree(begun.anew.scratch or begun.anew.night, ignore_errors=True)
        raise
    write_state(begun.anew, state)
    return Night(night.settings, begun.anew, state, night.say)


def refuse_too_early(state: State, stage: str) -> None:
    """Make sure that the night has come as far as `stage`.

    Raises:
        UserError: It has not.
    """
    if stage != STAGES[0] and (at := state.next) is not None and _before(at, stage):
        raise UserError(f"--from {stage}: the night of {state.date} is no further than {at}")


def next_attempt(paths: Paths, state: State, stage: str) -> int:
    """The number of the model that the night has, or will have where it is trained anew.

    Raises:
        UserError: The model is needed, and not in its place.
    """
    model = state.result("train").get("model")
    if _before("train", stage):
        if model and not (paths.root / model).is_dir():
            raise UserError(
                f"--from {stage}: this night's model is not in {model} any more; --from train "
                "trains another one"
            )
        return state.attempt
    attempt = state.attempt + bool(model)
    while msgspec.structs.replace(paths, attempt=attempt).model.exists():
        attempt += 1
    return attempt


def fill(night: Paths, to: Paths, state: State, stage: str, target: str | None) -> None:
    """Have `to` hold what stages before `stage` have made in `night`.

    Raises:
        UserError: Raw copies are needed and gone.
        OSError: Something cannot be read or written.
    """
    to.night.mkdir(parents=True)
    if night.taken.is_file():
        shutil.copy(night.taken, to.taken)
    if _before("curate", stage):
        if night.raw.is_dir():
            link_tree(night.raw, to.raw)
    else:
        _bring_raw(night, to, state, stage, target)
    for path in _made_before(night, stage):
        copy = to.night / path.relative_to(night.night)
        if path.is_dir():
            shutil.copytree(path, copy, symlinks=True)
        elif path.is_file():
            shutil.copy2(path, copy)


def refuse_losses(night: Night) -> None:
    """Make sure that a night that was collected anew has all that it had.

    Raises:
        UserError: It has not; then nothing of it is left, and the night is as it was.
    """
    paths = night.paths
    here, before = TakenFile(paths.taken), TakenFile(paths.own.taken).of(paths.date)
    lost = [t for t in before if not t.refused and here.find(t.run_id, t.event) is None]
    if lost:
        shutil.rmtree(paths.scratch or paths.night, ignore_errors=True)
        raise UserError(_gone(paths, "collect", lost, len(before), "nor in the traces any more"))


def _bring_raw(night: Paths, to: Paths, state: State, stage: str, target: str | None) -> None:
    wanted = _copies(night)
    again = RawAgain(night, to.raw, target)
    is_collected = stage != "collect"
    missing = [t for t in wanted if not again.bring(t, as_it_is=is_collected)]
    if not is_collected:
        file, gone = TakenFile(to.taken), {(t.run_id, t.event) for t in missing}
        kept = (t for t in wanted if (t.run_id, t.event) not in gone)
        file.replace(to.date, kept)
        return
    unknown = int(state.result("collect").get("records", 0)) - len(wanted)
    if missing or unknown > 0:
        count = len(wanted) + max(0, unknown)
        lost = missing or [Taken(run_id="?", event="?", night=night.date)] * unknown
        raise UserError(_gone(night, stage, lost, count, again.trouble or "not in the snapshot"))


def _copies(night: Paths) -> list[Taken]:
    """What the night has taken, by what is remembered of that and by what is there."""
    found = {(t.run_id, t.event): t for t in TakenFile(night.taken).of(night.date)}
    for path in sorted(night.raw.glob(f"*/*/{RECORD}")):
        try:
            record = msgspec.json.decode(path.read_bytes(), type=RawRecord)
        except (OSError, msgspec.DecodeError):
            continue
        key = record.run_id, record.event
        found.setdefault(key, Taken(run_id=key[0], event=key[1], night=night.date))
    return [t for t in found.values() if not t.refused]


def _gone(paths: Paths, stage: str, lost: list[Taken], count: int, why: str) -> str:
    return (
        f"--from {stage}: {len(lost)} of {count} raw copies of the night of {paths.date} are not "
        f"in {paths.own.raw} ({lost[0].run_id}/{lost[0].event[:16]}), {why}; give the --snapshot "
        "that holds them. The night stays as it was"
    )


def _made_before(night: Paths, stage: str) -> list[Path]:
    """What the stages before it have made, raw copies aside."""
    by_stage = {
        "curate": [night.night / curate.PLACE_OF_STAGES, night.night / curate.CANDIDATES,
                   night.delta, night.pairs, night.refused],
        "train": [night.night / train.PLACE],
        "benchmark": [night.night / benchmark.PLACE],
        "gate": [night.gate],
    }  # fmt: skip
    return [p for name, made in by_stage.items() if _before(name, stage) for p in made]


def _before(one: str, other: str) -> bool:
    return STAGES.index(one) < STAGES.index(other)
