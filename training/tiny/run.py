"""From a recipe to a small model's folder, in one step: data, tokenizer, training, record.

The folder appears whole or not at all. `tiny.json` in it says what the model was made from; the
model card (training.tiny.card) is written from that and from a benchmark's results.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from rtlbench.dataset.reading import read_records
from rtlbench.errors import UserError
from rtlbench.records.example import Broken, Record
from training.tiny.checkpoint import EVERY, Checkpoint
from training.tiny.data import CATEGORIES, digest, records
from training.tiny.loop import encoded, train
from training.tiny.model import as_llama, new_model, save_model
from training.tiny.recipe import TinyData, TinyRecipe
from training.tiny.tokenizer import train_tokenizer

MADE_FROM = "tiny.json"
FAMILIES = "families"
"""In place of a file's name: the families' own examples were learnt from."""
TOKENIZER_EXAMPLES = 6_000
"""So many examples are enough to learn the tokenizer from; all of them take minutes."""


class MadeFrom(msgspec.Struct, frozen=True, kw_only=True):
    """What a small model was made from."""

    recipe: TinyRecipe
    data: str
    """FAMILIES, or the name of the file that was read."""
    data_sha256: str
    examples: int
    parameters: int
    tokens: float
    """A mean example's, prompt and answer."""
    seconds: float
    """Of training alone, on one thread."""
    final_loss: float
    versions: dict[str, str]


def make_tiny(
    recipe: TinyRecipe,
    out: Path,
    data: str | None = None,
    log: Callable[[str], None] = print,
    every: float = EVERY,
) -> MadeFrom:
    """Train the model of `recipe` into the folder `out`; what was there is replaced.

    The same call after a stop goes on from `OUT.checkpoint`.

    Args:
        data: A dataset to learn from in place of the families' own examples.
        every: Seconds between two checkpoints.

    Raises:
        UserError: The data cannot be read or hold no example, or the folder cannot be written.
    """
    import torch

    chosen = _records(recipe.data, data)
    log(f"{len(chosen)} examples")
    torch.set_num_threads(1)
    texts = (t for r in chosen[:TOKENIZER_EXAMPLES] for t in (r.instruction, r.output))
    tokenizer = train_tokenizer(texts, recipe.shape.vocabulary)
    examples = encoded(tokenizer, chosen, recipe.shape.positions)
    if not examples:
        raise UserError("no example is short enough; raise shape.positions")
    model = new_model(recipe.shape, tokenizer, recipe.course.seed)
    tokens = sum(len(e.ids) for e in examples) / len(examples)
    log(f"{model.num_parameters():,} parameters, {tokens:.0f} tokens an example")
    made_of = hashlib.sha256(msgspec.json.encode(recipe) + digest(chosen).encode()).hexdigest()
    checkpoint = Checkpoint(out.with_name(f"{out.name}.checkpoint"), made_of, every, log)
    done = train(model, examples, recipe.course, log, checkpoint)
    made = MadeFrom(
        recipe=recipe,
        data=Path(data).name if data else FAMILIES,
        data_sha256=digest(chosen),
        examples=len(examples),
        parameters=as_llama(model).num_parameters(),
        tokens=round(tokens, 1),
        seconds=round(done.seconds, 1),
        final_loss=round(sum(done.losses[-20:]) / len(done.losses[-20:]), 4),
        versions=_versions(),
    )
    part = out.with_name(out.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        save_model(model, tokenizer, part)
        (part / MADE_FROM).write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2))
        shutil.rmtree(out, ignore_errors=True)
        part.replace(out)
    except OSError as e:
        raise UserError(f"{out}: cannot write the model ({e.strerror}); "
                        "give another folder by --out") from e
    checkpoint.remove()
    return made


def _records(wanted: TinyData, data: str | None) -> list[Record]:
    if data is None:
        return list(
            records(
                wanted.categories or CATEGORIES,
                wanted.examples,
                wanted.seed,
                wanted.families,
                wanted.defects,
            )
        )
    found = []
    for placed in read_records(data):
        if isinstance(placed, Broken):
            raise UserError(f"{placed.where}: {placed.reason}; mend or remove it")
        found.append(placed.record)
    if not found:
        raise UserError(f"{data}: holds no example")
    return found


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("rtlbench", "torch", "transformers", "tokenizers")}
