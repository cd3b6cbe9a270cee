"""One night, as its stages see it: settings, state on the disk, and what a stage gives back."""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.shipped import here_or_shipped, shipped
from rtlbench.nightly.options import OPTIONS, STAGES, flag
from rtlbench.nightly.paths import Paths, check_date
from rtlbench.nightly.store import check_target
from rtlbench.pipeline import state as pipeline
from rtlbench.pipeline.stages import OUT, Stage, run_stages
from rtlbench.pipeline.state import PipelineState
from rtlbench.records.tier import Tier
from rtlbench.suites.category import CATEGORIES


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The options by name; OPTIONS says what each means."""

    root: str
    runs: str
    max_records: int
    min_delta_score: float
    max_warnings: int
    accept: Tier
    against: tuple[str, ...]
    min_delta: int
    gold: tuple[str, ...]
    delta_weight: float
    recipe: str
    base: str | None
    epochs: float
    set: tuple[str, ...]
    preferences: bool
    mainline: str | None
    suite: str
    categories: tuple[str, ...]
    samples: int
    bench_option: tuple[str, ...]
    policy: str
    notify: tuple[str, ...]
    heartbeat: int
    ping: tuple[str, ...]
    snapshot: str | None
    keep_days: int
    keep_nights: tuple[str, ...]
    keep_models: tuple[str, ...]
    keep_archives: tuple[str, ...]
    workers: int

    @property
    def processes(self) -> str:
        """How many judge, as commands take it."""
        return str(self.workers or os.cpu_count() or 1)

    @property
    def folder(self) -> Path:
        """The root, in full: commands of a night may run elsewhere."""
        return Path(self.root).resolve()

    def of_stages(self, stages: Iterable[str]) -> dict[str, Any]:
        """The options that decide the outcome of some stages, as JSON has them."""
        wanted = set(stages)
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return {name: plain[name] for name, o in OPTIONS.items() if o.stage in wanted}


def make_settings(given: Mapping[str, Any]) -> Settings:
    """The Settings that `given` options make, with defaults for those that are None or not there.

    Raises:
        UserError: A value makes no sense.
    """
    values = {
        name: option.default if given.get(name) is None else given[name]
        for name, option in OPTIONS.items()
    }
    try:
        settings = msgspec.convert(values, Settings)
    except msgspec.ValidationError as e:
        raise UserError(f"{_blamed(str(e))}; see `rtlbench nightly --help`") from e
    _check(settings)
    return _with_target(settings)


def _blamed(error: str) -> str:
    what, _, where = error.partition(" - at `$.")
    return f"{flag(where.rstrip('`').partition('[')[0])}: {what}" if where else what


def _check(settings: Settings) -> None:
    for name, option in OPTIONS.items():
        value = getattr(settings, name)
        if isinstance(value, int | float) and not _fits(value, option.least, option.most):
            most = f" to {option.most:g}" if option.most is not None else " or more"
            raise UserError(f"{flag(name)} {value:g}: give a number of {option.least or 0:g}{most}")
    if settings.epochs == 0.0:
        raise UserError("--epochs 0: give a number above 0")
    if unknown := [c for c in settings.categories if c not in CATEGORIES]:
        raise UserError(f"--categories {unknown[0]}: there are {', '.join(CATEGORIES)}")


def _with_target(settings: Settings) -> Settings:
    """The same with the address of copies as everything here uses it."""
    if settings.snapshot is None:
        return settings
    root = settings.folder
    paths = Paths(root=root, runs=root / settings.runs, date="")
    return msgspec.structs.replace(settings, snapshot=check_target(settings.snapshot, paths))


def _fits(value: float, least: float | None, most: float | None) -> bool:
    above = least is None or value >= least
    return math.isfinite(value) and above and (most is None or value <= most)


def project_file(root: Path, name: str) -> Path:
    """A file that the root has, or else what ships with rtlbench.

    Raises:
        UserError: Neither has it.
    """
    place = root / name
    found = place if place.is_file() else here_or_shipped(Path(name))
    if not found.is_file():
        raise UserError(f"{place}: there is no such file; give --root or the file's full path")
    return found.resolve()


def project_model(root: Path, name: str) -> str:
    """A model's folder that ships and the root has not, by its full path; any other name as it
    is."""
    if (root / name).is_dir():
        return name
    try:
        return str(shipped(*Path(name).parts))
    except UserError:
        return name


STATE_SCHEMA_VERSION = 1


class State(PipelineState, frozen=True, kw_only=True):
    """state.json."""

    date: str
    zone: str = ""
    """Of the clock whose day the date is."""
    outcome: str | None = None
    """`published`, `archived` or `skipped`; None while the night is not finished."""
    announced: tuple[str, ...] = ()
    """Notices that were sent."""
    attempt: int = 1
    """How many times the night has trained a model."""
    waits: bool = False
    """Whether it has only collected, since an earlier night was stuck."""
    schema_version: int = STATE_SCHEMA_VERSION

    @property
    def next(self) -> str | None:
        """The stage that is next; None where all are done."""
        return self.next_of(STAGES)


def read_state(paths: Paths) -> State | None:
    """The state of a night; None where it has not begun.

    Raises:
        UserError: It cannot be read.
    """
    return pipeline.read_state(paths.state, State)


def write_state(paths: Paths, state: State) -> None:
    """Replace state.json in one step."""
    pipeline.write_state(paths.state, state)


def refuse_other_options(state: State, settings: Settings) -> None:
    """Make sure that what is done was done as it is asked for now.

    Raises:
        UserError: It was not; says which options differ.
    """
    if stage := first_of_other_options(state, settings):
        now = settings.of_stages(state.stages)
        way = f"--restart does the night again, from {stage} on, with the new ones"
        pipeline.refuse_other_options(state, now, f"the night of {state.date}", flag, way)


def first_of_other_options(state: State, settings: Settings) -> str | None:
    """The first stage that is done and would be done otherwise now; None where none would."""
    then, now = state.settings, settings.of_stages(state.stages)
    stages = {OPTIONS[n].stage for n in now if n in then and then[n] != now[n]}
    return min(stages, key=STAGES.index, default=None)


def without_from(state: State, stage: str) -> State:
    """The state as it was before `stage` was done."""
    return msgspec.structs.replace(state.before(stage, STAGES), outcome=None, announced=())


SOURCE = "continuous_retrain"
"""`metadata.source` of the nights' records."""
PUBLISHED, ARCHIVED, SKIPPED = "published", "archived", "skipped"
"""How a night ends."""


