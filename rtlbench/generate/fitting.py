"""Whether what was loaded is the model that its folder says: all of its weights, its own maths.

A library fills what a checkpoint lacks with random numbers and leaves out what it does not know,
with a line in a log; the answers would be judged as the model's. Here each is refused.

Of checkpoints in FP8 transformers gets two things wrong without a word. A matrix without its scale
is taken as it stands, some hundred times too large. And where no GPU computes in FP8,
matrices are written out; one that is no whole number of blocks then has its blocks taken for
smaller ones, and some rows are scaled by their neighbours' scale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from rtlbench.errors import UserError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

SHOWN = 3
"""Names of weights in a message; the rest are counted."""
PROBED, EARLY = 32, 4
"""Tokens that a model is asked about to see whether it reads from left to right, and how many of
them stay the same."""
ROUNDING = 16
"""Units in the last place, at the largest output, that one computation may differ by: experts and
8-bit numbers are rounded by what else is computed with them."""
LEAST = 1e-4
"""And the share of it that is always forgiven: GPUs compute float32 in shorter types. It is all
that is forgiven a model whose own config says that it is no decoder."""
WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
SCALES = ("weight_scale_inv", "weight_scale", "scale", "qscale_weight")
"""What the scale of `NAME.weight` may be called behind `NAME.`."""


def refuse_misfit(model: PreTrainedModel, info: dict[str, Any], path: str | Path) -> None:
    """Make sure that the checkpoint has every weight of the model, and no other.

    Args:
        info: What transformers tells of the loading.

    Raises:
        UserError: It does not, or its quantisation was passed over.
    """
    own = getattr(model.config, "quantization_config", None)
    if own is not None and getattr(model, "hf_quantizer", None) is None:
        raise UserError(
            f"{path}: its weights are quantised by {method_of(own)!r}, which transformers does "
            "not read here; give the model unquantised, or serve it and use --model openai:NAME"
        )
    if misfit := misfit_of(info.get("missing_keys"), info.get("unexpected_keys")):
        raise UserError(
            f"{path}: its weights do not fit its config.json: as {type(model).__name__} it "
            f"{misfit}; give a whole folder of a causal language model"
        )


def refuse_other_code(model: PreTrainedModel, path: str | Path) -> None:
    """Make sure that a model with code of its own is what transformers' own class computes.

    Raises:
        UserError: Its code names another class than the one that was loaded.
    """
    named = (getattr(model.config, "auto_map", None) or {}).get("AutoModelForCausalLM")
    if isinstance(named, str) and named.rpartition(".")[2] != type(model).__name__:
        raise UserError(own_code(path, "model"))


def refuse_encoder(model: PreTrainedModel, path: str | Path) -> None:
    """Make sure that the model reads from left to right: no later word changes what it says of
    earlier ones. A model that sees both ways can be loaded like one that writes, and writes noise.

    Raises:
        UserError: It sees both ways.
    """
    import torch

    embeddings: Any = model.get_input_embeddings()
    rows = int(embeddings.weight.shape[0])
    ids = torch.arange(PROBED) + rows // 3
    other = ids.clone()
    other[EARLY:] = torch.arange(PROBED - EARLY) + rows // 2
    with torch.no_grad():
        out: Any = model(input_ids=torch.stack([ids, other]).to(model.device) % rows).logits
    is_said = getattr(model.config, "is_decoder", None) is False
    share = LEAST if is_said else max(ROUNDING * torch.finfo(out.dtype).eps, LEAST)
    early = out[:, :EARLY].float()
    if bool((early[0] - early[1]).abs().max() > share * early.abs().max()):
        raise UserError(
            f"{path}: {type(model).__name__} reads both ways, as encoders do, and cannot write; "
            "give a causal language model"
        )


def own_code(path: str | Path, what: str) -> str:
    """What is said of a model or tokenizer that cannot be had without its own code."""
    return (
        f"{path}: the {what} comes with code of its own (auto_map), which is never run here; "
        "serve it where you trust it and use --model openai:NAME, or give a model that "
        "transformers knows"
    )


def method_of(config: Any) -> str:
    """The name of a quantisation."""
    as_dict = config if isinstance(config, dict) else config.to_dict()
    return str(as_dict.get("quant_method") or "no method named")


def misfit_of(missing: Collection[Any] | None, besides: Collection[Any] | None) -> str:
    """Which weights a checkpoint lacks, and which it has besides; empty where it fits."""
    return ", and ".join(
        f"{word} {_some_of(names)}"
        for word, names in (("lacks", missing), ("has besides", besides))
        if names
    )


def cached_file(path: str | Path, name: str, revision: str | None) -> str | None:
    """A file of a local folder or of a hub name; None where it has none of that name."""
    from transformers.utils import hub

    file: str | None = hub.cached_file(
        str(path),
        name,
        revision=revision,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
    )
    return file


def _some_of(names: Collection[Any]) -> str:
    """The first of some weights, and how many more."""
    every = sorted(str(n[0] if isinstance(n, tuple) else n) for n in names)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more


class _Index(msgspec.Struct, frozen=True):
    weight_map: dict[str, str]


class _Stored(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]


def refuse_wrong_scales(
    path: str | Path, revision: str | None, quantisation: Any, *, written_out: bool
) -> None:
    """Make sure that an FP8 checkpoint has a scale to each matrix, and is read with it.

    Args:
        quantisation: What the checkpoint's config says of it, or None.
        written_out: The matrices are no longer in FP8.

    Raises:
        UserError: A scale is missing, or would be misread.
    """
    method = quantisation if isinstance(quantisation, dict) else {}
    if method.get("quant_method") != "fp8":
        return
    stored = {name: at for file in _files(path, revision) for name, at in _header(file)}
    for name, at in stored.items():
        if not at.dtype.startswith("F8_E") or at.dtype == "F8_E8M0" or len(at.shape) < 2:
            continue
        stem = name.removesuffix("weight")
        scale = next(
            (stored[n] for n in (f"{name}_scale_inv", *(stem + s for s in SCALES)) if n in stored),
            None,
        )
        if scale is None:
            raise UserError(
                f"{path}: {name} is in 8 bits and has no scale beside it; give a whole folder"
            )
        block = method.get("weight_block_size")
        if written_out and block and len(scale.shape) >= 2:
            _refuse_uneven(path, name, at.shape[-2:], block)


def _refuse_uneven(path: str | Path, name: str, shape: tuple[int, ...], block: list[int]) -> None:
    if any(size > b and size % b for size, b in zip(shape, block, strict=True)):
        raise UserError(
            f"{path}: {name} ({shape[0]} by {shape[1]}) is no whole number of its 8-bit blocks "
            f"({block[0]} by {block[1]}), and is read right on a GPU with 8-bit arithmetic only; "
            "use one, or give the model unquantised"
        )


def _files(path: str | Path, revision: str | None) -> list[str]:
    """The files of a checkpoint in safetensors; none where it has others."""
    whole = cached_file(path, WHOLE, revision)
    if whole is not None:
        return [whole]
    index = cached_file(path, INDEX, revision)
    if index is None:
        return []
    names = set(msgspec.json.decode(Path(index).read_bytes(), type=_Index).weight_map.values())
    return [file for n in sorted(names) if (file := cached_file(path, n, revision)) is not None]


def _header(file: str) -> Iterator[tuple[str, _Stored]]:
    from safetensors import safe_open

    with safe_open(file, framework="pt") as opened:
        for name in opened.keys():  # noqa: SIM118 - no mapping
            at = opened.get_slice(name)
            yield name, _Stored(at.get_dtype(), tuple(at.get_shape()))
