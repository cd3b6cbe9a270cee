"""What a run says, with clock times, in a file beside the night's record, and the mark of the last
run that came to its end, for monitors.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import write_record
from rtlbench.runs.results import utc_now

MAX_BYTES = 4 << 20
"""Of a log; what is older goes to NAME.1, whose older part is gone."""
LAST_SUCCESS = "last_success.json"
Say = Callable[[str], None]


class LastSuccess(msgspec.Struct, frozen=True, kw_only=True):
    """last_success.json."""

    finished: str
    """UTC, ISO 8601."""
    nights: Mapping[str, str]
    """How each ended, by date."""
    exit_code: int
    schema_version: int = 1


class _Handler(RotatingFileHandler):
    """A log that cannot be written stops nothing."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        pass


class Log:
    """The file `path`, to which lines are added.

    Args:
        say: Is told what people at the terminal see, too.
    """

    def __init__(self, say: Say, path: Path) -> None:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        handler = _Handler(path, maxBytes=MAX_BYTES, backupCount=1, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
        self._logger = logging.Logger("nightly")
        self._logger.addHandler(handler)
        self._say = say

    def say(self, line: str) -> None:
        """Tell people, and write it down."""
        self._say(line)
        self.write(line)

    def write(self, line: str) -> None:
        """Write it down."""
        self._logger.info("%s", line)


def write_last_success(work: Path, nights: Mapping[str, str], exit_code: int) -> None:
    """Say that a run has come to its end.

    Raises:
        UserError: That cannot be written.
    """
    mark = LastSuccess(finished=utc_now(), nights=nights, exit_code=exit_code)
    try:
        for part in work.glob(f"{LAST_SUCCESS}.*.part"):  # what a kill has left
            part.unlink()
        write_record(work / LAST_SUCCESS, mark)
    except OSError as e:
        raise UserError(f"{work / LAST_SUCCESS}: cannot write it ({e.strerror})") from e