def paths_of(settings: Settings, date: str) -> Paths:
    """Where everything of the night `date` is."""
    root = settings.folder
    return Paths(root=root, runs=root / settings.runs, date=check_date(date))


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage gave."""

    message: str
    """For people, one line."""
    result: Mapping[str, Any] = {}
    """For later stages and the record of the night."""


@dataclass
class Night:
    """What the stages of one night share."""

    settings: Settings
    paths: Paths
    state: State
    say: Callable[[str], None] = field(default=print)
    learnt_by: str = ""
    """The later night that has waited for this one and learns its records too; empty for none."""

    @property
    def for_real(self) -> Night:
        """The same with its own folder, where it is only looked ahead to."""
        paths = msgspec.structs.replace(self.paths, scratch=None)
        return Night(self.settings, paths, self.state, self.say)

    def shown(self, stage: Stage, place: str) -> str:
        """A command that would be run in a folder of the night, as a shell takes it."""
        folder = str(self.paths.night / place / stage.name)
        return shlex.join(word.replace(OUT, folder) for word in stage.argv)

    def run(self, stages: list[Stage], place: str) -> Path:
        """Run commands in a folder of the night, which is given; those done before are not.

        Raises:
            UserError: One failed.
        """
        work = self.paths.night / place
        run_stages(stages, work, 1, self.say)
        return work
