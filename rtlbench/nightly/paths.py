"""Where everything of a night is, below one root."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from rtlbench.errors import UserError

DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[A-Za-z0-9._-]{0,32})")
ARCHIVE = "archive"
STATE = "state.json"
MODEL = "nightly_"


class Paths(msgspec.Struct, frozen=True, kw_only=True):
    """The places of the night `date`, and of all nights."""

    root: Path
    runs: Path
    date: str
    scratch: Path | None = None
    """Where the night's own folder is instead, for a night that is only looked ahead to."""

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
    def archive(self) -> Path:
        """Where this night goes to when its model is refused."""
        return self.work / ARCHIVE / self.date

    @property
    def models(self) -> Path:
        """The folder of all adapters."""
        return self.root / "models" / "qwen_coder_rtl"

    @property
    def model(self) -> Path:
        """This night's adapter."""
        return self.models / f"{MODEL}{self.date}"

    @property
    def latest(self) -> Path:
        """The link to the adapter that is published."""
        return self.models / "latest_nightly"

    @property
    def history(self) -> Path:
        """Records of all nights."""
        return self.root / "data" / "run_db" / "nightly"

    def of(self, date: str) -> Paths:
        """The same for another night."""
        return msgspec.structs.replace(self, date=date)

    def nights(self) -> list[str]:
        """The dates of all nights that have a folder, the earliest first."""
        if not self.work.is_dir():
            return []
        found = (f.name for f in self.work.iterdir() if f.is_dir() and not f.is_symlink())
        return sorted(name for name in found if DATE.fullmatch(name))


def check_date(date: str) -> str:
    """`date`, where a night can be called so.

    Raises:
        UserError: It cannot.
    """
    if not DATE.fullmatch(date):
        raise UserError(f"--date {date}: give YYYY-MM-DD, and letters or digits behind it at most")
    return date
