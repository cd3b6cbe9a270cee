"""A random model of a few thousand parameters, in a folder as a trained one would be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

LORE = ["module counter (input clk, output reg [7:0] q); endmodule", "an 8-bit counter"]
TEMPLATE = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<answer>{% endif %}"
)
Lines = list[dict[str, Any]]


def make_model(folder: Path, *, context: int = 2048, vocabulary: int = 300) -> Path:
    """A random Qwen2 with a byte-level tokenizer of its own, one token a digit, and a template."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    own = Tokenizer(models.BPE())
    split: Any = pre_tokenizers
    own.pre_tokenizer = split.Sequence(
        [split.Split("e", "isolated"), split.ByteLevel(add_prefix_space=False)]
    )
    own.decoder = decoders.ByteLevel()
    own.train_from_iterator(
        LORE,
        trainers.BpeTrainer(
            vocab_size=vocabulary,
            special_tokens=["<|end|>"],
            initial_alphabet=split.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer: Any = PreTrainedTokenizerFast(
        tokenizer_object=own, eos_token="<|end|>", pad_token="<|end|>"
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config: Any = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=64,
        max_position_embeddings=context,
        eos_token_id=0,
        pad_token_id=0,
        bos_token_id=None,
    )
    Qwen2ForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that nobody may change."""
    return make_model(tmp_path_factory.mktemp("models") / "random-rtl")


@pytest.fixture(scope="session")
def adapter(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter for it that changes what it says."""
    import torch
    from peft import LoraConfig, get_peft_model

    from rtlbench.generate.loading import load_model

    folder = tmp_path_factory.mktemp("adapters") / "odd"
    tuned: Any = get_peft_model(load_model(model), LoraConfig(target_modules="all-linear"))
    torch.manual_seed(1)
    for name, weights in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights)
    tuned.save_pretrained(folder)
    return folder


@pytest.fixture
def lines_of() -> Callable[[Path], Lines]:
    """Reads a file of JSON lines."""

    def read(path: Path) -> Lines:
        return [json.loads(line) for line in path.read_text().splitlines()]

    return read


@pytest.fixture
def said() -> Callable[[Lines], Mapping[tuple[str, int], str]]:
    """The completions by spec and sample."""
    return lambda lines: {(x["spec_id"], x["sample"]): x["completion"] for x in lines}
