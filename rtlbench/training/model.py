"""The model that a run starts from, and the processes and devices of a launch that hold it.

Which model it is, is recorded so that another is not taken for it. One process trains, or several
of one launch (`accelerate launch`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.adapters import CONFIG as ADAPTER_CONFIG
from rtlbench.generate.adapters import folder_revision
from rtlbench.generate.loading import check_fit, load_model, load_tokenizer, refuse_missing_folder
from rtlbench.io.atomic import write_whole
from rtlbench.training.data import Records, Sequences, sequences
from rtlbench.training.recipe import Recipe
from rtlbench.training.targets import check_targets

ABSOLUTE = "absolute"
SPARE = 2
"""Embeddings for each word of a tokenizer, at most."""


def fingerprint(base: str, revision: str | None = None) -> str:
    """A local folder's or GGUF file's SHA-256, or the revision that a model has on the hub.

    Raises:
        UserError: There is no such model.
    """
    folder = Path(base)
    refuse_missing_folder(base, "model")
    if not folder.exists():
        return _on_hub(base, revision)
    try:
        return folder_revision(folder)
    except OSError as e:
        raise UserError(f"{base}: cannot read the model ({e.strerror}); set model.base") from e


def _on_hub(base: str, revision: str | None) -> str:
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(base, revision=revision, trust_remote_code=False)
    except (OSError, ValueError) as e:
        first = (str(e).strip().splitlines() or [type(e).__name__])[0]
        raise UserError(
            f"{base}: no folder, and not to be had from the hub ({first}); set model.base"
        ) from e
    return str(getattr(config, "_commit_hash", None) or revision or "unknown")


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """They fit each other."""

    model: Any
    tokenizer: Any
    data: Sequences


def load_parts(recipe: Recipe, records: Records, device: str) -> Parts:
    """Model and tokenizer as the recipe has them, and `records` as token sequences.

    Args:
        device: As rtlbench.generate.loading has it.

    Raises:
        UserError: They cannot be loaded, or belong to different models, or no example is left.
    """
    wanted = recipe.model
    tokenizer = load_tokenizer(wanted.base, revision=wanted.revision)
    data = sequences(records, tokenizer, recipe.data.max_length, recipe.data.validation)
    model: Any = load_model(
        wanted.base,
        four_bit=wanted.four_bit,
        dtype=wanted.dtype,
        device=device,
        revision=wanted.revision,
        trainable=True,
    )
    check_fit(model, tokenizer, wanted.base)
    _check_spare(model, tokenizer, wanted.base)
    check_targets(model, recipe.lora.targets)
    model.config.use_cache = False
    return Parts(model=model, tokenizer=tokenizer, data=data)


def _check_spare(model: Any, tokenizer: Any, base: str) -> None:
    """Rows to spare are usual; half of them unused speaks of another model's tokenizer."""
    rows, words = int(model.get_input_embeddings().weight.shape[0]), len(tokenizer)
    if rows > SPARE * words:
        raise UserError(
            f"{base}: the model has {rows} embeddings, the tokenizer only {words} words; they "
            "belong to different models: give the folder that both were saved to"
        )


def name_base(adapter: Path, base: str, wanted: str | None) -> None:
    """Have an adapter's configuration name its base as `wanted`; None leaves the recipe's word.

    Args:
        wanted: A name, a path, or ABSOLUTE for the base's folder in full.
    """
    if wanted is None:
        return
    name = wanted
    if wanted == ABSOLUTE:  # a name of the hub's is the same everywhere
        name = str(Path(base).resolve()) if Path(base).exists() else base
    place = adapter / ADAPTER_CONFIG
    said = {**msgspec.json.decode(place.read_bytes()), "base_model_name_or_path": name}
    write_whole(place, msgspec.json.format(msgspec.json.encode(said)))


def processes() -> int:
    """That train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Whether this is the process that writes."""
    return os.environ.get("RANK", "0") == "0"


def use_threads(recipe: Recipe) -> None:
    """Have torch take as many threads of the CPU as the recipe says."""
    if recipe.train.threads:
        import torch

        torch.set_num_threads(recipe.train.threads)


def wait_for_all() -> None:
    """Return when all processes have come here."""
    if processes() > 1:
        from accelerate import PartialState

        PartialState(cpu=not has_gpu()).wait_for_everyone()


def has_gpu() -> bool:
    """Whether torch can use one."""
    import torch

    return bool(torch.cuda.is_available())


def on_gpu(recipe: Recipe) -> bool:
    """Whether a recipe's training goes on on a GPU.

    Raises:
        UserError: It asks for one, and torch can use none.
    """
    wanted = recipe.model.device
    if wanted == "gpu" and not has_gpu():
        raise UserError(
            "model.device: torch can use no GPU here; install it with CUDA, or say auto or cpu"
        )
    return wanted != "cpu" and has_gpu()


def device(recipe: Recipe) -> str:
    """Where this process puts the model, as rtlbench.generate.loading has it.

    Raises:
        UserError: The launch shares out weights, and 4-bit weights cannot be; or there is no GPU,
            and the recipe wants one.
    """
    four_bit = recipe.model.four_bit
    gpu = on_gpu(recipe)
    if "LOCAL_RANK" not in os.environ:
        return "auto" if gpu else "cpu"
    if _shares_out_weights() and four_bit:
        raise UserError(
            "4-bit weights cannot be shared out among GPUs here; --set model.four_bit=false, or "
            "launch by one_node.yaml or deepspeed_zero2.yaml, where each GPU holds all of them"
        )
    if _uses("FSDP") or _uses("DEEPSPEED"):
        return "none"
    return f"cuda:{os.environ['LOCAL_RANK']}" if gpu else "cpu"


def _shares_out_weights() -> bool:
    stage = os.environ.get("ACCELERATE_DEEPSPEED_ZERO_STAGE")
    return _uses("FSDP") or (_uses("DEEPSPEED") and stage == "3")


def _uses(what: str) -> bool:
    return os.environ.get(f"ACCELERATE_USE_{what}", "").lower() == "true"
