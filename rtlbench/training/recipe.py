"""How a model is fine-tuned: one TOML file a recipe, what the command line says instead on top.

Every value has its place in one frozen record; a word that no record knows, or a value of another
kind, is one message that names the file and the word.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.configuration import read_toml

LEAST_CHECKPOINTS = 2
"""While one is being written, the one before must stand."""


class ModelPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[model]`: what is fine-tuned."""

    base: str
    """A folder, or a name on the hub."""
    revision: str | None = None
    """On the hub; the newest where it is left out."""
    four_bit: bool = True
    """NF4 weights below the adapter (QLoRA)."""
    dtype: Literal["auto", "native", "float32", "bfloat16"] = "auto"
    """Of the weights that stay as they are; `auto` is the checkpoint's, `native` bfloat16 where the
    machine computes in it by itself, else float32."""
    device: Literal["auto", "cpu", "gpu"] = "auto"
    """`auto` takes a GPU where there is one."""


class LoraPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[lora]`: the adapter."""

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    targets: str | tuple[str, ...] = "all-linear"
    """Names of layers, or `all-linear`: every linear layer but the last."""


class DataPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[data]`: how examples become sequences."""

    max_length: int = 2048
    """Tokens; an example that is longer is left out whole, since half an answer teaches to stop."""
    packing: bool = True
    """Several examples in a sequence, none of which sees another."""
    validation: float = 0.0
    """Share of examples kept back, whose loss is taken at each checkpoint."""


class TrainPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[train]`: the schedule."""

    learning_rate: float = 2e-4
    epochs: float = 3.0
    max_steps: int = 0
    """Where above 0, as many steps instead of epochs."""
    batch: int = 1
    """Sequences a device and pass."""
    accumulation: int = 16
    """Passes a step."""
    group_by_length: bool = False
    """Batches of like lengths: less padding, and one long example does not have most of the loss
    of its batch. Without packing only."""
    scheduler: Literal["cosine", "linear", "constant", "constant_with_warmup"] = "cosine"
    warmup: float = 0.03
    """Share of all steps."""
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    optimizer: Literal["adamw_torch", "adamw_torch_fused", "paged_adamw_8bit", "adamw_8bit"] = (
        "adamw_torch"
    )
    bf16: bool | Literal["native"] = "native"
    """Compute in bfloat16; `native` where the machine does so by itself."""
    gradient_checkpointing: bool = True
    threads: int = 0
    """Of a CPU; 0 leaves it to torch."""
    seed: int = 0
    logging_steps: int = 1
    save_steps: int = 50
    save_total_limit: int = LEAST_CHECKPOINTS
    report_to: tuple[str, ...] = ()
    """Trackers: `tensorboard`, `wandb`, `mlflow` and what else transformers knows."""


class PreferencePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[preference]`: what training on pairs does otherwise (`training/dpo.py`)."""

    beta: float = 0.1
    """How dear it is to leave the model that it begins from."""
    learning_rate: float = 5e-6
    epochs: float = 1.0


class ReinforcePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[reinforce]`: what training on verdicts does otherwise (`training/grpo.py`)."""

    adapter: bool = True
    """Train an adapter (LoRA); else all weights, and a whole model comes out."""
    reward: str = "shaped"
    """`shaped`, `sparse`, or `MODULE:NAME`, a function of a Verdict of your own."""
    learning_rate: float = 1e-5
    beta: float = 0.0
    """How dear it is to leave the model that it begins from."""
    tasks: int = 8
    """A batch, each with as many answers."""
    answers: int = 8
    updates: int = 1
    """Steps a batch of answers: each takes a part of it."""
    max_tokens: int = 512
    """Of an answer."""
    temperature: float = 1.0
    categories: tuple[str, ...] = ()
    """Of the tasks; empty for all."""
    families: tuple[str, ...] = ()
    """Of these categories alone; empty for all."""
    minutes: float = 0.0
    """Where above 0, no step begins after so many."""
    vllm: bool = False
    """Answers by vLLM, on the GPU that trains."""
    look_steps: int = 10
    """Steps from one look at the held-out tasks to the next; 0 for none."""
    look_tasks: int = 24
    look_answers: int = 2
    """A task."""
    look_simulator: Literal["", "icarus", "verilator"] = ""
    """Of the check; where empty, the one of the reward."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole recipe."""

    model: ModelPart
    lora: LoraPart = LoraPart()
    data: DataPart = DataPart()
    train: TrainPart = TrainPart()
    preference: PreferencePart = PreferencePart()
    reinforce: ReinforcePart = ReinforcePart()


