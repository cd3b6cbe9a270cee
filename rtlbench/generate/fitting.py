"""Whether what was loaded is the model that its folder says: all of its weights, its own maths.

A library fills what a checkpoint lacks with random numbers and leaves out what it does not know,
with a line in a log; the answers would be judged as the model's. Here each is refused.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def refuse_misfit(model: PreTrainedModel, found: dict[str, Any], path: str | Path) -> None:
    """Make sure that the checkpoint has every weight of the model, and no other.

    Args:
        found: What transformers tells of the loading.

    Raises:
        UserError: It does not, or its quantisation was passed over.
    """
    own = getattr(model.config, "quantization_config", None)
    if own is not None and getattr(model, "hf_quantizer", None) is None:
        raise UserError(
            f"{path}: its weights are quantised by {method_of(own)!r}, which transformers does "
            "not read here; give the model unquantised, or serve it and use --model openai:NAME"
        )
    told = [
        f"{word} {some_of(found[keys])}"
        for word, keys in (("lacks", "missing_keys"), ("has besides", "unexpected_keys"))
        if found.get(keys)
    ]
    if told:
        raise UserError(
            f"{path}: its weights do not fit its config.json: as {type(model).__name__} it "
            f"{', and '.join(told)}; give a whole folder of a causal language model"
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


def some_of(names: Collection[Any]) -> str:
    """The first of some weights, and how many more."""
    every = sorted(str(n[0] if isinstance(n, tuple) else n) for n in names)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more
