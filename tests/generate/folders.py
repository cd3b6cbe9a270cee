"""Folders of models as people have them: quantised, in shards, spoilt, with code of their own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Change = Callable[[dict[str, Any]], Mapping[str, Any]]
WEIGHTS = "model.safetensors"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


def copied(origin: Path, folder: Path) -> Path:
    """A copy that may be spoilt."""
    shutil.copytree(origin, folder)
    return folder


def configured(folder: Path, file: str = "config.json", **changes: Any) -> Path:
    """The folder with other words in a JSON file of it."""
    path = folder / file
    told = json.loads(path.read_text()) if path.is_file() else {}
    path.write_text(json.dumps({**told, **changes}))
    return folder


def reweighted(folder: Path, change: Change, file: str = WEIGHTS) -> Path:
    """The folder with other weights."""
    from safetensors.torch import load_file, save_file

    weights = change(load_file(folder / file))
    save_file(dict(weights), folder / file, metadata={"format": "pt"})
    return folder


def in_shards(origin: Path, folder: Path) -> Path:
    """The same model in several files."""
    from rtlbench.generate.loading import load_model

    load_model(origin).save_pretrained(folder, max_shard_size="20kB")
    return with_tokenizer(origin, folder)


def with_tokenizer(origin: Path, folder: Path) -> Path:
    """The folder with the tokenizer of another."""
    for name in TOKENIZER:
        if (origin / name).is_file():
            shutil.copy(origin / name, folder / name)
    return folder


def in_eight_bits(folder: Path, block: Sequence[int], **config: Any) -> Path:
    """The folder with its projections in FP8, a scale for each block, as DeepSeek and Qwen do."""

    def change(weights: dict[str, Any]) -> dict[str, Any]:
        new: dict[str, Any] = {}
        for name, w in weights.items():
            if "proj" in name and w.ndim == 2:
                new[name], new[f"{name}_scale_inv"] = _eight_bits(w, block)
            else:
                new[name] = w
        return new

    told = {"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": list(block)}
    return configured(reweighted(folder, change), quantization_config={**told, **config})


def _eight_bits(w: Any, block: Sequence[int]) -> tuple[Any, Any]:
    import torch

    (rows, columns), (high, wide) = w.shape, block
    down, across = -(-rows // high), -(-columns // wide)
    whole = torch.zeros(down * high, across * wide)
    whole[:rows, :columns] = w.float()
    blocks = whole.reshape(down, high, across, wide)
    scale = blocks.abs().amax((1, 3)).clamp(min=1e-12) / 448.0
    short = (blocks / scale[:, None, :, None]).reshape(whole.shape)[:rows, :columns]
    return short.to(torch.float8_e4m3fn).contiguous(), scale


def in_packed_words(folder: Path) -> Path:
    """The folder with its projections as eight 4-bit numbers to a word, as GPTQ does."""
    import torch

    def change(weights: dict[str, Any]) -> dict[str, Any]:
        new: dict[str, Any] = {}
        for name, w in weights.items():
            stem, is_weight, _ = name.rpartition("weight")
            if not (is_weight and "proj" in name):
                new[name] = w
                continue
            high, wide = w.shape
            new[f"{stem}qweight"] = torch.full((wide // 8, high), 0x12345678, dtype=torch.int32)
            new[f"{stem}qzeros"] = torch.zeros((1, high // 8), dtype=torch.int32)
            new[f"{stem}scales"] = torch.ones((1, high), dtype=torch.float16)
            new[f"{stem}g_idx"] = torch.zeros(wide, dtype=torch.int32)
        return new

    return reweighted(folder, change)


def in_four_bits(origin: Path, folder: Path, dtype: str) -> Path:
    """The model as bitsandbytes saves it, NF4."""
    from rtlbench.generate.loading import load_model

    load_model(origin, four_bit=True, dtype=dtype).save_pretrained(folder)
    return with_tokenizer(origin, folder)


GGUF_END = "<|endoftext|>"
"""What Qwen2's own tokenizer would add if it were not there."""


def as_gguf(
    origin: Path, file: Path, *, finer_output: bool = False, more: Change | None = None,
    words: Mapping[str, int] | None = None,
) -> Path:
    """A Qwen2 of ours as llama.cpp's converter writes it.

    Args:
        finer_output: The embeddings in 8 bits, and once more, whole, as the output.
        more: Further tensors, of those that there are.
        words: Further numbers about it.
    """  # fmt: skip
    import gguf
    from safetensors.torch import load_file

    told = json.loads((origin / "config.json").read_text())
    writer = gguf.GGUFWriter(file, "qwen2")
    writer.add_name("a random model")
    writer.add_block_count(told["num_hidden_layers"])
    writer.add_context_length(told["max_position_embeddings"])
    writer.add_embedding_length(told["hidden_size"])
    writer.add_feed_forward_length(told["intermediate_size"])
    writer.add_head_count(told["num_attention_heads"])
    writer.add_head_count_kv(told["num_key_value_heads"])
    writer.add_rope_freq_base(told["rope_parameters"]["rope_theta"])
    writer.add_layer_norm_rms_eps(told["rms_norm_eps"])
    for name, number in (words or {}).items():
        writer.add_uint32(name, number)
    _write_tokenizer(origin, writer)
    tensors = {_gguf_name(n): w.numpy() for n, w in load_file(origin / WEIGHTS).items()}
    embeddings = tensors["token_embd.weight"]
    if finer_output:
        tensors["output.weight"] = embeddings
    tensors |= more(tensors) if more is not None else {}
    eight_bits = gguf.GGMLQuantizationType.Q8_0
    for name, numbers in tensors.items():
        if finer_output and name == "token_embd.weight":
            writer.add_tensor(name, gguf.quantize(numbers, eight_bits), raw_dtype=eight_bits)
        else:
            writer.add_tensor(name, numbers)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _write_tokenizer(origin: Path, writer: Any) -> None:
    import gguf

    own = json.loads((origin / "tokenizer.json").read_text().replace("<|end|>", GGUF_END))
    ids = own["model"]["vocab"] | {t["content"]: t["id"] for t in own["added_tokens"]}
    special = {t["content"] for t in own["added_tokens"]}
    kinds = [gguf.TokenType.CONTROL if t in special else gguf.TokenType.NORMAL for t in ids]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(sorted(ids, key=lambda t: ids[t]))
    writer.add_token_types([k for _, k in sorted(zip(ids.values(), kinds, strict=True))])
    writer.add_token_merges([" ".join(m) for m in own["model"]["merges"]])
    writer.add_eos_token_id(ids[GGUF_END])
    writer.add_pad_token_id(ids[GGUF_END])
    writer.add_add_bos_token(False)
    writer.add_chat_template((origin / "chat_template.jinja").read_text())


_GGUF_NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "model.layers": "blk", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}  # fmt: skip


def _gguf_name(name: str) -> str:
    for ours, theirs in _GGUF_NAMES.items():
        name = name.replace(ours, theirs)
    return name