def read_recipe(path: Path, changes: Iterable[str] = ()) -> Recipe:
    """The Recipe in `path`, with `PART.WORD=VALUE` changes on top, values as TOML has them.

    Raises:
        UserError: The file cannot be read, a word is not known, or a value makes no sense.
    """
    words = read_toml(path, "recipe", "see training/recipes/")
    for change in changes:
        _apply(words, change)
    try:
        recipe = msgspec.convert(words, Recipe)
    except msgspec.ValidationError as e:
        raise UserError(f"{path}: {_told(e)}") from e
    _check(path, recipe)
    return recipe


def _apply(words: dict[str, Any], change: str) -> None:
    name, equals, value = change.partition("=")
    part, dot, word = name.strip().partition(".")
    if not (equals and dot and part and word):
        raise UserError(f"--set {change}: give PART.WORD=VALUE, as in train.learning_rate=1e-4")
    table = words.setdefault(part, {})
    if not isinstance(table, dict):
        raise UserError(f"--set {change}: {part} is no part of a recipe")
    table[word] = _value(value.strip())


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _told(error: msgspec.ValidationError) -> str:
    """The library's words, with the part's name where people look for it."""
    what, _, where = str(error).partition(" - at `$.")
    place = where.rstrip("`")
    return f"[{place.partition('.')[0]}] {what} ({place})" if place else what


def _check(path: Path, recipe: Recipe) -> None:
    for word, valid, wanted in _rules(recipe):
        if not valid:
            raise UserError(f"{path}: {word}: {wanted}")


def _rules(r: Recipe) -> Iterable[tuple[str, bool, str]]:
    t = r.train
    yield "model.base", bool(r.model.base), "name a folder or a model on the hub"
    yield "lora.rank", r.lora.rank >= 1, "give a number of at least 1"
    yield "lora.alpha", r.lora.alpha >= 1, "give a number of at least 1"
    yield "lora.dropout", 0.0 <= r.lora.dropout < 1.0, "give a number from 0 to below 1"
    yield "lora.targets", bool(r.lora.targets), "name layers, or all-linear"
    yield "data.max_length", r.data.max_length >= 16, "give at least 16 tokens"
    yield "data.validation", 0.0 <= r.data.validation < 1.0, "give a share from 0 to below 1"
    yield "train.learning_rate", _positive(t.learning_rate), "give a number above 0"
    yield "train.epochs", _positive(t.epochs), "give a number above 0"
    yield "train.max_steps", t.max_steps >= 0, "give a number of steps, or 0 for epochs"
    yield "preference.beta", _positive(r.preference.beta), "give a number above 0"
    yield (
        "preference.learning_rate", _positive(r.preference.learning_rate), "give a number above 0",
    )  # fmt: skip
    yield "preference.epochs", _positive(r.preference.epochs), "give a number above 0"
    yield from _rules_of_reinforcing(r.reinforce)
    for word in ("batch", "accumulation", "logging_steps", "save_steps"):
        yield f"train.{word}", getattr(t, word) >= 1, "give a number of at least 1"
    yield (
        "train.group_by_length",
        not (t.group_by_length and r.data.packing),
        "packed sequences are all of one length: set data.packing = false",
    )
    yield "train.threads", t.threads >= 0, "give a number of threads, or 0 for torch's own"
    yield "train.warmup", 0.0 <= t.warmup < 1.0, "give a share from 0 to below 1"
    yield "train.weight_decay", t.weight_decay >= 0.0, "give a number from 0"
    yield "train.max_grad_norm", t.max_grad_norm >= 0.0, "give a number from 0"
    yield (
        "train.save_steps",
        t.save_steps % max(t.logging_steps, 1) == 0,
        "give a multiple of train.logging_steps, so that a resumed run reports the same losses",
    )
    yield (
        "train.save_total_limit",
        t.save_total_limit >= LEAST_CHECKPOINTS,
        f"give at least {LEAST_CHECKPOINTS}: one is whole while another is written",
    )


def _rules_of_reinforcing(r: ReinforcePart) -> Iterable[tuple[str, bool, str]]:
    yield "reinforce.learning_rate", _positive(r.learning_rate), "give a number above 0"
    yield "reinforce.temperature", _positive(r.temperature), "give a number above 0"
    for word in ("beta", "minutes", "look_steps"):
        yield f"reinforce.{word}", getattr(r, word) >= 0, "give a number from 0"
    for word in ("tasks", "updates", "max_tokens", "look_tasks", "look_answers"):
        yield f"reinforce.{word}", getattr(r, word) >= 1, "give a number of at least 1"
    yield "reinforce.answers", r.answers >= 2, "give at least 2: they are held to each other"


def _positive(number: float) -> bool:
    return math.isfinite(number) and number > 0.0
