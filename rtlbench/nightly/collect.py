"""Collect: copies of what the runs' traces say has passed simulation.

A trace's word decides only what is looked at; the Verifier decides what is kept. Nothing outside
of a run's folder is read, whatever a trace names, and nothing is taken twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rtlbench.errors import UserError
from rtlbench.io.untrusted import one_line
from rtlbench.nightly.night import Ended, Night, write_state
from rtlbench.nightly.raw import (
    COMPILE_LOG,
    REJECTED,
    RTL,
    SIMULATION_LOG,
    SPEC,
    TESTBENCH,
    RawRecord,
    Taken,
    TakenFile,
    event_hash,
    keep_raw,
    sweep,
)
from rtlbench.traces.artefacts import ArtefactError, MissingError, read_artefact
from rtlbench.traces.trace_file import (
    PASS,
    SIMULATION,
    TRACE,
    BrokenEvent,
    Event,
    SimulationPayload,
    read_events,
    simulation_of,
)

FAILED = ("fail", "timeout")


class Attempts:
    """The latest answer that failed, by task and sample of one run."""

    def __init__(self) -> None:
        self._failed: dict[tuple[str, Any], dict[str, Any]] = {}

    def note(self, event: Event) -> None:
        """Remember the event, if it says that an answer failed."""
        payload = event.payload
        if event.status in FAILED and isinstance(payload.get("rtl_file"), str):
            self._failed[self._key(payload)] = payload

    def before(self, event: Event) -> dict[str, Any] | None:
        """What was said of the answer that failed before this one."""
        return self._failed.get(self._key(event.payload))

    @staticmethod
    def _key(payload: dict[str, Any]) -> tuple[str, str]:
        return str(payload.get("spec_hash")), str(payload.get("sample"))


class Collector:
    """Takes events, one at a time, until a night has enough."""

    def __init__(self, night: Night) -> None:
        self._night = night
        self._taken = TakenFile(night.paths.taken)
        self._count = sum(not t.refused for t in self.tonight)
        self.is_full = False
        sweep(night.paths.raw)

    @property
    def tonight(self) -> list[Taken]:
        """What the night has taken and refused."""
        return [t for t in self._all_tonight if not t.is_broken]

    @property
    def broken(self) -> int:
        """Lines that are no events, and were not told of before."""
        return sum(t.is_broken for t in self._all_tonight)

    @property
    def _all_tonight(self) -> list[Taken]:
        return self._taken.of(self._night.paths.date)

    def all(self) -> None:
        """Go through all runs.

        Raises:
            UserError: A trace cannot be read.
        """
        for run in run_folders(self._night.paths.runs):
            if not self._run(run):
                self.is_full = True
                return

    def _run(self, run: Path) -> bool:
        """Go through one run; False where the night has enough."""
        attempts = Attempts()
        for event in run_events(run):
            if isinstance(event, BrokenEvent):
                self._note_broken(run, event)
                continue
            attempts.note(event)
            if event.stage == SIMULATION and event.status == PASS and not self._take(
                run, event, attempts
            ):
                return False
        return True

    def _take(self, run: Path, event: Event, attempts: Attempts) -> bool:
        digest = event_hash(event)
        known = self._taken.find(run.name, digest)
        if known is not None and not known.is_missing:
            return True
        if self._count >= self._night.settings.max_records:
            return False
        refused, is_missing = "", False
        try:
            self._copy(run, event, digest, attempts.before(event))
        except ArtefactError as e:
            refused, is_missing = one_line(str(e)), isinstance(e, MissingError)
            if known is not None and is_missing:
                return True  # as it was: told before, and looked at again
        self._begin()
        self._count += not refused
        self._add(run, digest, refused, is_missing=is_missing)
        return True

    def _note_broken(self, run: Path, event: BrokenEvent) -> None:
        """Count a line that is no event, the first time that it is seen."""
        name = event.sha256 or hashlib.sha256(event.reason.encode()).hexdigest()
        if not event.torn and self._taken.find(run.name, name) is None:
            self._add(run, name, event.reason, is_broken=True)

    def _add(self, run: Path, event: str, refused: str, **what: bool) -> None:
        date = self._night.paths.date
        line = Taken(run_id=run.name, event=event, night=date, refused=refused, **what)
        self._taken.add(line)

    def _begin(self) -> None:
        """Have the night begin: what it takes from now on is its own, whatever the date."""
        if not self._night.paths.state.is_file():
            write_state(self._night.paths, self._night.state)

    def _copy(
        self, run: Path, event: Event, digest: str, failed: dict[str, Any] | None
    ) -> None:
        said = simulation_of(event)
        if isinstance(said, str):
            raise ArtefactError(said)
        files = _files(run, said)
        if failed is not None:
            files |= _rejected(run, failed, files[RTL])
        record = RawRecord(
            run_id=run.name,
            event=digest,
            timestamp=event.timestamp,
            spec_hash=said.spec_hash or "",
            files={},
            sample=said.sample,
            turn=said.turn,
        )
        self._begin()
        keep_raw(self._night.paths.raw, record, files)


def run_folders(runs: Path) -> Iterator[Path]:
    """The folders of all runs, by name; a link to a folder is none.

    Raises:
        UserError: The folder cannot be read.
    """
    try:
        found = sorted(runs.iterdir()) if runs.is_dir() else []
        yield from (f for f in found if f.is_dir() and not f.is_symlink())
    except OSError as e:
        raise UserError(f"{runs}: cannot be read ({e.strerror}); see --runs") from e


def _files(run: Path, said: SimulationPayload) -> dict[str, bytes]:
    """What is copied of a passing answer, by name."""
    named = (
        (RTL, "rtl_file", said.rtl_file, said.rtl_sha256),
        (SPEC, "spec_path", said.spec_path, said.spec_sha256),
        (TESTBENCH, "testbench_file", said.testbench_file, said.testbench_sha256),
        (COMPILE_LOG, "simulation_compile_log", said.simulation_compile_log, None),
        (SIMULATION_LOG, "simulation_log", said.simulation_log, None),
    )
    files: dict[str, bytes] = {}
    for name, word, path, sha256 in named:
        if path:
            files[name] = read_artefact(run, path, sha256)
        elif name in (RTL, SPEC):
            raise ArtefactError(f"the event names no {word}")
    return files


def _rejected(run: Path, failed: dict[str, Any], rtl: bytes) -> dict[str, bytes]:
    """The answer that failed before, where it can be had; without it there is no pair."""
    sha256 = failed.get("rtl_sha256")
    try:
        data = read_artefact(run, failed["rtl_file"], sha256 if isinstance(sha256, str) else None)
    except ArtefactError:
        return {}
    return {} if data == rtl else {REJECTED: data}


def collect(night: Night) -> Ended:
    """Copy what is new into the night's folder.

    Raises:
        UserError: A trace cannot be read.
        OSError: The night's folder cannot be written.
    """
    collector = Collector(night)
    collector.all()
    tonight = collector.tonight
    taken = [t for t in tonight if not t.refused]
    result = {
        "records": len(taken),
        "runs": len({t.run_id for t in taken}),
        "refused": len(tonight) - len(taken),
        "broken_lines": collector.broken,
    }
    more = "; --max-records is reached, the rest waits for the next night"
    lines = f", {collector.broken} broken lines in traces" if collector.broken else ""
    message = (
        f"{result['records']} new passing answers of {result['runs']} runs, "
        f"{result['refused']} refused{lines}{more if collector.is_full else ''}"
    )
    return Ended(message=message, result=result)


def refusals(night: Night) -> list[dict[str, str]]:
    """What collecting has refused, as lines of refused.jsonl."""
    tonight = TakenFile(night.paths.taken).of(night.paths.date)
    return [
        {"run_id": t.run_id, "event": t.event, "stage": "collect", "reason": t.refused}
        for t in tonight
        if t.refused and not t.is_broken
    ]


_ROTATED = re.compile(rf"{re.escape(TRACE)}\.(\d{{1,6}})(?:\.gz)?")


def run_events(run: Path) -> Iterator[Event | BrokenEvent]:
    """Every event of a run, in order.

    Raises:
        UserError: A file cannot be read.
    """
    for path in trace_files(run):
        yield from read_events(path)


def trace_files(run: Path) -> list[Path]:
    """`trace.jsonl` and before it `trace.jsonl.1`, `trace.jsonl.2.gz`, ..., the highest first."""
    rotated = [(int(m[1]), f) for f in run.iterdir() if (m := _ROTATED.fullmatch(f.name))]
    files = [f for _, f in sorted(rotated, key=lambda pair: -pair[0])]
    newest = run / TRACE
    return [*files, newest] if newest.is_file() and not newest.is_symlink() else files
