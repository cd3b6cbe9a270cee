"""Retention: which nights, models and archives are beyond the limits, by count, age and bytes, and
which of them must stay all the same.

What must stay: the model in use and those published before it, with their nights, what any link
leads to, the mainline model, and what a night that is not finished needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from rtlbench.errors import UserError
from rtlbench.nightly.copies import Folder, folders, held_in
from rtlbench.nightly.decisions import published_models
from rtlbench.nightly.disk import bytes_of, size_text
from rtlbench.nightly.night import Settings, read_state
from rtlbench.nightly.options import flag
from rtlbench.nightly.paths import STATE, Paths
from rtlbench.nightly.publish import SUMMARY, published
from rtlbench.nightly.purge import day_of
from rtlbench.nightly.retired import PART, Kind

STAYS: Mapping[Kind, tuple[str, ...]] = {
    "night": (STATE, "delta.jsonl", "pairs.jsonl", "refused.jsonl", "gate.json"),
    "model": (),
    "archive": (SUMMARY,),
}
"""What stays of each kind."""
OPTION_OF: Mapping[Kind, str] = {
    "night": "keep_nights", "model": "keep_models", "archive": "keep_archives",
}  # fmt: skip
LAST_GOOD = 2
"""Models published before the one in use that always stay."""
_LIMIT = re.compile(r"(\d+(?:\.\d+)?)\s*(d|[kMGT]?B)?", re.I)
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}


class Limit(NamedTuple):
    """What may stay: so many of the newest, days of age, or bytes of the newest."""

    amount: float
    unit: str
    """Empty for a count, `d` for days, `B` for bytes."""
    rule: str
    """As it was given."""


def read_limit(option: str, text: str) -> Limit:
    """The Limit that an option gives.

    Raises:
        UserError: It is none.
    """
    found = _LIMIT.fullmatch(text.strip())
    unit = (found[2] or "").lower() if found is not None else ""
    if found is None or (not unit and "." in found[1]):
        raise UserError(
            f"{flag(option)} {text}: give a count, an age or a size, such as 30, 90d or 20GB"
        )
    rule = f"{flag(option)} {text.strip()}"
    if unit in _UNITS:
        return Limit(float(found[1]) * _UNITS[unit], "B", rule)
    return Limit(float(found[1]), unit, rule)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something that may go."""

    kind: Kind
    folder: Folder
    parts: tuple[Path, ...]
    """What of it goes: files and folders."""
    bytes: int
    must_stay: str
    """Why it stays whatever the limits say; empty where it need not."""

    @property
    def told(self) -> str:
        """For people."""
        return f"{self.kind} {self.folder.name} ({size_text(self.bytes)})"


class Due(NamedTuple):
    """An Item that is beyond a limit."""

    item: Item
    rule: str


def beyond(paths: Paths, settings: Settings, ahead: int = 0) -> list[Due]:
    """What is beyond the limits, the newest first of each kind, whether it may go or must stay.

    Args:
        ahead: Nights that will be there, newer than all that are.

    Raises:
        UserError: The state of a night cannot be read.
    """
    found: list[Due] = []
    for kind, option in OPTION_OF.items():
        limits = [read_limit(option, text) for text in getattr(settings, option)]
        total = 0
        for rank, item in enumerate(_items(paths, settings, kind) if limits else ()):
            total += item.bytes
            count = rank + 1 + (ahead if kind == "night" else 0)
            if rule := _broken(limits, _age(paths, item), count, total):
                found.append(Due(item, rule))
    return found


def _broken(limits: Iterable[Limit], age: int, count: int, total: int) -> str:
    """The first limit that an item of `age` days is beyond; `count` and `total` bytes are those of
    it and all newer ones."""
    measures = {"": count, "d": age, "B": total}
    return next((limit.rule for limit in limits if measures[limit.unit] > limit.amount), "")


def _age(paths: Paths, item: Item) -> int:
    tonight, day = day_of(paths.date), day_of(item.folder.date)
    return (tonight - day).days if tonight is not None and day is not None else 0


