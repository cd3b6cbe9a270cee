"""QLoRA: training over 4-bit weights, with evaluation and generation between its steps."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from rtlbench.generate.loading import load_model
from rtlbench.training.data import read_data
from rtlbench.training.model import load_parts
from rtlbench.training.recipe import read_recipe
from rtlbench.training.trainer import Hooks, make_trainer
from tests.training.toy import ROOT, Sft, losses, make_toy

pytestmark = pytest.mark.slow

DTYPES = ("float32", "bfloat16")


@pytest.fixture(params=DTYPES)
def base(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A change of the recipe: 4-bit weights, computed in one type or the other."""
    return f"model.base={make_toy(tmp_path / request.param, dtype=request.param)}"


def curve(sft: Sft, base: str, folder: Path, *, generate: bool) -> list[float]:
    """Step losses of a training of 4-bit weights, with an answer generated after every step."""
    import torch
    from transformers import TrainerCallback

    class Between(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, *_args: Any, model: Any = None, **_kwargs: Any) -> None:
            was = torch.get_rng_state()
            model.eval()
            with torch.no_grad():
                model.generate(input_ids=torch.tensor([[4, 5, 6]] * 9), max_new_tokens=3)
            model.train()
            torch.set_rng_state(was)

    recipe = read_recipe(sft.recipe, [base, "model.four_bit=true"])
    parts = load_parts(recipe, read_data((str(sft.data),), None), "auto")
    trainer = make_trainer(recipe, parts, folder, Hooks(lambda _: None, lambda _: None))
    if generate:
        trainer.add_callback(Between())
    trainer.train()
    return [at["loss"] for at in trainer.state.log_history if "loss" in at]


def test_generating_between_steps_changes_nothing(sft: Sft, base: str, tmp_path: Path) -> None:
    quiet = curve(sft, base, tmp_path / "quiet", generate=False)
    busy = curve(sft, base, tmp_path / "busy", generate=True)
    assert all(math.isfinite(loss) for loss in busy)
    assert busy == quiet
    assert busy[-1] < busy[0]


def test_measuring_between_steps_changes_nothing(sft: Sft, base: str) -> None:
    changes = (base, "model.four_bit=true", "data.validation=0.3", "lora.dropout=0.0")
    often = losses(sft.here(*changes))
    assert often == losses(sft.here(*changes, "train.save_steps=12"))
    assert all(math.isfinite(loss) for _, loss in often)


def test_weights_are_4_bit_and_the_adapter_works_on_whole_ones_too(sft: Sft, base: str) -> None:
    import torch
    from bitsandbytes.nn import Linear4bit

    folder = sft.here(base, "model.four_bit=true", "train.max_steps=30", "train.learning_rate=3e-2")
    path = base.partition("=")[2]
    short = load_model(path, adapter=folder, four_bit=True)
    kinds = [m.weight.quant_type for m in short.modules() if isinstance(m, Linear4bit)]
    assert set(kinds) == {"nf4"}
    ids = torch.tensor([[4, 5, 6, 7]])
    whole = load_model(path, adapter=folder)
    plain = load_model(path)
    near, far = (
        (short(input_ids=ids).logits.float() - other(input_ids=ids).logits.float()).abs().mean()
        for other in (whole, plain)
    )
    assert near < far


@pytest.mark.parametrize("name", ["qwen_coder_0.5b", "tiny"])
def test_a_shipped_recipe_runs_with_all_that_it_says(sft: Sft, toy: Path, name: str) -> None:
    """4-bit weights, packing, bfloat16, activations computed again: on the toy, fewer steps."""
    sft.recipe = ROOT / "training" / "recipes" / f"{name}.toml"
    fewer = ("train.max_steps=6", "train.batch=1", "train.accumulation=1", "train.logging_steps=1")
    curve = [loss for _, loss in losses(sft.here(f"model.base={toy}", *fewer))]
    assert len(curve) == 6
    assert all(math.isfinite(loss) for loss in curve)
