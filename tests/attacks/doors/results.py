"""Results folders in which someone has been before."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.attacks.doors.door import Door, Scene

DOOR = Door("results folders")


def _refused(name: str, plant: Callable[[Scene, Path], None]) -> Callable[[Scene], list[str]]:
    """A folder in which something is planted before the first run."""

    def act(scene: Scene) -> list[str]:
        results = scene.path(name)
        results.mkdir()
        plant(scene, results)
        ran = scene.bench(scene.candidates(f"{name}.jsonl"), results)
        return [*ran.wrongs, *([] if ran.code == 2 else [f"it goes on, with {ran.code}"])]

    return act


def _link(file: str) -> Callable[[Scene, Path], None]:
    return lambda scene, folder: (folder / file).symlink_to(scene.yard.canary)


for _file in ("samples.jsonl", "samples.torn", ".lock", "junit.xml"):
    DOOR.tries(f"{_file} leads elsewhere", "has the harness write over another file")(
        _refused(f"link-{_file.strip('.')}", _link(_file))
    )
DOOR.tries("samples.jsonl is a pipe", "has the harness wait for ever")(
    _refused("pipe", lambda _, folder: os.mkfifo(folder / "samples.jsonl"))
)
DOOR.tries("deep run.json", "has the reader recurse")(
    _refused("deep", lambda _, folder: _write(folder / "run.json", "[" * 100_000 + "]" * 100_000))
)
DOOR.tries("deep samples.jsonl", "has the reader recurse")(
    _refused("deep-samples", lambda _, folder: _write(
        folder / "samples.jsonl", '{"key": ' + "[" * 100_000 + "]" * 100_000 + "}\n"))
)


def _write(path: Path, text: str) -> None:
    path.write_text(text)


@DOOR.tries("run.json leads elsewhere", "has the harness write over another file")
def _run_link(scene: Scene) -> list[str]:
    results = scene.path("run-link")
    results.mkdir()
    (results / "run.json.part").symlink_to(scene.yard.canary)
    return scene.bench(scene.candidates("run-link.jsonl"), results).wrongs


def _as_pass(verdict: dict[str, Any]) -> dict[str, Any]:
    return {**verdict, "outcome": "pass", "score": 1.0, "functional": True}


def _resumed(name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Scene], list[str]]:
    """A Verdict is changed behind a run's back, and the run goes on."""

    def act(scene: Scene) -> list[str]:
        results, answers = scene.path(name), scene.candidates("judged.jsonl")
        before = scene.path("judged")
        if not before.exists():
            scene.bench(answers, before)
        shutil.copytree(before, results)
        samples = results / "samples.jsonl"
        verdict = json.loads(samples.read_text())
        samples.write_text(json.dumps(change(verdict)) + "\n")
        ran = scene.bench(answers, results)
        stopped = "not as a run had written" in ran.told
        run = json.loads((results / "run.json").read_text())
        passes = ((run.get("total") or {}).get("outcomes") or {}).get("pass", 0)
        return [
            *ran.wrongs,
            *([] if stopped else [f"it says nothing of it, with {ran.code}"]),
            *(["it counts as a pass"] if passes else []),
        ]

    return act


_CHANGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "a fail that says pass": _as_pass,
    "the Verdict of another text": lambda v: {**v, "candidate_hash": "0" * 64},
    "the Verdict of another task": lambda v: {**v, "spec_id": "updown_w8_sync"},
    "the Verdict of another model": lambda v: {**v, "model": "another"},
}
for _name, _change in _CHANGES.items():
    DOOR.tries(_name, "has a run that goes on count what it did not judge")(
        _resumed(_name.replace(" ", "-"), _change)
    )
