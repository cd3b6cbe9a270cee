"""The card of a small model: what it is, what it was made from, what the benchmark says of it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.adapters import folder_revision
from rtlbench.runs.finished import read_run
from rtlbench.runs.results import Run, summary_table
from training.tiny.data import CATEGORIES
from training.tiny.run import MADE_FROM, MadeFrom

CARD = "README.md"
_Kind = TypeVar("_Kind")
_LIMITS = """\
It knows the families of these categories, their own words for a task and nothing else: another
wording, another kind of circuit or another language gives confident nonsense. It is here so that
a benchmark run has real answers to judge, and as a base for small experiments in training. Its
examples were drawn from the part of the families' parameter spaces that the benchmark never draws
from; the benchmark's members are new to it, their families are not. Examples are goldens as
rendered: none of them was simulated for this."""


def write_card(folder: Path, results: Path | None) -> Path:
    """Write the card of the model in `folder`, with the figures of a results folder if given.

    Raises:
        UserError: The folder holds no such model, or `results` no results.
    """
    made = _read(folder / MADE_FROM, MadeFrom, "give a folder that training/tiny/train.py wrote")
    run = None
    if results is not None:
        run = _results_of(folder, results)
    path = folder / CARD
    path.write_text(card(made, run), encoding="utf-8")
    return path


def card(made: MadeFrom, results: Run | None) -> str:
    """The card's text: Markdown with the front matter that model hubs read."""
    recipe = made.recipe
    shape, course = recipe.shape, recipe.course
    categories = ", ".join(f"`{c}`" for c in recipe.data.categories or CATEGORIES)
    noise = ""
    if recipe.data.defects:
        noise = f" {recipe.data.defects:.0%} of the answers were given a defect on purpose."
    parts = [
        "---\nlicense: apache-2.0\nlibrary_name: transformers\n"
        "tags: [verilog, systemverilog, rtl]\n---",
        f"# {recipe.name}",
        f"A Llama of {made.parameters:,} parameters (hidden {shape.hidden}, {shape.layers} layers, "
        f"vocabulary {shape.vocabulary}) that was trained from nothing to answer tasks of "
        f"{categories} with SystemVerilog. Weights are in half precision.",
        _LIMITS,
        f"## Data\n\n{made.examples:,} examples of {made.tokens:.0f} tokens on average, from "
        f"{made.data} (seed {recipe.data.seed}); SHA-256 of instructions and answers "
        f"`{made.data_sha256}`.{noise} The tokenizer was learnt from them too.",
        f"## Training\n\n{course.epochs:g} epochs in batches of {course.batch_tokens:,} tokens, "
        f"Muon for the matrices and AdamW for the rest, bfloat16, {made.seconds / 60:.0f} minutes "
        f"on one thread of a CPU; last loss {made.final_loss} nats a token of the answer. "
        "What it was made from stands in `tiny.json`.",
        f"## Benchmark\n\n{_figures(results)}",
        "## Made with\n\n" + ", ".join(f"{n} {v}" for n, v in made.versions.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _results_of(folder: Path, results: Path) -> Run:
    """The figures of answers that the model in `folder` gave: its files' hash decides."""
    run = read_run(results).run
    asked = run.config.generator
    if asked is None or asked.adapter is not None or asked.revision != folder_revision(folder):
        raise UserError(
            f"{results}: not {folder} gave its answers; judge it by `rtlbench bench --model "
            f"{folder}`"
        )
    return run


def _figures(results: Run | None) -> str:
    if results is None or results.total is None:
        return "Not measured yet."
    sampling = results.config.sampling
    how = "recorded answers"
    if sampling is not None:
        how = f"sampled at temperature {sampling.temperature:g}, top-p {sampling.top_p:g}"
    table = summary_table(results.total, results.categories)
    return (
        f"Suite `{results.config.suite}` ({results.config.suite_hash[:12]}), its frozen members, "
        f"{how}:\n\n```\n{table}\n```"
    )


def _read(path: Path, kind: type[_Kind], remedy: str) -> _Kind:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as e:
        raise UserError(f"{path}: cannot be read ({e}); {remedy}") from e
