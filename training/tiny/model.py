"""The small model: a few million parameters, made from nothing, and its speed.

It is trained as a Qwen2 and saved as the Llama that computes the same: `AutoTokenizer` gives every
Qwen2 the tokenizer of the models of that name, whatever stands in the folder, and to a Llama its
own.

What makes its training on a CPU two to three times as fast: attention as plain batched products,
whose backward pass takes a third of the time of torch's fused one on short sequences; the layers
compiled, where there is a C++ compiler; memory that is kept between steps; no denormal numbers.
"""

from __future__ import annotations

import ctypes
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.tiny.recipe import ModelShape

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast, Qwen2ForCausalLM

NAME = "rtlbench_plain"
COMPILERS = ("g++", "c++", "clang++")
"""Any of them is enough for torch.compile."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""glibc's words for mallopt."""


def new_model(shape: ModelShape, tokenizer: PreTrainedTokenizerFast, seed: int) -> Qwen2ForCausalLM:
    """A model with random weights; the same seed gives the same."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(seed)
    return Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=shape.hidden,
            intermediate_size=shape.inner,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.heads,
            max_position_embeddings=shape.positions,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def save_model(
    model: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path
) -> None:
    """Write weights in half precision, configuration and tokenizer to `folder`."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    as_llama(model).to(torch.float16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    _name_plainly(folder / "tokenizer_config.json")


def as_llama(model: Qwen2ForCausalLM) -> LlamaForCausalLM:
    """The Llama that computes what `model` does: it has one bias more, which is nought."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    own: Any = model.config
    same = (
        "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
        "num_attention_heads", "num_key_value_heads", "max_position_embeddings", "rms_norm_eps",
        "tie_word_embeddings", "bos_token_id", "eos_token_id", "pad_token_id", "rope_parameters",
        "initializer_range",
    )  # fmt: skip
    config = LlamaConfig(**{name: getattr(own, name) for name in same}, attention_bias=True)
    llama = LlamaForCausalLM(config)
    found = llama.load_state_dict(model.state_dict(), strict=False)
    if found.unexpected_keys or not all(n.endswith("o_proj.bias") for n in found.missing_keys):
        raise ValueError(f"a Llama lacks {found.missing_keys or found.unexpected_keys}")
    for name, weights in llama.named_parameters():
        if name in found.missing_keys:
            torch.nn.init.zeros_(weights)
    return llama


def _name_plainly(config: Path) -> None:
    """Name the tokenizer's class as all versions of transformers know it, and not where it was."""
    said = json.loads(config.read_text()) | {"tokenizer_class": "PreTrainedTokenizerFast"}
    kept = {n: v for n, v in said.items() if n not in ("is_local", "local_files_only")}
    config.write_text(json.dumps(kept, indent=2) + "\n")


def make_fast(model: Qwen2ForCausalLM, *, compiled: bool) -> None:
    """Prepare this process and `model` for training without padding in front and without masks.

    Args:
        compiled: Compile the layers too, which takes about a minute.
    """
    import torch
    from transformers import AttentionInterface

    torch.set_flush_denormal(True)
    keep_memory()
    AttentionInterface.register(NAME, causal_attention)
    model.set_attn_implementation(NAME)
    if compiled and any(shutil.which(name) for name in COMPILERS):
        for layer in model.model.layers:
            layer.compile(dynamic=True)


def make_plain(model: Qwen2ForCausalLM) -> None:
    """Undo `make_fast` as far as it is the model's."""
    model.set_attn_implementation("sdpa")
    for layer in model.model.layers:
        layer._compiled_call_impl = None


def keep_memory() -> None:
    """Large blocks are not given back to the system after every use; where glibc allows it."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    mallopt(_MMAP_THRESHOLD, 1 << 30)
    mallopt(_TRIM_THRESHOLD, (1 << 31) - 1)


def causal_attention(
    module: Any,  # noqa: ARG001
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,  # noqa: ARG001
    scaling: float,
    **_: Any,
) -> tuple[Tensor, None]:
    """Each position sees itself and those before it; shapes are (batch, heads, length, size)."""
    import torch

    kind = value.dtype
    batch, heads, length, size = query.shape
    flat = (batch * heads, length, size)
    later = torch.full((length, length), float("-inf"), dtype=kind).triu(1)
    q, k, v = (x.to(kind).reshape(flat) for x in (query, key, value))
    with torch.autocast("cpu", enabled=False):  # it would have the softmax in single precision
        scores = torch.baddbmm(later, q, k.transpose(1, 2), alpha=scaling)
        seen = torch.bmm(scores.softmax(-1), v)
    return seen.view(query.shape).transpose(1, 2).contiguous(), None
