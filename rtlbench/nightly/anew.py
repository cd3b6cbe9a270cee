"""A part of a night done anew: what that stage and those after it have made is removed first."""

from __future__ import annotations

import shutil
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.nightly import benchmark, curate, train
from rtlbench.nightly.night import Night
from rtlbench.nightly.options import STAGES
from rtlbench.nightly.publish import published
from rtlbench.nightly.state import without_from, write_state
from rtlbench.nightly.taken import TakenFile


def begin_anew(night: Night, stage: str) -> None:
    """Bring the night to where it was before `stage`.

    Raises:
        UserError: The night was not so far, or its model is published.
    """
    paths, state = night.paths, night.state
    if stage != STAGES[0] and (at := state.next) is not None and _before(at, stage):
        raise UserError(f"--from {stage}: the night of {paths.date} is no further than {at}")
    if not _before("train", stage) and published(paths.latest) == paths.model:
        raise UserError(
            f"--from {stage}: {paths.latest} leads to this night's model; begin another night by "
            "--date, or have the link lead elsewhere first"
        )
    night.state = without_from(state, stage)
    if paths.state.is_file():
        write_state(paths, night.state)
    for path in _made(night, stage):
        _remove(path)
    if stage == "collect":
        TakenFile(paths.taken).forget(paths.date)


def _made(night: Night, stage: str) -> list[Path]:
    """What the stage and those after it have made."""
    paths = night.paths
    by_stage = {
        "collect": [paths.raw],
        "curate": [paths.night / curate.PLACE_OF_STAGES, paths.night / curate.CANDIDATES,
                   paths.delta, paths.pairs, paths.refused],
        "train": [paths.night / train.PLACE, paths.model],
        "benchmark": [paths.night / benchmark.PLACE],
        "gate": [paths.gate],
    }  # fmt: skip
    return [p for name, made in by_stage.items() if not _before(name, stage) for p in made]


def _before(one: str, other: str) -> bool:
    return STAGES.index(one) < STAGES.index(other)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
