"""What an earlier night has measured counts again, if it can be compared."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.adapters import folder_revision
from rtlbench.generate.answer import Generator
from rtlbench.io.atomic import write_record
from rtlbench.nightly.benchmark import PLACE, RESULTS, benchmark, command
from rtlbench.nightly.night import Night
from rtlbench.pipeline.stages import RECORD, CommandRecord
from rtlbench.pipeline.state import StageRecord
from tests.gate.made import folder_of
from tests.nightly.judged import answers, model
from tests.nightly.made import night_of

TOOLS = {"yosys": "0.23", "iverilog": "11.0"}
RECIPE = '[model]\nbase = "base"\n'


class Nights:
    """A night that was published, and tonight's, whose own model is judged."""

    def __init__(self, root: Path) -> None:
        (root / "recipe.toml").write_text(RECIPE)
        self.root = root
        self.before, self.tonight = self.night("2026-03-01"), self.night("2026-03-02")
        for night in (self.before, self.tonight):
            model(night.paths.model, night.paths.date)
        self.tonight.paths.latest.symlink_to(self.before.paths.model.name)
        self.results(self.before, "candidate", self.before.paths.model, right=9)
        self.results(self.before, "mainline", None, right=3)
        self.results(self.tonight, "candidate", self.tonight.paths.model, right=10)

    def night(self, date: str) -> Night:
        night = night_of(self.root, date, recipe=str(self.root / "recipe.toml"))
        model = str(night.paths.model.relative_to(self.root))
        done = StageRecord(started="t", finished="t", message="", result={"model": model})
        night.state.stages["train"] = done
        return night

    def results(
        self, night: Night, name: str, adapter: Path | None, *, right: int, **changes: Any
    ) -> Path:
        """A finished benchmark of a night."""
        generator = Generator(
            source="transformers", model="base", revision="r", four_bit=True,
            adapter=adapter.name if adapter is not None else None,
            adapter_revision=folder_revision(adapter) if adapter is not None else "",
        )  # fmt: skip
        stage = night.paths.night / PLACE / name
        shutil.rmtree(stage, ignore_errors=True)
        folder = folder_of(stage / RESULTS, answers(right), generator=generator, **changes)
        argv = command(night, name, adapter).argv
        write_record(stage / RECORD, CommandRecord(argv=argv, inputs={}, seconds=1.0, finished="t"))
        return folder


@pytest.fixture
def nights(root: Path) -> Nights:
    return Nights(root)


def test_both_baselines_are_taken_from_the_night_before(nights: Nights) -> None:
    result = benchmark(nights.tonight).result
    assert result["reused"] == ["last_nightly", "mainline"]
    place = "work/continuous_retrain/2026-03-01/benchmark"
    assert result["results"] == {
        "candidate": "work/continuous_retrain/2026-03-02/benchmark/candidate/results",
        "last_nightly": f"{place}/candidate/results",
        "mainline": f"{place}/mainline/results",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"tools": {**TOOLS, "yosys": "0.9"}},
        {"suite_hash": "f" * 16},
        {"seed": 5},
        {"isolation": "all"},
        {"status": "running"},
    ],
    ids=lambda c: next(iter(c)),
)
def test_results_that_cannot_be_compared_are_made_anew(
    nights: Nights, changes: dict[str, Any]
) -> None:
    nights.results(nights.before, "candidate", nights.before.paths.model, right=9, **changes)
    nights.results(nights.tonight, "last_nightly", nights.before.paths.model, right=8)
    result = benchmark(nights.tonight).result
    assert result["reused"] == ["mainline"]
    assert "2026-03-02" in result["results"]["last_nightly"]


def test_results_of_a_model_that_was_changed_since_are_made_anew(nights: Nights) -> None:
    (nights.before.paths.model / "adapter_model.safetensors").write_text("other")
    nights.results(nights.tonight, "last_nightly", nights.before.paths.model, right=8)
    assert benchmark(nights.tonight).result["reused"] == ["mainline"]


def test_without_a_model_tonight_nothing_is_judged(nights: Nights) -> None:
    nights.tonight.state.stages.clear()
    assert benchmark(nights.tonight).result == {}


def test_a_mainline_that_is_not_there_is_one_message(root: Path, nights: Nights) -> None:
    night = night_of(root, "2026-03-02", recipe=str(root / "recipe.toml"), mainline="models/gone")
    night.state.stages.update(nights.tonight.state.stages)
    with pytest.raises(UserError, match="--mainline models/gone: there is no such folder"):
        benchmark(night)
