"""A line of `trace.jsonl`: one stage of one answer's way. docs/traces.md tells others how to write
it; reading leaves alone what it does not know.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rtlbench.io.untrusted import one_line
from rtlbench.records.verdict import Outcome

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
