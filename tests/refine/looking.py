"""What the tests of a refinement look at in a run's folder."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from rtlbench.traces.artefacts import read_artefact
from rtlbench.traces.trace_file import Event, read_events


def report_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "refine.json").read_text())
    return found


def events_of(folder: Path) -> list[Event]:
    found = list(read_events(folder / "trace.jsonl"))
    assert all(isinstance(e, Event) for e in found)
    return [e for e in found if isinstance(e, Event)]


def files_of(folder: Path) -> dict[str, bytes]:
    """All that a run holds, times aside."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and not p.name.startswith(".") and p.name != "refine.json"
    }


def assert_whole(run: Path) -> None:
    """Two chains of two turns, each event once, each file whole."""
    report = report_of(run)
    assert [t["answers"]["outcomes"] for t in report["turns"]] == [
        {"pass": 0, "fail": 2, "timeout": 0, "error": 0},
        {"pass": 2, "fail": 0, "timeout": 0, "error": 0},
    ]
    seen = Counter(
        (e.stage, e.payload["task"], e.payload.get("turn")) for e in events_of(run)
    )
    assert set(seen.values()) == {1}
    assert len(seen) == 2 + 2 * 2 * 9
    for event in events_of(run):
        for field in ("rtl", "spec"):
            name = event.payload.get("spec_path" if field == "spec" else "rtl_file")
            if name is not None:
                read_artefact(run, name, event.payload[f"{field}_sha256"])