def _items(paths: Paths, settings: Settings, kind: Kind) -> Iterator[Item]:
    """Everything of a kind, the newest first."""
    staying = _Staying(paths, settings)
    found = [f for f in folders(paths) if _kind(paths, f) == kind]
    for folder in sorted(found, key=lambda f: (f.date, f.name), reverse=True):
        parts = tuple(_parts(kind, folder.path))
        if parts:
            seen: set[tuple[int, int]] = set()
            size = sum(bytes_of(p, seen) if p.is_dir() else p.lstat().st_size for p in parts)
            yield Item(kind=kind, folder=folder, parts=parts, bytes=size,
                       must_stay=staying.why(kind, folder))  # fmt: skip


def _kind(paths: Paths, folder: Folder) -> Kind:
    if folder.path.parent == paths.archives:
        return "archive"
    return "model" if folder.path.parent == paths.models else "night"


def _parts(kind: Kind, folder: Path) -> Iterator[Path]:
    if kind == "model":
        yield folder
        return
    for path in sorted(folder.iterdir()):
        if path.name not in STAYS[kind] and not path.name.endswith(PART):
            yield path


class _Staying:
    """What must stay, whatever the limits say."""

    def __init__(self, paths: Paths, settings: Settings) -> None:
        self._paths = paths
        self._models: dict[Path, str] = {}
        self._nights = dict.fromkeys(paths.done_anew(), "is being done again")
        self._trouble = ""
        self._look_at_nights()
        self._look_at_models(settings)

    def why(self, kind: Kind, folder: Folder) -> str:
        """Why; empty where it need not."""
        if kind == "archive":
            return self._nights.get(folder.date, "") if folder.date in self._nights else ""
        if self._trouble:
            return self._trouble
        own = self._models.get(folder.path.resolve(), "")
        return own if kind == "model" else self._nights.get(folder.date, "")

    def _look_at_nights(self) -> None:
        for date in self._paths.nights():
            state = read_state(self._paths.of(date))
            if state is None or state.outcome is not None:
                continue
            self._nights[date] = "is not finished"
            for name in state.result("benchmark").get("results", {}).values():
                judged = next((p for p in Path(name).parts if p in self._paths.nights()), date)
                self._nights.setdefault(judged, f"the night of {date} goes by its results")

    def _look_at_models(self, settings: Settings) -> None:
        paths = self._paths
        by_night = published_models(paths)
        try:
            live = published(paths.latest)
        except UserError as e:
            self._trouble = str(e)
            return
        for link in paths.models.glob("*"):
            if link.is_symlink():
                self._models.setdefault(link.resolve(), f"{link.name} leads to it")
        if settings.mainline:
            self._models.setdefault((paths.root / settings.mainline).resolve(), "is the mainline")
        own = (d for d, model in by_night.items() if live is not None and model == live)
        now = next(own, max(by_night, default=""))
        before = [d for d in by_night if d < now or live is None]
        for date in before[-LAST_GOOD:]:
            self._models.setdefault(by_night[date].resolve(), "was in use before the one that is")
        for date, model in by_night.items():
            if why := self._models.get(model.resolve()):
                self._nights.setdefault(date, f"its model stays: {why}")


def plan_retention(paths: Paths, settings: Settings, ahead: int = 0) -> list[str]:
    """What would go, and why what is beyond a limit stays; no place is asked.

    Raises:
        UserError: The state of a night, or the ledger of copies, cannot be read.
    """
    target = settings.snapshot
    given = {kind: getattr(settings, option) for kind, option in OPTION_OF.items()}
    due = beyond(paths, settings, ahead)
    lines = [_planned(paths, each, target) for each in due]
    for kind, limits in given.items():
        name = flag(OPTION_OF[kind])
        if not limits:
            lines.append(f"{name} is not given: every {kind} stays")
            continue
        beyond_it = sum(d.item.kind == kind for d in due)
        within = sum(1 for _ in _items(paths, settings, kind)) - beyond_it
        lines.append(f"{within} within {name} {' '.join(limits)}: stay")
    return lines


def _planned(paths: Paths, due: Due, target: str | None) -> str:
    what = f"{due.item.told}, beyond {due.rule}"
    if due.item.must_stay:
        return f"keep {what}: {due.item.must_stay}"
    if target is None or not held_in(paths, target, due.item.folder):
        return f"keep {what}: has no copy yet"
    return f"retire {what}, once its copy is read back"
