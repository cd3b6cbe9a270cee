"""What a night is asked for: one typed record, checked where it is made."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

import rtlbench
from rtlbench.errors import UserError
from rtlbench.nightly.options import OPTIONS, flag
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.target import check_target
from rtlbench.suites.category import CATEGORIES


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The options by name; rtlbench.nightly.options says what each means."""

    root: str
    runs: str
    max_records: int
    min_delta_score: float
    max_warnings: int
    evidence: Literal["reference", "testbench"]
    against: tuple[str, ...]
    min_delta: int
    gold: tuple[str, ...]
    delta_weight: float
    recipe: str
    base: str | None
    epochs: float
    set: tuple[str, ...]
    mainline: str | None
    suite: str
    categories: tuple[str, ...]
    samples: int
    bench_option: tuple[str, ...]
    policy: str
    notify: tuple[str, ...]
    snapshot: str | None
    keep_days: int
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
    """A file that the root has, or else the checkout that rtlbench runs from.

    Raises:
        UserError: Neither has it.
    """
    places = (root / name, _checkout() / name)
    found = next((p for p in places if p.is_file()), None)
    if found is None:
        raise UserError(f"{places[0]}: there is no such file; give --root or the file's full path")
    return found.resolve()


def project_model(root: Path, name: str) -> str:
    """A model's folder that only the checkout has, by its full path; any other name as it is."""
    ours = _checkout() / name
    return str(ours) if ours.is_dir() and not (root / name).is_dir() else name


def _checkout() -> Path:
    return Path(rtlbench.__file__).parent.parent
