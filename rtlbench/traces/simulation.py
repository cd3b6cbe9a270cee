"""What a `Simulation` event says: which answer to which task, and how it was simulated."""

from __future__ import annotations

import msgspec

from rtlbench.io.untrusted import one_line
from rtlbench.traces.event import SIMULATION, Event


class SimulationPayload(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of a `Simulation` event. Paths are relative to the run's folder.

    All but the status may be missing in traces of others.
    """

    status: str
    """`pass`, `fail`, `timeout` or `error`."""
    spec_hash: str | None = None
    """The task: equal for equal words, testbench and reference."""
    spec_path: str | None = None
    """The task as a file (see rtlbench.traces.task_file)."""
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
    """True where the bench came with the task from outside: its pass proves no function."""


def simulation_of(event: Event) -> SimulationPayload | str:
    """The payload of a `Simulation` event, or why it is none."""
    if event.stage != SIMULATION:
        return f"a {one_line(event.stage, 40)} event, no {SIMULATION}"
    try:
        return msgspec.convert(event.payload, SimulationPayload)
    except msgspec.ValidationError as e:
        return one_line(f"payload: {e}")
