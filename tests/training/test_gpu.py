"""What only a GPU can show, on the model that RTLBENCH_GPU_MODEL names."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from rtlbench.generate.answer import Request
from rtlbench.generate.source import Generation, open_source
from rtlbench.training.record import read_run
from tests.training.toy import ROOT, Sft, losses

MODEL = os.environ.get("RTLBENCH_GPU_MODEL", "Qwen/Qwen2.5-Coder-0.5B-Instruct")
pytestmark = pytest.mark.require_gpu


def test_a_hub_model_is_loaded_in_4_bit_onto_the_gpu() -> None:
    from rtlbench.generate.loading import load_model

    model = load_model(MODEL, four_bit=True)
    assert model.device.type == "cuda"
    assert model.is_loaded_in_4bit


def test_qlora_on_the_gpu_lowers_the_loss_and_its_adapter_answers(sft: Sft) -> None:
    sft.recipe = ROOT / "training" / "recipes" / "qwen_coder_0.5b.toml"
    folder = sft.here(
        f"model.base={MODEL}", "train.max_steps=20", "train.batch=1", "train.accumulation=2"
    )
    curve = [loss for _, loss in losses(folder)]
    assert all(math.isfinite(loss) for loss in curve)
    assert curve[-1] < curve[0]
    assert "CPU" not in read_run(folder).device
    asked = Generation(model=MODEL, adapter=str(folder), load_in_4bit=True, max_tokens=16)
    request = Request(spec_id="x", sample=0, prompt="Write a module `m1` of 3 bits.", seed=0)
    assert len(list(open_source(asked).answers([request]))) == 1


def test_memory_of_the_gpu_that_is_full_is_one_message(sft: Sft, tmp_path: Path) -> None:
    import torch

    from rtlbench.errors import UserError

    def say(line: str) -> None:
        if line.startswith("step 2/"):
            torch.empty(1 << 50, dtype=torch.uint8, device="cuda")

    with pytest.raises(UserError, match="the memory is full"):
        sft.here(say=say)
    assert not list(tmp_path.glob("out/run_toy_*"))
