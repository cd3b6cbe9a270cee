"""What a fine-tuning leaves: run.json, and the card that is written from it.

run.json says what went in, what it ran on, what came out.
"""

from __future__ import annotations

import hashlib
import platform
import tomllib
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click
import msgspec

import rtlbench
from rtlbench.errors import UserError
from rtlbench.generate.adapters import folder_revision
from rtlbench.io.atomic import write_whole
from rtlbench.records.tier import DEFAULT_ACCEPT, Tier
from rtlbench.runs.finished import read_run as finished_run
from rtlbench.runs.results import Run, summary_table
from rtlbench.statistics import Difference, Figure
from rtlbench.training.recipe import Recipe

TRAINING_SCHEMA_VERSION = 1
RUN = "run.json"
LIBRARIES = ("torch", "transformers", "peft", "trl", "accelerate", "bitsandbytes", "datasets")
CARD = "README.md"
SHOWN = 12
"""Losses in the table."""


class DataFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of examples."""

    name: str
    sha256: str
    records: int
    least_score: float | None = None
    """Of its records, where the filter has judged all of them."""
    tiers: dict[str, int] = {}
    """Its records by tier; `unjudged` where no filter has judged them."""


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What must be the same for a run to go on: another value makes another model."""

    recipe: Recipe
    data: tuple[DataFile, ...]
    accept: Tier = DEFAULT_ACCEPT
    """The least tier that is learnt from."""
    category: str | None = None
    """Where examples of one category alone are learnt."""
    base: str
    """SHA-256 over the base's own files, or the revision on the hub."""
    adapter: str = ""
    """SHA-256 over the adapter that training on pairs began from; empty where none was."""
    processes: int = 1
    """That train together: each step takes as many batches."""
    tools: dict[str, str]
    """Version by library."""


