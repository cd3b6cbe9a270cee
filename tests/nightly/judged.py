"""A night whose model is trained and judged, without any of that work: what the gate, publishing,
copying and purging need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from rtlbench.generate.adapters import folder_revision
from rtlbench.generate.answer import Generator
from rtlbench.nightly.collect import collect
from rtlbench.nightly.night import Night, write_state
from rtlbench.pipeline.state import StageRecord
from rtlbench.runs.finished import Key
from rtlbench.runs.results import ResultsFolder
from rtlbench.statistics import Judged
from rtlbench.training.recipe import ModelPart, Recipe
from rtlbench.training.record import RUN, Inputs, TrainingRun
from tests.gate.made import folder_of, judged
from tests.nightly.made import Runs, Task, night_of

TASKS = 12
POLICY = """[category.fsm]
functional = 0.75
[baseline]
figures = ["functional"]
not_below = ["functional"]
"""


def answers(right: int, tasks: int = TASKS) -> dict[Key, Judged]:
    """One answer to each task of two categories; `right` tasks of each are answered rightly."""
    return {
        (f"{category}{k}", 0): judged(f"{category}{k}", category=category, right=k < right)
        for category in ("fsm", "edge_detect")
        for k in range(tasks)
    }


def model(folder: Path, text: str = "weights") -> Path:
    """Something with an adapter's files."""
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_text(text)
    inputs = Inputs(recipe=Recipe(model=ModelPart(base="base")), data=(), base="0" * 64, tools={})
    run = TrainingRun(name="nightly", status="finished", started="t", device="CPU", inputs=inputs)
    (folder / RUN).write_bytes(msgspec.json.encode(run))
    return folder


def judged_night(
    root: Path, task: Task, date: str, *, right: int, last: int | None = None, **options: Any
) -> Night:
    """A night that has come as far as its benchmark.

    Args:
        right: Tasks of each category, of TASKS, that the night's model answers rightly.
        last: As many for the last nightly model; None where there is none. The mainline model
            answers one of each.
    """
    (root / "gate.toml").write_text(POLICY)
    Runs(root).answer(f"run_{date}", task, task.right + f"// {date}\n")
    night = night_of(root, date, policy=str(root / "gate.toml"), **options)
    results = {"candidate": right, "mainline": 1}
    results |= {"last_nightly": last} if last is not None else {}
    model(night.paths.model, date)
    for name, count in results.items():
        own = night.paths.model if name == "candidate" else None
        asked = Generator(source="transformers", model="base", adapter=own.name if own else None,
                          adapter_revision=folder_revision(own) if own else "")
        where = night.paths.night / "benchmark" / name / "results"
        folder_of(where, answers(count), generator=asked)
    taken = collect(night)
    done = {
        "collect": dict(taken.result),
        "curate": {"records": 1, "pairs": 0, "refused": 0, "sha256": "0" * 64},
        "train": {"model": str(night.paths.model.relative_to(root)), "delta_records": 1},
        "benchmark": {
            "results": {
                n: f"work/continuous_retrain/{date}/benchmark/{n}/results" for n in results
            },
            "metrics": {n: {"functional": c / TASKS} for n, c in results.items()},
        },
    }
    for name in ("delta", "pairs", "refused"):
        getattr(night.paths, name).write_text("")
    stages = {n: StageRecord(started="t", finished="t", message="", result=r)
              for n, r in done.items()}
    state = msgspec.structs.replace(
        night.state, stages=stages, settings=night.settings.of_stages(stages)
    )
    write_state(night.paths, state)
    night.state = state
    return night


def other_tools(night: Night) -> None:
    """Have the mainline model be judged by another Yosys."""
    folder = ResultsFolder(night.paths.night / "benchmark" / "mainline" / "results")
    run = folder.read_run()
    assert run is not None
    tools = {**run.config.tools, "yosys": "0.9"}
    config = msgspec.structs.replace(run.config, tools=tools)
    folder.write_run(msgspec.structs.replace(run, config=config))
