"""A night done anew from a stage on, in a folder of its own beside the night as it is, and how that
ends: it takes the night's place, or is put aside.

Guarantee: nothing of the night is touched before that has ended; no model takes another's name; a
night whose raw copies are needed and gone is refused. A night that is published gives way only to
one that is published too; what gives way, or does not take the place, is moved to `set_aside/`,
whole, and never removed. A model that is or was published stays where it is. After a kill the next
call goes on.
"""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import sync_folder
from rtlbench.nightly import benchmark, curate, train
from rtlbench.nightly.history import read_history
from rtlbench.nightly.night import PUBLISHED, Night, State, read_state, without_from, write_state
from rtlbench.nightly.options import STAGES
from rtlbench.nightly.paths import ANEW, ARCHIVE, Paths, is_date
from rtlbench.nightly.raw import RAW, RECORD, RawAgain, RawRecord, Taken, TakenFile, link_tree
from rtlbench.nightly.retired import where_retired

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
        _bring_model(paths, night.state, stage)
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
        if model and not (paths.root / model).is_dir() and _archived(paths, state) is None:
            raise UserError(
                f"--from {stage}: this night's model is neither in {model} nor in its archive any "
                f"more{_gone_to(paths, state)}; --from train trains another one"
            )
        _refuse_without_results(paths, state, stage)
        return state.attempt
    attempt = state.attempt + bool(model)
    while msgspec.structs.replace(paths, attempt=attempt).model.exists():
        attempt += 1
    return attempt


def _gone_to(paths: Paths, state: State) -> str:
    """Where the copy of the night's model is, where it was retired."""
    name = Path(str(state.result("train").get("model"))).name
    kept = f"{ARCHIVE}/{Path(str(state.result('publish').get('archive'))).name}"
    where = where_retired(paths, "model", name) or where_retired(paths, "archive", kept)
    return f" ({where})" if where else ""


def _refuse_without_results(paths: Paths, state: State, stage: str) -> None:
    """Make sure that the results are there that the gate goes by.

    Raises:
        UserError: They are not, as where the night that they are in was retired.
    """
    if not _before("benchmark", stage):
        return
    for name, place in state.result("benchmark").get("results", {}).items():
        folder = paths.own.placed(place)
        if folder.is_dir():
            continue
        night = next((p for p in Path(place).parts if is_date(p)), "")
        where = where_retired(paths, "night", night)
        raise UserError(
            f"--from {stage}: the results of {name} are not in {folder}"
            f"{f' ({where})' if where else ''}; bring them back there, or --from benchmark makes "
            "others"
        )


def _archived(paths: Paths, state: State) -> Path | None:
    """The night's model in its archive, where it was refused and put aside."""
    place = state.result("publish").get("archive")
    model = paths.root / place / MODEL if place else None
    return model if model is not None and model.is_dir() else None


def _bring_model(paths: Paths, state: State, stage: str) -> None:
    """Have a model that was refused be in its place again, where it is to be judged again; the
    archive keeps it too."""
    archived = _archived(paths, state)
    if archived is None or not _before("train", stage):
        return
    model = paths.root / str(state.result("train")["model"])
    if model.is_dir():
        return
    part = model.with_name(f"{model.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    link_tree(archived, part)
    part.rename(model)
    sync_folder(model.parent)


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
    paths.all_set_aside.mkdir(parents=True, exist_ok=True)
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
    for folder in own.all_set_aside.glob(f"{own.date}*"):
        for path in folder.glob(f"{RAW}/*/*/*"):
            mine = own.night / path.relative_to(folder)
            if not path.is_symlink() and mine.is_file() and mine.samefile(path):
                path.unlink()


def _remove_scratch(paths: Paths) -> None:
    if paths.scratch is not None:
        shutil.rmtree(paths.scratch)


def _is_published(state: State) -> bool:
    return PUBLISHED in (state.outcome, state.result("publish").get("outcome"))
