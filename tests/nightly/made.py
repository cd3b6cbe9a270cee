"""Runs made up for tests: tasks of the families' training part, answers to them, their traces."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from rtlbench.nightly.night import Night, State, make_settings, paths_of
from rtlbench.records.spec import Spec
from rtlbench.suites.families import Member, family_folders, read_family
from rtlbench.suites.rendering import family_specs
from rtlbench.traces.artefacts import TaskFile
from rtlbench.traces.trace_file import SIMULATION, TraceWriter

ROOT = Path(__file__).parents[2]
UPDOWN = {
    "family": "updown", "phrasing": "datasheet", "names": {"clk": "clock"},
    "top": "updown_counter_h91", "difficulty": "easy",
    "params": {"width": 5, "reset": "sync", "reset_value": 1, "wrap_flag": False,
               "edge": "negedge", "enable_active": "high"},
}  # fmt: skip
ENABLED = {
    "family": "updown", "phrasing": "sentence", "names": {"en": "enable", "q": "data_out"},
    "top": "updown_counter_a99", "difficulty": "easy",
    "params": {"width": 6, "reset": "async", "reset_active": "low", "enable": True,
               "reset_value": 0, "wrap_flag": False, "edge": "negedge", "enable_active": "high"},
}  # fmt: skip
SHIFT = {
    "family": "serial_shift", "phrasing": "sentence",
    "names": {"clk": "clk_i", "rst": "rst_i"}, "top": "shift_reg_e57", "difficulty": "easy",
    "params": {"width": 7, "direction": "right", "step": 1, "parallel": False,
               "load_needs_enable": False, "outputs": "parallel", "reset": "sync",
               "reset_value": 0, "edge": "posedge"},
}  # fmt: skip
NOON = "2026-03-01T12:00:00+00:00"


class Task:
    """A task of the training part: as a trace names it, with a right and a wrong answer."""

    def __init__(self, member: Mapping[str, Any]) -> None:
        spec = spec_of(json.dumps(member))
        self.file = TaskFile(
            instruction=spec.prompt, category=spec.category, member=dict(member)
        )
        self.right = spec.golden
        self.wrong = _broken(spec.golden)


@lru_cache(maxsize=8)
def spec_of(member: str) -> Spec:
    """The Spec of a drawn member, given as JSON."""
    said = json.loads(member)
    name = said.pop("family")
    folder = next(f for f in family_folders() if f.name == name)
    return family_specs(folder, read_family(folder), [Member(id="drawn", **said)])[0]


def _broken(rtl: str) -> str:
    """An answer that compiles, uses all ports, and does something else."""
    return rtl.replace("+ 1'b1", "+ 2'd2") if "+ 1'b1" in rtl else rtl.replace("{si,", "{~si,")


class Runs:
    """data/runs below a root."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "data" / "runs"

    def answer(
        self, run_id: str, task: Task, rtl: str | None = None, *, status: str = "pass",
        log: str = "", at: str = NOON, **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Add a Simulation event for one answer, the right one if none is given; its payload."""
        writer = TraceWriter(self.folder / run_id)
        text = task.right if rtl is None else rtl
        payload = {
            "status": status,
            "spec_hash": task.file.digest(),
            "spec_path": writer.artefact("specs", ".json", task.file.encoded()),
            "rtl_file": writer.artefact("rtl", ".sv", text),
            "rtl_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "simulation_compile_log": writer.artefact("logs", ".compile.log", log),
            "sample": 0,
            **more,
        }
        self.event(run_id, payload, at=at)
        return payload

    def event(self, run_id: str, payload: Mapping[str, Any], *, at: str = NOON) -> None:
        """Add a line to a run's trace."""
        folder = self.folder / run_id
        folder.mkdir(parents=True, exist_ok=True)
        event = {"stage": SIMULATION, "timestamp": at, "run_id": run_id, "payload": dict(payload)}
        with (folder / "trace.jsonl").open("a") as file:
            file.write(json.dumps(event) + "\n")


def nightly(
    root: Path, *args: object, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`rtlbench nightly` below a root, to its end."""
    return subprocess.run(
        argv(root, *args), capture_output=True, text=True, timeout=1800, check=False, cwd=root,
        env={**surroundings(), **(env or {})},
    )  # fmt: skip


def argv(root: Path, *args: object) -> list[str]:
    """The command."""
    program = str(Path(sysconfig.get_path("scripts")) / "rtlbench")
    return [sys.executable, program, "nightly", "--root", str(root), *map(str, args)]


def surroundings() -> dict[str, str]:
    """One thread, no network, no option of whoever runs the tests; sets have one order, since
    PEFT writes one into an adapter's configuration."""
    ours = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONHASHSEED": "0"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CT_RETRAIN_")}
    return {**kept, **ours}


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a JSONL file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder below `root`: time of its last change, and content."""
    return {
        str(p.relative_to(root)): (
            p.lstat().st_mtime_ns, p.read_bytes() if p.is_file() and not p.is_symlink() else b""
        )
        for p in sorted(root.rglob("*"))
    }  # fmt: skip


def night_of(root: Path, date: str = "2026-03-02", **options: Any) -> Night:
    """A night that begins, for a stage to be called in this process."""
    settings = make_settings({"root": str(root), "workers": 1, **options})
    state = State(date=date, started="2026-03-02T02:00:00+00:00", settings={})
    return Night(settings, paths_of(settings, date), state, lambda _: None)
