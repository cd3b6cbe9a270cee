"""Writing traces: append-only, one process a run at a time.

Guarantee: an event that `append` has returned for is on the disk, whole, and so is every file that
it names. A last line that a kill has torn is moved aside into `trace.torn` when the trace is
opened again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rtlbench.errors import UserError
from rtlbench.io import log
from rtlbench.runs.results import utc_now
from rtlbench.traces.artefacts import keep
from rtlbench.traces.event import Event
from rtlbench.traces.reading import TRACE

TORN = "trace.torn"


class TraceWriter:
    """The trace of one run, in the run's folder, which is made.

    Raises:
        UserError: It cannot be written there.
    """

    def __init__(self, folder: Path, run_id: str | None = None) -> None:
        self.folder = folder
        self.path = folder / TRACE
        self.run_id = folder.name if run_id is None else run_id
        try:
            folder.mkdir(parents=True, exist_ok=True)
            log.set_torn_line_aside(self.path, self.path.with_name(TORN))
        except OSError as e:
            raise UserError(self._unwritable(e)) from e

    def artefact(self, kind: str, suffix: str, data: str | bytes) -> str:
        """Keep a file for an event to name; its path relative to the run's folder.

        Args:
            kind: The folder below the run's, such as `rtl`.
            suffix: With its dot.

        Raises:
            UserError: It cannot be written.
        """
        raw = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
        try:
            return keep(self.folder, kind, suffix, raw)
        except OSError as e:
            raise UserError(self._unwritable(e)) from e

    def made(self, stage: str, status: str, **payload: Any) -> Event:
        """An event of now, for `append`; fields of the payload that are None are left out."""
        said = {name: value for name, value in payload.items() if value is not None}
        return Event(
            stage=stage,
            timestamp=utc_now(),
            run_id=self.run_id,
            payload={"status": status, **said},
        )

    def append(self, events: Sequence[Event]) -> None:
        """Add events in one piece.

        Raises:
            UserError: They cannot be written; then none of them is.
        """
        try:
            log.append(self.path, events)
        except OSError as e:
            raise UserError(self._unwritable(e)) from e

    def event(self, stage: str, status: str, **payload: Any) -> Event:
        """Make an event and add it.

        Raises:
            UserError: As `append`.
        """
        event = self.made(stage, status, **payload)
        self.append([event])
        return event

    def _unwritable(self, error: OSError) -> str:
        return (
            f"{self.folder}: cannot write the run there ({error.strerror or error}); what is "
            "recorded is kept: mend that and run again"
        )
