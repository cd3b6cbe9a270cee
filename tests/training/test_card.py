"""The card says what a model was made from, and takes a benchmark's figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.gate.policy import Policy
from rtlbench.gate.rules import judge_gate
from rtlbench.gate.text import gate_table
from rtlbench.runs.results import Run
from rtlbench.statistics import Figure, Summary
from rtlbench.training.recipe import ModelPart, Recipe
from rtlbench.training.record import DataFile, Examples, Inputs, Loss, Result, TrainingRun, card
from tests.gate.made import answers_of, run_of
from tests.training.toy import ROOT

RUN = TrainingRun(
    name="fsm",
    status="finished",
    started="2026-01-01T00:00:00+00:00",
    finished="2026-01-01T00:10:00+00:00",
    seconds=600.0,
    resumed_at=(50,),
    device="CPU, 1 threads",
    inputs=Inputs(
        recipe=Recipe(model=ModelPart(base="owner/base")),
        data=(DataFile(name="v3.jsonl", sha256="ab" * 32, records=100),),
        category="fsm",
        base="cd" * 32,
        tools={"torch": "2.13.0"},
    ),
    examples=Examples(
        read=100, other_category=40, too_long=3, trained=55, held_back=2, tokens=12_345
    ),
    result=Result(
        steps=100,
        epochs=3.0,
        losses=tuple(Loss(step=k, loss=2.0 / k, learning_rate=1e-4) for k in range(1, 101)),
        validation=(Loss(step=50, loss=0.5),),
        trainable=1000,
        parameters=2000,
    ),
)


def test_the_card_says_what_went_in_and_what_came_out() -> None:
    text = card(RUN)
    for said in (
        "base_model: owner/base", "`fsm` alone", "went on at steps [50]", "ab" * 32, "12,345",
        "40 of other categories, 0 of a lower tier than attested, 3 too long, 2 held back",
            "| 1 | 2.0000 |", "| 100 | 0.0200 |",
        "| 50 | 0.5000 |", "torch 2.13.0", "four_bit = true", "1,000 of 2,000",
    ):  # fmt: skip
        assert said in text, said


def test_a_long_curve_is_thinned_out_in_the_table() -> None:
    rows = [line for line in card(RUN).splitlines() if line.startswith("| ") and "." in line]
    assert len(rows) < 20


def results(folder: Path) -> Path:
    """A results folder with figures."""
    figure = Figure(0.8125, 0.7, 0.9, 16)
    summary = Summary(
        answers=16, outcomes={"pass": 13, "fail": 3}, score=figure, syntax=figure,
        synthesis=figure, all_io_used=figure, functional=figure, passed=figure, pass_at={},
    )  # fmt: skip
    fields: dict[str, Any] = {
        "suite": "rtlbench", "suite_hash": "ef" * 32, "simulator": "icarus", "seed": 0,
        "samples": 1, "candidates": "answers.jsonl", "tools": {}, "weights": {},
    }  # fmt: skip
    known = {f.name for f in msgspec.structs.fields(Run)}
    run = {
        "status": "finished", "started": "2026-01-01T00:00:00+00:00", "rtlbench": "0.1.0",
        "config": fields, "isolation": "none", "total": msgspec.to_builtins(summary),
        "categories": {"fsm": msgspec.to_builtins(summary)},
    }  # fmt: skip
    folder.mkdir()
    (folder / "run.json").write_bytes(msgspec.json.encode({k: run[k] for k in run if k in known}))
    return folder


def put(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "training" / "card.py"), *map(str, args)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_benchmarks_figures_go_into_the_card(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "run.json").write_bytes(msgspec.json.encode(RUN))
    done = put(model, "--results", results(tmp_path / "results"))
    assert done.returncode == 0, done.stderr
    text = (model / "README.md").read_text()
    assert "81.2%" in text
    assert "Not measured yet." not in text


def test_what_the_gate_said_goes_into_the_card() -> None:
    run = run_of(answers_of([[1.0], [0.5]]))
    tables = [
        gate_table(judge_gate(Policy(require={"functional": least}), run, None, []))
        for least in (0.25, 0.75)
    ]
    text = card(RUN, None, tables)
    assert text.count("## Gate\n") == 2
    assert text.index("gate: pass") < text.index("gate: fail (functional, all)")
    assert "## Gate" not in card(RUN)


@pytest.mark.parametrize("missing", ["model", "results"])
def test_what_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    model = tmp_path / "model"
    model.mkdir()
    if missing == "results":
        (model / "run.json").write_bytes(msgspec.json.encode(RUN))
    done = put(model, "--results", tmp_path / "results")
    assert done.returncode == 2
    assert done.stderr.startswith(f"card: {tmp_path / missing}")
    assert "Traceback" not in done.stderr
