"""What a recipe's choices are worth, measured on the toy model."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.training.toy import ROOT, Sft, surroundings

SCRIPT = ROOT / "training" / "speed.py"


def measured(sft: Sft, *args: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(SCRIPT), str(sft.recipe), "--data", str(sft.data), "--steps", "3"]
    return subprocess.run(
        [*argv, *args], capture_output=True, text=True, cwd=ROOT, env=surroundings(), timeout=900,
        check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_each_way_is_a_row_with_its_figures(sft: Sft) -> None:
    done = measured(sft, "--with", "train.gradient_checkpointing=true train.batch=1")
    assert done.returncode == 0, done.stdout + done.stderr
    head, _, recipe, other = done.stdout.strip().splitlines()
    assert head.startswith("| way | steps a minute | examples a minute | CPU seconds a step | GB |")
    assert recipe.startswith("| the recipe |")
    assert other.startswith("| `train.gradient_checkpointing=true train.batch=1` |")
    for row in (recipe, other):
        steps, examples, cpu, memory = (float(c) for c in row.strip("| ").split(" | ")[1:])
        assert steps > 0
        assert cpu >= 0
        assert memory > 0.1
        assert examples / steps == pytest.approx(4 if row is recipe else 2, rel=0.05)


@pytest.mark.slow
def test_a_way_that_cannot_train_is_named(sft: Sft) -> None:
    done = measured(sft, "--set", "data.max_length=16")
    assert done.returncode == 2
    assert "data.max_length=16" in done.stderr
    assert "training failed (" in done.stderr
