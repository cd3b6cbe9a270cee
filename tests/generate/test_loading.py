"""Loading a model: its own tokenizer, 4-bit weights that stay trainable, one message a mistake."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.answer import as_prompt, prompt_ids
from rtlbench.generate.loading import PROBE, check_fit, load_model, load_tokenizer
from tests.generate.conftest import make_model

pytestmark = pytest.mark.slow


def test_a_home_made_tokenizer_keeps_its_own_way_of_splitting(model: Path) -> None:
    from tokenizers import Tokenizer
    from transformers import AutoTokenizer

    own = Tokenizer.from_file(str(model / "tokenizer.json"))
    expected = own.encode(PROBE, add_special_tokens=False).ids
    naive: Any = AutoTokenizer.from_pretrained(model)
    assert naive(PROBE, add_special_tokens=False).input_ids != expected, "the trap is gone"
    tokenizer: Any = load_tokenizer(model)
    assert tokenizer(PROBE, add_special_tokens=False).input_ids == expected
    assert len(tokenizer) == own.get_vocab_size()
    check_fit(load_model(model), tokenizer, model)


def test_a_prompt_follows_the_chat_template_or_is_plain(model: Path) -> None:
    tokenizer: Any = load_tokenizer(model)
    assert as_prompt(tokenizer, "a counter") == "<user>a counter\n<answer>"
    assert tokenizer.decode(prompt_ids(tokenizer, "a counter")) == "<user>a counter\n<answer>"
    tokenizer.chat_template = None
    assert as_prompt(tokenizer, "a counter") == "a counter\n"


def test_4_bit_weights_can_be_trained_on_after_an_evaluation(model: Path, adapter: Path) -> None:
    import torch

    tuned: Any = load_model(model, adapter=adapter, four_bit=True, trainable=True)
    kinds = {type(m).__name__ for m in tuned.modules()}
    assert "Linear4bit" in kinds
    ids = torch.arange(1, 40)[None]

    def loss() -> Any:
        return tuned(input_ids=ids, labels=ids).loss

    before = loss().item()
    tuned.eval()
    with torch.inference_mode():
        evaluated = loss().item()
    tuned.train()
    again = loss()
    again.backward()
    assert evaluated == pytest.approx(before, rel=0.05)
    assert again.item() == pytest.approx(before, rel=1e-3)


def test_a_tokenizer_of_another_model_is_refused(model: Path, tmp_path: Path) -> None:
    other = make_model(tmp_path / "other", vocabulary=262)
    with pytest.raises(UserError, match="belong to different models"):
        check_fit(load_model(other), load_tokenizer(model), other)


def test_an_adapter_of_another_model_is_refused(model: Path, adapter: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "adapter"
    shutil.copytree(adapter, folder)
    weights = load_file(folder / "adapter_model.safetensors")
    wider = {name: torch.cat([w, w], dim=-1) for name, w in weights.items()}
    save_file(wider, folder / "adapter_model.safetensors")
    with pytest.raises(UserError, match=f"{folder}: cannot load the adapter"):
        load_model(model, adapter=folder)


@pytest.mark.parametrize("name", ["./nowhere", "a/b/c", "/nowhere"])
def test_a_missing_folder_is_not_looked_for_on_the_hub(name: str) -> None:
    with pytest.raises(UserError, match="there is no such folder"):
        load_model(name)
    with pytest.raises(UserError, match="there is no such folder"):
        load_tokenizer(name)


def test_damaged_weights_are_one_message(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(model, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(UserError, match="cannot load the model"):
        load_model(folder)


def test_an_unknown_architecture_is_one_message(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    shutil.copytree(model, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "abacus"}))
    with pytest.raises(UserError, match="cannot load the model"):
        load_model(folder)


def test_an_unknown_dtype_is_refused(model: Path) -> None:
    with pytest.raises(UserError, match="no dtype 'int3'; there are auto, native, float32"):
        load_model(model, dtype="int3")
