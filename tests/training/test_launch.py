"""Several processes train one model: on CPUs here, on GPUs by the same code."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Literal

import pytest

from rtlbench.errors import UserError
from rtlbench.training.model import device
from rtlbench.training.recipe import ModelPart, Recipe
from rtlbench.training.record import read_run
from tests.training.toy import ROOT, Sft, losses, surroundings

TWO = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2")


def launched(sft: Sft, *changes: str) -> subprocess.CompletedProcess[str]:
    words = [word for change in changes for word in ("--set", change)]
    python, *script = sft.argv(*words)
    return subprocess.run(
        [python, *TWO, *script], capture_output=True, text=True, cwd=ROOT, timeout=500,
        env=surroundings(), check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_two_processes_take_the_steps_that_one_takes(sft: Sft) -> None:
    one = sft.here("lora.dropout=0.0")
    done = launched(sft, "lora.dropout=0.0", "train.batch=1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("written: ") == 1
    two = Path(done.stdout.rpartition("written: ")[2].strip())
    assert read_run(two).inputs.processes == 2
    assert dict(losses(two)) == pytest.approx(dict(losses(one)), rel=1e-3)


def recipe(four_bit: bool, wanted: Literal["auto", "cpu", "gpu"] = "auto") -> Recipe:
    return Recipe(model=ModelPart(base="m", four_bit=four_bit, device=wanted))


def test_a_gpu_is_taken_where_the_recipe_lets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert [device(recipe(False, w)) for w in ("auto", "gpu", "cpu")] == ["auto", "auto", "cpu"]
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert device(recipe(False, "cpu")) == "cpu"
    with pytest.raises(UserError, match=r"model\.device: torch can use no GPU"):
        device(recipe(False, "gpu"))


@pytest.mark.parametrize(
    ("environment", "four_bit", "expected"),
    [
        ({}, True, "cpu"),
        ({"LOCAL_RANK": "1"}, True, "cpu"),
        ({"LOCAL_RANK": "1", "ACCELERATE_USE_FSDP": "true"}, False, "none"),
        ({"LOCAL_RANK": "0", "ACCELERATE_USE_DEEPSPEED": "true"}, True, "none"),
    ],
)
def test_where_a_process_puts_the_model(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], four_bit: bool, expected: str
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("with a GPU, processes of a plain launch use that")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert device(recipe(four_bit)) == expected


def test_4_bit_weights_are_not_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", "true")
    monkeypatch.setenv("ACCELERATE_DEEPSPEED_ZERO_STAGE", "3")
    with pytest.raises(UserError, match=r"--set model\.four_bit=false"):
        device(recipe(True))
    assert device(recipe(False)) == "none"


def test_the_launch_configurations_are_read_by_accelerate() -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    for path in sorted((ROOT / "training" / "recipes" / "accelerate").glob("*.yaml")):
        config = load_config_from_file(str(path))
        assert config.num_processes == 8, path
