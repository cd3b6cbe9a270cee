"""Models that were quantised before: computed as they are, or refused; never taken for others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.loading import load_model
from tests.generate.conftest import Lines
from tests.generate.folders import (
    configured,
    copied,
    in_eight_bits,
    in_four_bits,
    in_packed_words,
    in_shards,
    reweighted,
)

pytestmark = pytest.mark.slow

TINY = Path(__file__).parents[2] / "models" / "tiny-rtl"


def said(folder: Path, **how: Any) -> Any:
    """What a model makes of some tokens, in logits."""
    import torch

    with torch.no_grad():
        return load_model(folder, **how)(input_ids=torch.arange(100, 160)[None]).logits.float()


def apart(one: Any, other: Any) -> float:
    """How far two differ, as a share of how far the other's own logits lie apart."""
    return float((one - other).abs().mean() / other.std())


@pytest.mark.parametrize("block", [(64, 64), (32, 64), (1, 64), (512, 512)])
def test_8_bit_weights_are_read_with_their_scales(tmp_path: Path, block: Sequence[int]) -> None:
    folder = in_eight_bits(copied(TINY, tmp_path / "fp8"), block)
    original, short = said(TINY), said(folder)
    assert apart(short, original) < 0.2
    assert (short.argmax(-1) == original.argmax(-1)).float().mean() > 0.9


def test_8_bit_weights_that_would_get_their_neighbours_scales_are_refused(tmp_path: Path) -> None:
    folder = in_eight_bits(copied(TINY, tmp_path / "fp8"), (128, 128))
    with pytest.raises(UserError, match=r"is no whole number of its 8-bit blocks \(128 by 128\)"):
        load_model(folder)


def test_the_8_bit_model_answers_like_the_whole_one(
    rtlbench: Callable[..., Any], small_suite: Any, tmp_path: Path,
    lines_of: Callable[[Path], Lines],
) -> None:  # fmt: skip
    told = []
    for folder in (TINY, in_eight_bits(copied(TINY, tmp_path / "fp8"), (64, 64))):
        results = tmp_path / f"of-{folder.name}"
        ran = rtlbench("bench", "--model", folder, small_suite.option, "--temperature", 0,
                       "--results", results, "-n", "2")  # fmt: skip
        assert ran.returncode in (0, 1), ran.stderr
        told.append([(v["spec_id"], v["outcome"]) for v in lines_of(results / "samples.jsonl")])
    assert sorted(told[0]) == sorted(told[1])
    assert "pass" in {outcome for _, outcome in told[0]}


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_a_saved_4_bit_folder_is_the_same_model(model: Path, tmp_path: Path, dtype: str) -> None:
    folder = in_four_bits(model, tmp_path / "nf4", dtype)
    at_once = said(model, four_bit=True, dtype=dtype)
    for how in ({}, {"four_bit": True}):
        assert apart(said(folder, **how), at_once) < 1e-3
    assert apart(at_once, said(model)) > 1e-3, "4 bits are not all bits"


def test_a_saved_4_bit_folder_can_be_trained_on_after_an_evaluation(
    model: Path, tmp_path: Path
) -> None:
    import torch
    from bitsandbytes.nn import Linear4bit

    tuned: Any = load_model(in_four_bits(model, tmp_path / "nf4", "bfloat16"), trainable=True)
    layers = [m for m in tuned.modules() if isinstance(m, Linear4bit)]
    assert layers
    assert not any(m.support_avx512bf16_for_cpu for m in layers)
    ids = torch.arange(1, 40)[None]
    before = tuned(input_ids=ids, labels=ids).loss.item()
    tuned.eval()
    with torch.inference_mode():
        tuned(input_ids=ids)
    assert tuned.train()(input_ids=ids, labels=ids).loss.item() == pytest.approx(before, rel=1e-3)


def test_another_quantisation_on_top_is_refused(tmp_path: Path) -> None:
    folder = in_eight_bits(copied(TINY, tmp_path / "fp8"), (64, 64))
    with pytest.raises(UserError, match="cannot load the model"):
        load_model(folder, four_bit=True)


GPTQ = {"quant_method": "gptq", "bits": 4, "group_size": -1, "desc_act": False, "sym": True}


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (GPTQ, "needs more libraries .*GPTQ"),
        ({**GPTQ, "quant_method": "awq"}, "needs more libraries .*AWQ"),
        ({**GPTQ, "quant_method": "compressed-tensors"}, "needs more libraries .*compressed"),
        ({**GPTQ, "quant_method": "unheard-of"}, "quantised by 'unheard-of', which transformers"),
        ({**GPTQ, "quant_method": "bitsandbytes"}, "quantised by 'bitsandbytes'"),
        ({"bits": 4}, "cannot load the model"),
        (None, "do not fit its config.json: .* lacks .*weight.* has besides .*"),
    ],
)
def test_packed_words_are_never_passed_over(
    model: Path, tmp_path: Path, config: dict[str, Any] | None, told: str
) -> None:
    folder = in_packed_words(copied(model, tmp_path / "packed"))
    if config is not None:
        configured(folder, quantization_config=config)
    with pytest.raises(UserError, match=told) as caught:
        load_model(folder)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


def test_whole_weights_below_a_config_that_says_8_bits_are_themselves(
    model: Path, tmp_path: Path
) -> None:
    told = {"quant_method": "fp8", "weight_block_size": [16, 16]}
    folder = configured(copied(model, tmp_path / "plain"), quantization_config=told)
    assert apart(said(folder), said(model)) == 0.0


@pytest.mark.parametrize("which", ["", "layers.2.mlp.up_proj"])
def test_8_bit_weights_without_their_scales_are_refused(tmp_path: Path, which: str) -> None:
    """They would be taken as they stand, up to 448."""
    folder = in_eight_bits(copied(TINY, tmp_path / "fp8"), (64, 64))
    reweighted(folder, lambda w: {n: w[n] for n in w if "scale" not in n or which not in n})
    with pytest.raises(UserError, match="is in 8 bits and has no scale beside it"):
        load_model(folder)


def test_scales_without_a_quantisation_are_refused(tmp_path: Path) -> None:
    """FP8 numbers under a config that says nothing of it would be taken as they stand."""
    folder = in_eight_bits(copied(TINY, tmp_path / "fp8"), (64, 64))
    configured(folder, quantization_config=None)
    with pytest.raises(UserError, match=r"has besides .*scale_inv"):
        load_model(folder)


def test_shards_are_one_model(model: Path, tmp_path: Path) -> None:
    folder = in_shards(model, tmp_path / "sharded")
    files = sorted(folder.glob("*.safetensors"))
    assert len(files) > 2
    assert apart(said(folder), said(model)) == 0.0
    files[1].unlink()
    with pytest.raises(UserError, match="cannot load the model"):
        load_model(folder)


def test_a_shard_without_one_of_its_weights_is_refused(model: Path, tmp_path: Path) -> None:
    folder = in_shards(model, tmp_path / "sharded")
    shard = next(p.name for p in sorted(folder.glob("*.safetensors")))
    reweighted(folder, lambda w: dict(list(w.items())[1:]), shard)
    with pytest.raises(UserError, match=r"do not fit its config\.json: .* lacks"):
        load_model(folder)
