"""The card says what a model was made from, and takes a benchmark's figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from rtlbench.gate.policy import Policy
from rtlbench.gate.rules import judge_gate
from rtlbench.gate.text import gate_table
from rtlbench.generate.adapters import folder_revision
from rtlbench.generate.answer import Generator
from rtlbench.statistics import by_category, summarise
from rtlbench.training.recipe import ModelPart, Recipe
from rtlbench.training.record import DataFile, Examples, Inputs, Loss, Result, TrainingRun, card
from tests.gate.made import answers_of, folder_of, run_of
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


def results(folder: Path, adapter: Path | None = None, revision: str = "") -> Path:
    """A results folder with figures: of the adapter's answers, or of recorded ones."""
    answers = answers_of([[1.0], [1.0], [1.0], [0.5]])
    asked = None
    if adapter is not None:
        asked = Generator(source="transformers", model="base", adapter=adapter.name,
                          adapter_revision=revision or folder_revision(adapter))
    return folder_of(folder, answers, generator=asked, total=summarise(answers.values()),
                     categories=by_category(answers.values()))


def tuned(folder: Path) -> Path:
    """What a fine-tuning leaves."""
    folder.mkdir()
    (folder / "run.json").write_bytes(msgspec.json.encode(RUN))
    (folder / "adapter_model.safetensors").write_text(folder.name)
    return folder


def put(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "training" / "card.py"), *map(str, args)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_benchmarks_figures_go_into_the_card(tmp_path: Path) -> None:
    model = tuned(tmp_path / "model")
    done = put(model, "--results", results(tmp_path / "results", model))
    assert done.returncode == 0, done.stderr
    text = (model / "README.md").read_text()
    assert "75.0%" in text
    assert "Not measured yet." not in text


@pytest.mark.parametrize("whose", ["recorded", "another's", "the base's", "its own, before"])
def test_figures_of_other_answers_do_not_go_into_the_card(tmp_path: Path, whose: str) -> None:
    model = tuned(tmp_path / "model")
    found = {
        "recorded": lambda: results(tmp_path / "r"),
        "another's": lambda: results(tmp_path / "r", tuned(tmp_path / "other")),
        "the base's": lambda: results(tmp_path / "r", model, "0" * 64),
        "its own, before": lambda: results(tmp_path / "r", model),
    }[whose]()
    (model / "adapter_model.safetensors").write_text("trained on")
    done = put(model, "--results", found)
    assert done.returncode == 2
    assert done.stderr.startswith(f"card: {found}: its answers are ")
    assert not (model / "README.md").exists()


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
