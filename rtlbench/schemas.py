"""JSON schemas of what rtlbench reads and writes, made from the records themselves.

`python -m rtlbench.schemas docs/schemas` writes them; each says its id and version, and
a change of a record that a reader would notice raises the version.
"""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.dataset.combine import MANIFEST_SCHEMA_VERSION, Manifest
from rtlbench.dataset.filter.repair import REPAIR_SCHEMA_VERSION, RepairRecord
from rtlbench.dataset.filter.report import (
    FILTER_SCHEMA_VERSION,
    SWEEP_SCHEMA_VERSION,
    FilterReport,
    Sweep,
)
from rtlbench.dataset.filter.written import Provenance
from rtlbench.dataset.reviews import DECISION_SCHEMA_VERSION, Decision
from rtlbench.gate.matrix import COMPARISON_SCHEMA_VERSION, Comparison
from rtlbench.gate.rules import GATE_SCHEMA_VERSION, GateReport
from rtlbench.generate.answer import ANSWER_SCHEMA_VERSION, Answer
from rtlbench.generate.recorded import CandidateLine
from rtlbench.nightly.history import NIGHT_SCHEMA_VERSION, NightRun
from rtlbench.nightly.snapshot import SNAPSHOT_SCHEMA_VERSION, SnapshotManifest
from rtlbench.records.example import Record
from rtlbench.records.verdict import SCHEMA_VERSION, Verdict
from rtlbench.refine.report import REFINE_SCHEMA_VERSION, RefineReport
from rtlbench.runs.results import RUN_SCHEMA_VERSION, Run
from rtlbench.traces.artefacts import TaskFile
from rtlbench.traces.trace_file import TRACE_SCHEMA_VERSION, Event, SimulationPayload
from rtlbench.training.record import TRAINING_SCHEMA_VERSION, TrainingRun

DIALECT = "https://json-schema.org/draft/2020-12/schema"
CANDIDATE_SCHEMA_VERSION = 1
RECORD_SCHEMA_VERSION = 1
DOCUMENTS: dict[str, tuple[type[msgspec.Struct], int]] = {
    "verdict": (Verdict, SCHEMA_VERSION),
    "run": (Run, RUN_SCHEMA_VERSION),
    "candidate": (CandidateLine, CANDIDATE_SCHEMA_VERSION),
    "answer": (Answer, ANSWER_SCHEMA_VERSION),
    "record": (Record, RECORD_SCHEMA_VERSION),
    "provenance": (Provenance, RECORD_SCHEMA_VERSION),
    "filter": (FilterReport, FILTER_SCHEMA_VERSION),
    "repair": (RepairRecord, REPAIR_SCHEMA_VERSION),
    "sweep": (Sweep, SWEEP_SCHEMA_VERSION),
    "manifest": (Manifest, MANIFEST_SCHEMA_VERSION),
    "decision": (Decision, DECISION_SCHEMA_VERSION),
    "gate": (GateReport, GATE_SCHEMA_VERSION),
    "comparison": (Comparison, COMPARISON_SCHEMA_VERSION),
    "training": (TrainingRun, TRAINING_SCHEMA_VERSION),
    "trace": (Event, TRACE_SCHEMA_VERSION),
    "simulation": (SimulationPayload, TRACE_SCHEMA_VERSION),
    "task": (TaskFile, TRACE_SCHEMA_VERSION),
    "refine": (RefineReport, REFINE_SCHEMA_VERSION),
    "night": (NightRun, NIGHT_SCHEMA_VERSION),
    "snapshot": (SnapshotManifest, SNAPSHOT_SCHEMA_VERSION),
}
"""A line of samples.jsonl, run.json, a line of a candidates file, a line of what a model generated,
a line of training data and what the filter adds to it (`metadata.rtlbench`), filter.json, a line of
what was refused and may be mended, sweep.json, the manifest of a combined set, a reviewer's
decision, what `gate` and `compare` print, run.json of a fine-tuned model, a line of trace.jsonl,
its payload of stage `Simulation`, the task's file that it names, refine.json, the record of a
night, and the manifest of a snapshot, with versions."""


def schema(name: str) -> dict[str, Any]:
    """The schema of the document `name`."""
    record, version = DOCUMENTS[name]
    return {
        "$schema": DIALECT,
        "$id": f"rtlbench:{name}.v{version}",
        "version": version,
        **_settled(msgspec.json.schema(record)),
    }


def _settled(node: Any, key: str = "") -> Any:
    """`node` as JSON has it, the same by every msgspec: the values of each enum in order, which it
    keeps in a set, and descriptions without the margin of our files, which some leave in."""
    if isinstance(node, list | tuple):
        return sorted(node) if key == "enum" else [_settled(n) for n in node]
    if isinstance(node, dict):
        return {k: _settled(v, k) for k, v in node.items()}
    return inspect.cleandoc(node) if key == "description" and isinstance(node, str) else node


def file_name(name: str) -> str:
    """The name of the file that holds the schema of `name`."""
    return f"{name}.v{DOCUMENTS[name][1]}.json"


def schema_text(name: str) -> str:
    """The file's text."""
    return json.dumps(schema(name), indent=2, sort_keys=True) + "\n"


def write_schemas(folder: Path) -> None:
    """Write every schema into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in DOCUMENTS:
        (folder / file_name(name)).write_text(schema_text(name))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m rtlbench.schemas FOLDER")
    write_schemas(Path(sys.argv[1]))
