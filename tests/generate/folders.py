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
