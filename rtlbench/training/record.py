"""run.json of a fine-tuning: what went in, what it ran on, what came out."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import msgspec

import rtlbench
from rtlbench.training.recipe import Recipe

TRAINING_SCHEMA_VERSION = 1
RUN = "run.json"
LIBRARIES = ("torch", "transformers", "peft", "trl", "accelerate", "bitsandbytes", "datasets")


class DataFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of examples."""

    name: str
    sha256: str
    records: int
    least_score: float | None = None
    """Of its records, where the filter has judged all of them."""


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What must be the same for a run to go on: another value makes another model."""

    recipe: Recipe
    data: tuple[DataFile, ...]
    category: str | None = None
    """Where examples of one category alone are learnt."""
    base: str
    """SHA-256 over the base's own files, or the revision on the hub."""
    processes: int = 1
    """That train together: each step takes as many batches."""
    tools: dict[str, str]
    """Version by library."""


class Examples(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the records."""

    read: int
    other_category: int
    too_long: int
    trained: int
    held_back: int
    tokens: int
    """In all examples that are trained on, prompts included."""


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """One logged point."""

    step: int
    loss: float
    learning_rate: float | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    steps: int
    epochs: float
    losses: tuple[Loss, ...]
    """Mean loss a token of the answers, over the steps since the point before."""
    validation: tuple[Loss, ...] = ()
    trainable: int
    """Parameters that were trained."""
    parameters: int
    """All of them, the base's included."""


class TrainingRun(msgspec.Struct, frozen=True, kw_only=True):
    """run.json."""

    name: str
    status: str
    """`running` until the adapter is whole, then `finished`."""
    started: str
    """UTC, ISO 8601."""
    finished: str | None = None
    seconds: float = 0.0
    """Spent in training, over all attempts that wrote a checkpoint."""
    resumed_at: tuple[int, ...] = ()
    """Steps at which a run that was cut short went on."""
    device: str
    inputs: Inputs
    examples: Examples | None = None
    result: Result | None = None
    rtlbench: str = rtlbench.__version__
    schema_version: int = TRAINING_SCHEMA_VERSION


def library_versions() -> dict[str, str]:
    """Python's version and that of each library that has a say in the result."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
