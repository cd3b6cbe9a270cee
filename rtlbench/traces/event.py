"""A line of `trace.jsonl`: one stage of one answer's way. docs/traces.md tells others how to write
it; reading leaves alone what it does not know.
"""

from __future__ import annotations

from typing import Any

import msgspec

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
