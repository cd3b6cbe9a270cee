"""What a training is put together from: a model, its tokenizer, sequences."""

from __future__ import annotations

from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.loading import check_fit, load_model, load_tokenizer
from rtlbench.training.data import Records, Sequences, sequences
from rtlbench.training.recipe import Recipe

SPARE = 2
"""Embeddings for each word of a tokenizer, at most."""


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
    told = recipe.model
    tokenizer = load_tokenizer(told.base, revision=told.revision)
    data = sequences(records, tokenizer, recipe.data.max_length, recipe.data.validation)
    model: Any = load_model(
        told.base,
        four_bit=told.four_bit,
        device=device,
        revision=told.revision,
        trainable=True,
    )
    check_fit(model, tokenizer, told.base)
    _check_spare(model, tokenizer, told.base)
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
