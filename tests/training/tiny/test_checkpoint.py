"""A small model's training that is cut off goes on to the same losses and weights."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from training.tiny.checkpoint import Checkpoint, TrainingProgress
from training.tiny.data import CATEGORIES, records
from training.tiny.loop import Example, encoded, train
from training.tiny.model import new_model
from training.tiny.recipe import Course, ModelShape
from training.tiny.tokenizer import train_tokenizer

ROOT = Path(__file__).parents[3]
SHAPE = ModelShape(vocabulary=700, hidden=32, layers=1, heads=2, inner=64, positions=512)
COURSE = Course(epochs=1, batch_tokens=600, compiled=False)
EXAMPLES = list(records(CATEGORIES, 16, 2, ["updown"]))
Whole = tuple[TrainingProgress, dict[str, Any]]
CUT = 5
"""Steps that are done when a training is cut off."""


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_tokenizer([t for r in EXAMPLES for t in (r.instruction, r.output)], 700)


@pytest.fixture(scope="module")
def learnt(tokenizer: Any) -> list[Example]:
    return encoded(tokenizer, EXAMPLES, SHAPE.positions)


def silent(_: str) -> None:
    pass


def trained(
    tokenizer: Any, learnt: list[Example], checkpoint: Checkpoint | None, log: Any = silent
) -> Whole:
    model = new_model(SHAPE, tokenizer, 1)
    done = train(model, learnt, COURSE, log, checkpoint)
    return done, model.state_dict()


@pytest.fixture(scope="module")
def whole(tokenizer: Any, learnt: list[Example]) -> Whole:
    return trained(tokenizer, learnt, None)


def is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)


class CutOffError(Exception):
    pass


class CutOff(Checkpoint):
    """Ends a training behind a few steps, as a signal would."""

    def keep(self, parts: Mapping[str, Any], progress: TrainingProgress) -> None:
        super().keep(parts, progress)
        if len(progress.losses) == CUT:
            raise CutOffError


def test_a_training_that_was_cut_off_goes_on_to_the_same_losses(
    tokenizer: Any, learnt: list[Example], whole: Whole, tmp_path: Path
) -> None:
    path = tmp_path / "toy.checkpoint"
    with pytest.raises(CutOffError):
        trained(tokenizer, learnt, CutOff(path, "toy", 0.0))
    told: list[str] = []
    done, weights = trained(tokenizer, learnt, Checkpoint(path, "toy", 0.0), told.append)
    assert told[0] == f"goes on behind step {CUT}/{len(whole[0].losses)}"
    assert done.losses == whole[0].losses
    assert done.tokens == whole[0].tokens
    assert is_same(weights, whole[1])


@pytest.mark.parametrize("kind", ["another recipe", "damaged", "another shape"])
def test_a_checkpoint_that_does_not_fit_is_told_of_and_not_used(
    kind: str, tokenizer: Any, learnt: list[Example], whole: Whole,
    tmp_path: Path,
) -> None:  # fmt: skip
    path = tmp_path / "toy.checkpoint"
    with pytest.raises(CutOffError):
        made_of = "other" if kind == "another recipe" else "toy"
        trained(tokenizer, learnt, CutOff(path, made_of, 0.0))
    if kind == "damaged":
        path.write_bytes(path.read_bytes()[:1000])
    if kind == "another shape":
        found = torch.load(path, weights_only=True)
        found["parts"]["optimiser 0"]["momentum"].pop()  # what comes before it fits
        torch.save(found, path)
    told: list[str] = []
    checkpoint = Checkpoint(path, "toy", 3600.0, told.append)
    done, weights = trained(tokenizer, learnt, checkpoint, silent)
    assert len(told) == 1
    assert str(path) in told[0]
    assert done.losses == whole[0].losses
    assert is_same(weights, whole[1])


def test_a_checkpoint_that_cannot_be_written_stops_nothing(
    tokenizer: Any, learnt: list[Example], whole: Whole, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    told: list[str] = []
    checkpoint = Checkpoint(tmp_path / "file" / "toy.checkpoint", "toy", 0.0, told.append)
    assert trained(tokenizer, learnt, checkpoint)[0].losses == whole[0].losses
    assert "cannot be written" in told[0]


RECIPE = """
name = "toy"
[data]
examples = 16
families = ["updown"]
[shape]
vocabulary = 700
hidden = 32
layers = 1
heads = 2
inner = 64
positions = 512
[course]
epochs = 3
batch_tokens = 600
compiled = false
"""


@pytest.mark.slow
def test_a_killed_training_makes_the_same_model_in_the_end(tmp_path: Path) -> None:
    recipe = tmp_path / "toy.toml"
    recipe.write_text(RECIPE)

    def command(out: str) -> list[str]:
        return [sys.executable, str(ROOT / "training/tiny/train.py"), str(recipe),
                "--out", str(tmp_path / out), "--checkpoint-every", "0"]

    left = tmp_path / "cut.checkpoint"
    with subprocess.Popen(command("cut"), stdout=subprocess.DEVNULL) as job:
        while not left.is_file():
            assert job.poll() is None
            time.sleep(0.005)
        job.kill()
    assert not (tmp_path / "cut").exists()
    again = subprocess.run(command("cut"), check=True, capture_output=True, text=True)
    assert "goes on behind step" in again.stdout
    assert not left.exists()
    subprocess.run(command("whole"), check=True, capture_output=True)
    one, other = ((tmp_path / k / "model.safetensors").read_bytes() for k in ("cut", "whole"))
    assert one == other
