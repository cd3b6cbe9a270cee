"""The end of a night that was done anew: it takes the night's place, or is put aside.

Guarantee: a night that is published gives way only to one that is published too; what gives way,
or does not take the place, is moved to `set_aside/`, whole, and never removed. A model that is or
was published stays where it is. After a kill the next call goes on.
"""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import msgspec

from rtlbench.io.atomic import sync_folder
from rtlbench.nightly.archive import RAW
from rtlbench.nightly.deltas import PUBLISHED
from rtlbench.nightly.history import read_history
from rtlbench.nightly.night import Night
from rtlbench.nightly.paths import ANEW, Paths
from rtlbench.nightly.state import State, read_state
from rtlbench.nightly.taken import TakenFile

MODEL = "model"


def was_published(paths: Paths) -> bool:
    """Whether the night's model is, or was, published: by a link, by the night, by the history."""
    model = paths.model
    if any(f.is_symlink() and f.resolve() == model.resolve() for f in paths.models.glob("*")):
        return True
    state = read_state(paths.own)
    if state is not None and _is_published(state) and state.attempt == paths.attempt:
        return True
    named = str(model.relative_to(paths.root))
    nights = read_history(paths.history).nights
    return any(n.outcome == PUBLISHED and n.adapter == named for n in nights)


def takes_its_place(night: Night) -> bool:
    """Whether the night that was done anew takes the place of the one before."""
    before = read_state(night.paths.own)
    now = night.state.result("publish").get("outcome")
    return now == PUBLISHED or before is None or not _is_published(before)


def take_place(night: Night) -> None:
    """Have the night that was done anew be the night.

    Raises:
        OSError: It cannot be; the next call goes on.
    """
    paths, own = night.paths, night.paths.own
    TakenFile(own.taken).replace(own.date, TakenFile(paths.taken).of(own.date))
    if own.night.exists():
        model = _model_given_up(own)
        aside = put_aside(own)
        if model is not None:
            model.rename(aside / MODEL)
    paths.night.rename(own.night)
    sync_folder(own.work)
    _remove_scratch(paths)
    _drop_doubles(own)
    night.paths = own


def put_aside(paths: Paths) -> Path:
    """Move a night's folder to `set_aside/`; where it is then.

    Raises:
        OSError: It cannot be moved.
    """
    paths.set_aside.parent.mkdir(parents=True, exist_ok=True)
    numbers = itertools.count(2)
    place = paths.set_aside
    while place.exists():
        place = paths.set_aside.with_name(f"{paths.date}.{next(numbers)}")
    if paths.scratch is not None:
        paths.taken.unlink(missing_ok=True)  # what it has taken is to be taken by others
    paths.night.rename(place)
    sync_folder(place.parent)
    if paths.scratch is not None:
        _remove_scratch(paths)
    return place


def go_on_after_kill(paths: Paths) -> None:
    """Remove what was not begun, and end what was cut short while it took its place.

    Raises:
        OSError: That cannot be done.
    """
    for folder in (paths.work / ANEW).glob("*"):
        again = paths.of(folder.name).own.anew
        state = read_state(again) if again.state.is_file() else None
        if state is None:
            shutil.rmtree(folder)
        elif "publish" in state.stages and not again.own.night.exists():
            again.night.rename(again.own.night)
            _remove_scratch(again)


def _model_given_up(own: Paths) -> Path | None:
    """The model of the night as it is, where that was never published and is another one."""
    state = read_state(own)
    before = own if state is None else msgspec.structs.replace(own, attempt=state.attempt)
    if before.attempt == own.attempt or not before.model.is_dir() or was_published(before):
        return None
    return before.model


def _drop_doubles(own: Paths) -> None:
    """Of raw copies that what gave way shares with the night, leave the night's alone."""
    for folder in own.set_aside.parent.glob(f"{own.date}*"):
        for path in folder.glob(f"{RAW}/*/*/*"):
            mine = own.night / path.relative_to(folder)
            if not path.is_symlink() and mine.is_file() and mine.samefile(path):
                path.unlink()


def _remove_scratch(paths: Paths) -> None:
    if paths.scratch is not None:
        shutil.rmtree(paths.scratch)


def _is_published(state: State) -> bool:
    return PUBLISHED in (state.outcome, state.result("publish").get("outcome"))
