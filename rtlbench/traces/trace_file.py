"""trace.jsonl, a line a stage of an answer's way: reading it, whoever wrote it, and writing it, one
process a run at a time. docs/traces.md tells others how to write it; reading leaves alone what it
does not know.

Guarantee: memory does not grow with the file, a line that is no event is told of with its number
and stops nothing, and no line is too long, too deep or too strange for that. An event that `append`
has returned for is on the disk, whole, and so is every file that it names. A last line that a kill
has torn is moved aside into `trace.torn` when the trace is opened again.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from rtlbench.errors import UserError
from rtlbench.io import log
from rtlbench.io.log import bounded_lines
from rtlbench.io.untrusted import from_json, one_line
from rtlbench.records.verdict import Outcome
from rtlbench.runs.results import utc_now
from rtlbench.traces.artefacts import keep, open_plain

TRACE_SCHEMA_VERSION = 1
SPEC, GENERATION, SIMULATION, REFINEMENT = "Spec", "Generation", "Simulation", "Refinement"
CHECK_STAGES: dict[str, str] = {
    "syntax": "Syntax",
    "safety": "Safety",
    "ports": "Ports",
    "lint": "Lint",
    "synthesis": "Synthesis",
    "intent": "Intent",
    "simulation": SIMULATION,
    "formal": "Formal",
}
"""Stage by Check."""
STAGES = (SPEC, GENERATION, *CHECK_STAGES.values(), REFINEMENT)
"""The stages that rtlbench writes, in order; others may write more."""
PASS = Outcome.PASS.value
TRACE = "trace.jsonl"
MAX_LINE = 16 << 20
"""Bytes."""
_BOM = b"\xef\xbb\xbf"
TORN = "trace.torn"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line. Other fields are ignored; a stage of any name is kept."""

    stage: str
    timestamp: str = ""
    """UTC, ISO 8601."""
    run_id: str = ""
    payload: dict[str, Any] = {}
    """`status` (`pass`, `fail`, `timeout`, `error`), and what belongs to the stage."""

    @property
    def status(self) -> str | None:
        """The payload's status; None where there is none."""
        status = self.payload.get("status")
        return status if isinstance(status, str) else None


class BrokenEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is no Event."""

    line: int
    """From 1."""
    reason: str
    sha256: str = ""
    """Of the line, hex; empty where it is a file that breaks off."""
    torn: bool = False
    """True for a last line that breaks off: whoever writes it may not be done."""


class SimulationPayload(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of a `Simulation` event. Paths are relative to the run's folder.

    All but the status may be missing in traces of others.
    """

    status: str
    """`pass`, `fail`, `timeout` or `error`."""
    spec_hash: str | None = None
    """The task: equal for equal words, testbench and reference."""
    spec_path: str | None = None
    """The task as a file (see rtlbench.traces.artefacts)."""
    rtl_file: str | None = None
    """The RTL that was simulated."""
    testbench_file: str | None = None
    """The task's own testbench; None where a reference model judged."""
    simulation_compile_log: str | None = None
    simulation_log: str | None = None
    rtl_sha256: str | None = None
    """SHA-256 of the file's bytes, hex; likewise below."""
    testbench_sha256: str | None = None
    spec_sha256: str | None = None
    turn: int | None = None
    """From 1; with `task` and `sample` it names an answer of the run."""
    sample: int | None = None
    """From 0."""
    task: str | None = None
    """The task's id within the run."""
    self_tested: bool | None = None
    """True where the testbench came with the task from outside: its pass proves no function."""


def simulation_of(event: Event) -> SimulationPayload | str:
    """The payload of a `Simulation` event, or why it is none."""
    if event.stage != SIMULATION:
        return f"a {one_line(event.stage, 40)} event, no {SIMULATION}"
    try:
        return msgspec.convert(event.payload, SimulationPayload)
    except msgspec.ValidationError as e:
        return one_line(f"payload: {e}")


def read_events(path: Path) -> Iterator[Event | BrokenEvent]:
    """Every line of a trace, in order; blank ones are passed over.

    Args:
        path: Plain, or packed by gzip where its name ends in `.gz`.

    Raises:
        UserError: The file cannot be read.
    """
    try:
        with open_plain(path) as file:
            yield from _events(_unpacked(file) if path.suffix == ".gz" else file)
    except OSError as e:
        raise UserError(f"{path}: cannot read the trace ({e.strerror or e})") from e


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=file))


def _events(file: IO[bytes]) -> Iterator[Event | BrokenEvent]:
    number = 0
    try:
        for number, line, is_whole in _lines(file):
            if line.strip():
                yield _event(number, line, is_whole)
    except (EOFError, zlib.error, gzip.BadGzipFile) as e:
        reason = f"the file breaks off here or is damaged ({one_line(str(e), 80)})"
        yield BrokenEvent(line=number + 1, reason=reason, torn=isinstance(e, EOFError))


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Number and bytes of each line, and whether it has its end; of one too long, the beginning."""
    for number, (_, data, is_whole) in enumerate(bounded_lines(file, MAX_LINE), 1):
        yield number, data.removeprefix(_BOM) if number == 1 else data, is_whole


def _event(number: int, line: bytes, is_whole: bool) -> Event | BrokenEvent:
    if len(line) > MAX_LINE:
        reason = f"is longer than {MAX_LINE >> 20} MiB"
        return BrokenEvent(line=number, reason=reason, sha256=_hash(line))
    try:
        return from_json(line, Event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        reason = f"is no event ({one_line(str(e), 120)})"
        return BrokenEvent(line=number, reason=reason, sha256=_hash(line), torn=not is_whole)


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


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

    def new_event(self, stage: str, status: str, **payload: Any) -> Event:
        """An event of now, for `append`; fields of the payload that are None are left out."""
        known = {name: value for name, value in payload.items() if value is not None}
        return Event(
            stage=stage,
            timestamp=utc_now(),
            run_id=self.run_id,
            payload={"status": status, **known},
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
        event = self.new_event(stage, status, **payload)
        self.append([event])
        return event

    def _unwritable(self, error: OSError) -> str:
        return (
            f"{self.folder}: cannot write the run there ({error.strerror or error}); what is "
            "recorded is kept: mend that and run again"
        )
