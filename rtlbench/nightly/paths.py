"""Where everything of a night is, below one root."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import msgspec

from rtlbench.errors import UserError

DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[A-Za-z0-9._-]{0,32})")
ARCHIVE = "archive"
ANEW = "anew"
SET_ASIDE = "set_aside"
STATE = "state.json"
MODEL = "nightly_"
DAY = 10
"""Characters of a day in a night's name."""


class Paths(msgspec.Struct, frozen=True, kw_only=True):
    """The places of the night `date`, and of all nights."""

    root: Path
    runs: Path
    date: str
    scratch: Path | None = None
    """Where the night's own folder is instead, for a night that is only looked ahead to, or done
    anew."""
    attempt: int = 1
    """How many times the night has trained a model, this one included: none takes another's
    name."""

    @property
    def work(self) -> Path:
        """The folder of all nights."""
        return self.root / "work" / "continuous_retrain"

    @property
    def night(self) -> Path:
        """The folder of this night."""
        return (self.scratch or self.work) / self.date

    @property
    def raw(self) -> Path:
        """What was copied from runs: `<run_id>/<event>/`."""
        return self.night / "raw"

    @property
    def state(self) -> Path:
        """Which stages are done."""
        return self.night / STATE

    @property
    def refused(self) -> Path:
        """What was not taken or kept, a line each, with the reason."""
        return self.night / "refused.jsonl"

    @property
    def delta(self) -> Path:
        """The night's records."""
        return self.night / "delta.jsonl"

    @property
    def pairs(self) -> Path:
        """Failed answers and the ones that mended them."""
        return self.night / "pairs.jsonl"

    @property
    def gate(self) -> Path:
        """What the gate said."""
        return self.night / "gate.json"

    @property
    def taken(self) -> Path:
        """What all nights have taken."""
        return (self.scratch or self.work) / "taken.jsonl"

    @property
    def lock(self) -> Path:
        """Held by the job that is at work."""
        return self.work / "lock"

    @property
    def archives(self) -> Path:
        """The folder of all refused nights."""
        return self.work / ARCHIVE

    @property
    def archive(self) -> Path:
        """Where this night goes to when its model is refused."""
        return self.archives / self.date

    @property
    def models(self) -> Path:
        """The folder of all adapters."""
        return self.root / "models" / "qwen_coder_rtl"

    @property
    def model(self) -> Path:
        """This night's adapter."""
        again = f".{self.attempt}" if self.attempt > 1 else ""
        return self.models / f"{MODEL}{self.date}{again}"

    @property
    def latest(self) -> Path:
        """The link to the adapter that is published."""
        return self.models / "latest_nightly"

    @property
    def history(self) -> Path:
        """Records of all nights."""
        return self.root / "data" / "run_db" / "nightly"

    def of(self, date: str) -> Paths:
        """The same for another night, or for this one."""
        if date == self.date:
            return self
        return msgspec.structs.replace(self, date=date, scratch=None, attempt=1)

    @property
    def anew(self) -> Paths:
        """Where this night is while it is done anew."""
        return msgspec.structs.replace(self, scratch=self.work / ANEW / self.date)

    @property
    def own(self) -> Paths:
        """Where this night is once it is done."""
        return msgspec.structs.replace(self, scratch=None)

    @property
    def all_set_aside(self) -> Path:
        """The folder of all nights that gave way."""
        return self.work / SET_ASIDE

    @property
    def set_aside(self) -> Path:
        """What this night was before it was done anew, or what of that did not take its place; a
        number goes behind it where there is some already."""
        return self.all_set_aside / self.date

    def named(self, path: Path) -> str:
        """A place below the root, as it is called once the night is done."""
        if self.scratch is not None and path.is_relative_to(self.night):
            path = self.own.night / path.relative_to(self.night)
        return str(path.relative_to(self.root))

    def placed(self, name: str) -> Path:
        """Where that is now."""
        path = self.root / name
        if self.scratch is not None and path.is_relative_to(self.own.night):
            return self.night / path.relative_to(self.own.night)
        return path

    def done_anew(self) -> list[str]:
        """The dates of nights that are being done anew, the earliest first."""
        found = (self.of(f.name).anew for f in (self.work / ANEW).glob("*") if f.is_dir())
        return sorted(paths.date for paths in found if paths.state.is_file())

    def nights(self) -> list[str]:
        """The dates of all nights that have a folder, the earliest first."""
        if not self.work.is_dir():
            return []
        found = (f.name for f in self.work.iterdir() if f.is_dir() and not f.is_symlink())
        return sorted(name for name in found if is_date(name))

    def newest(self) -> str:
        """The date of the newest night that has a folder or a record; empty where there is none."""
        records = (f.stem for f in self.history.glob("*.json"))
        return max([*self.nights(), *(name for name in records if is_date(name))], default="")


def night_of_model(name: str) -> str:
    """The day of the night whose model a folder is called after; empty where it is of none."""
    day = name.removeprefix(MODEL)[:DAY]
    return day if name.startswith(MODEL) and is_date(day) else ""


def check_date(text: str) -> str:
    """`text`, where a night can be called so.

    Raises:
        UserError: It cannot.
    """
    if not DATE.fullmatch(text):
        raise UserError(f"--date {text}: give YYYY-MM-DD, and letters or digits behind it at most")
    if not is_date(text):
        raise UserError(f"--date {text}: there is no such day")
    return text


def is_date(name: str) -> bool:
    """Whether a night can be called so: a day that exists, and letters or digits behind it."""
    try:
        return DATE.fullmatch(name) is not None and bool(datetime.date.fromisoformat(name[:DAY]))
    except ValueError:
        return False