class Examples(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the records."""

    read: int
    other_category: int
    below: int = 0
    """Of a lower tier than is accepted."""
    useless: dict[str, int] = {}
    """Records that teach nothing, by why: without an answer, without an instruction, refused."""
    too_long: int
    trained: int
    held_back: int
    tokens: int
    """In all examples that are trained on, prompts included."""
    left_out: tuple[str, ...] = ()
    """`example_hash` of each that was chosen and not trained on, being too long or held back."""


def example_hash(instruction: str, output: str) -> str:
    """SHA-256 of an example, hex."""
    text = f"{instruction}\0{output}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()


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


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a model that learns from verdicts does on held-out tasks, at one step."""

    step: int
    tasks: int
    answers: int
    claimed: Figure
    """Share that the reward takes for right."""
    checked: Figure
    """Share that the check takes for right, which is never the reward."""
    io_used: Figure
    syntax: Figure
    gap: float | None
    """The first less the second, mean over tasks."""
    widened: Difference | None = None
    """How much wider the gap is than at the first look."""


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
    looks: tuple[Look, ...] = ()
    """Where the model learnt from verdicts."""
    reinforced: bool = False
    """Whether the model learnt from verdicts, not from examples."""
    rtlbench: str = rtlbench.__version__
    schema_version: int = TRAINING_SCHEMA_VERSION


def library_versions() -> dict[str, str]:
    """Python's version and that of each library that has a say in the result."""
    versions = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def write_card(
    folder: Path,
    run: TrainingRun,
    results: Path | None = None,
    gates: Sequence[str] = (),
) -> Path:
    """Write or replace the card of `run` in `folder`, in one step.

    Args:
        results: A benchmark's results folder, whose figures go in.
        gates: What the gate said of those results, beside each baseline, as text.

    Raises:
        UserError: There are no such results, or another model gave their answers.
    """
    path = folder / CARD
    text = card(run, _results_of(folder, results) if results is not None else None, gates)
    write_whole(path, text.encode())
    return path


def read_run(folder: Path) -> TrainingRun:
    """The run.json of a fine-tuned model.

    Raises:
        UserError: There is none that can be read.
    """
    try:
        return msgspec.json.decode((folder / RUN).read_bytes(), type=TrainingRun)
    except (OSError, msgspec.DecodeError) as e:
        raise UserError(
            f"{folder / RUN}: no fine-tuning's record ({e}); give one of training/sft.py"
        ) from e


def card(run: TrainingRun, results: Run | None = None, gates: Sequence[str] = ()) -> str:
    """The card's text, Markdown with the front matter that model hubs read."""
    parts = [
        _front_matter(run),
        f"# {run.name}",
        _summary(run),
        "## Data\n\n" + _data(run),
        "## Recipe\n\n" + _code(_recipe_text(run)),
        "## Losses\n\n" + _losses(run),
        *(["## Held-out tasks\n\n" + _looks(run)] if run.looks else []),
        "## Benchmark\n\n" + _benchmark(results),
        *("## Gate\n\n" + _code(table) for table in gates),
        "## Made with\n\n" + _tools(run),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(run: TrainingRun) -> str:
    lines = [
        f"base_model: {run.inputs.recipe.model.base}",
        "library_name: peft",
        "tags: [verilog, systemverilog, rtl, lora]",
    ]
    return "\n".join(["---", *lines, "---"])


def _summary(run: TrainingRun) -> str:
    model, lora = run.inputs.recipe.model, run.inputs.recipe.lora
    weights = "4-bit (NF4) weights" if model.four_bit else "unquantised weights"
    whole = run.reinforced and not run.inputs.recipe.reinforce.adapter
    what = "All weights" if whole else f"A LoRA adapter of rank {lora.rank}"
    over = "trained" if whole else f"trained over {weights}"
    by = " on verdicts (GRPO)" if run.reinforced else ""
    words = [f"{what} for `{model.base}` ({run.inputs.base[:12]}), {over}{by}"]
    if run.inputs.category:
        words.append(f", on examples of `{run.inputs.category}` alone")
    if run.result is not None:
        r = run.result
        words.append(
            f": {r.steps} steps, {r.epochs:g} epochs, {r.trainable:,} of {r.parameters:,} "
            f"parameters, {run.seconds:,.0f} s on {run.device}"
        )
    resumed = f" It went on at steps {list(run.resumed_at)}." if run.resumed_at else ""
    return f"{''.join(words)}. Started {run.started}, finished {run.finished}.{resumed}"


def _data(run: TrainingRun) -> str:
    if run.reinforced:
        return "Fresh tasks of the families' training part, drawn by the seed; no examples."
    rows = [[f.name, str(f.records), _tiers(f), f"`{f.sha256}`"] for f in run.inputs.data]
    text = _table(["file", "records", "tiers", "SHA-256"], rows)
    e = run.examples
    if e is None:
        return text
    return (
        f"{text}\n\n{e.trained} examples ({e.tokens:,} tokens) were trained on; left out: "
        f"{e.other_category} of other categories, {e.below} of a lower tier than "
        f"{run.inputs.accept}, {e.too_long} too long, {e.held_back} held back"
        f"{''.join(f', {count} {why}' for why, count in e.useless.items())}."
    )


def _losses(run: TrainingRun) -> str:
    if run.result is None:
        return "None."
    parts = [_loss_table("loss", run.result.losses)]
    if run.result.validation:
        parts.append(_loss_table("loss of what was held back", run.result.validation))
    return "\n\n".join(parts)


def _looks(run: TrainingRun) -> str:
    columns = ["step", "answers", "right by the reward", "right by the check", "all I/O used",
               "gap widened"]  # fmt: skip
    rows = [
        [str(k.step), str(k.answers), *map(_figure, (k.claimed, k.checked, k.io_used)),
         "-" if k.widened is None else f"{k.widened.value:+.3f}"]
        for k in run.looks
    ]  # fmt: skip
    return _table(columns, rows)


def _figure(figure: Figure) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return "-"
    return f"{figure.value:.3f} ({figure.low:.2f} to {figure.high:.2f})"


def _tiers(file: DataFile) -> str:
    return ", ".join(f"{count} {tier}" for tier, count in file.tiers.items()) or "-"


def _loss_table(title: str, losses: tuple[Loss, ...]) -> str:
    every = max(1, -(-len(losses) // SHOWN))
    shown = [*losses[:-1:every], *losses[-1:]]
    return _table(["step", title], [[str(at.step), f"{at.loss:.4f}"] for at in shown])


def _benchmark(results: Run | None) -> str:
    if results is None or results.total is None:
        return "Not measured yet."
    table = summary_table(results.total, results.categories)
    config = results.config
    return (
        f"Suite `{config.suite}` ({config.suite_hash[:12]}), answers `{config.candidates}`, "
        f"rtlbench {results.rtlbench}.\n\n{_code(table)}"
    )


def _results_of(folder: Path, results: Path) -> Run:
    """The figures of answers that the adapter in `folder` gave: its files' hash decides."""
    found = finished_run(results)
    if found.note:
        click.echo(f"note: {found.note}", err=True)
    asked = found.run.config.generator
    if asked is None:
        raise UserError(
            f"{results}: its answers are recorded ones ({found.run.config.candidates}), and "
            f"nothing shows that {folder} gave them; judge it by `rtlbench bench --adapter "
            f"{folder}`"
        )
    if asked.adapter_revision != folder_revision(folder):
        raise UserError(
            f"{results}: its answers are those of {asked.name}, with other files than {folder} "
            f"has; judge it by `rtlbench bench --adapter {folder}`"
        )
    return found.run


def _tools(run: TrainingRun) -> str:
    tools = {"rtlbench": run.rtlbench, **run.inputs.tools}
    return ", ".join(f"{name} {version}" for name, version in tools.items())


def _recipe_text(run: TrainingRun) -> str:
    tables: Mapping[str, Mapping[str, Any]] = msgspec.to_builtins(run.inputs.recipe)
    lines: list[str] = []
    for part, words in tables.items():
        given = [f"{word} = {_toml(v)}" for word, v in words.items() if v is not None]
        lines += [f"[{part}]", *given, ""]
    text = "\n".join(lines).rstrip()
    tomllib.loads(text)
    return text


def _toml(value: Any) -> str:
    # JSON's words for these are TOML's too.
    return msgspec.json.encode(value).decode()


def _code(text: str) -> str:
    return f"```\n{text}\n```"


def _table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
