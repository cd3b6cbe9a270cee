"""One fine-tuning from end to end: records in, a folder with an adapter and its card out.

Guarantee: the same command after a kill goes on from the last whole checkpoint and takes the same
steps; a command that would make another model is refused; nothing stands under the final name
before it is whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.records.tier import DEFAULT_ACCEPT, Tier
from rtlbench.runs.results import utc_now
from rtlbench.training.data import Records, read_data
from rtlbench.training.folder import RunFolder, explained, step_of
from rtlbench.training.model import (
    device,
    fingerprint,
    is_first,
    name_base,
    on_gpu,
    processes,
    use_threads,
    wait_for_all,
)
from rtlbench.training.recipe import Recipe
from rtlbench.training.record import (
    Examples,
    Inputs,
    Loss,
    Result,
    TrainingRun,
    library_versions,
    write_card,
)

DEFAULT_OUT = Path("models/qwen_coder_rtl")
PICKLED = "training_args.bin"


class FineTuneOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for."""

    recipe: Recipe
    data: tuple[str, ...]
    """Paths or URLs of training data."""
    name: str
    accept: Tier = DEFAULT_ACCEPT
    """The least tier that is learnt from."""
    category: str | None = None
    out: Path = DEFAULT_OUT
    restart: bool = False
    """Throw away what an unfinished run of the name left."""
    base_name: str | None = None
    """What the adapter is to call its base; None for the recipe's word."""


def fine_tune(options: FineTuneOptions, say: Callable[[str], None]) -> Path | None:
    """Train, and give the finished folder; None in all processes but the first of several.

    Raises:
        UserError: Input cannot be used, or the machine could not go on; an unfinished run's last
            whole checkpoint is named and stays.
    """
    use_threads(options.recipe)
    records = read_data(options.data, options.category, options.accept)
    folder = RunFolder(options.out, options.name)
    inputs = _inputs(options, records)
    if not is_first():
        wait_for_all()
        return _train(options, records, folder, _fresh(options, inputs), lambda _: None)
    run = folder.open(lambda: _fresh(options, inputs), restart=options.restart)
    try:
        with explained(folder):
            wait_for_all()
            return _train(options, records, folder, run, say)
    finally:
        folder.close()


def _train(
    options: FineTuneOptions,
    records: Records,
    folder: RunFolder,
    run: TrainingRun,
    say: Callable[[str], None],
) -> Path | None:
    from rtlbench.training.model import load_parts
    from rtlbench.training.trainer import Hooks, make_trainer, train

    good = folder.last_good()
    if good is not None:
        run = msgspec.structs.replace(run, resumed_at=(*run.resumed_at, step_of(good)))
        say(f"going on from step {step_of(good)} ({good})")
    parts = load_parts(options.recipe, records, device(options.recipe))
    run = msgspec.structs.replace(run, examples=parts.data.examples)
    say(told_of(parts.data.examples))
    for why in records.useless:
        say(f"left out: {records.named(why)}")
    for note in records.notes:
        say(note)
    say(parts.data.first)
    clock = Clock(folder, run)
    hooks = Hooks(saved=clock.saved, logged=say)
    trainer = make_trainer(options.recipe, parts, folder.checkpoints, hooks)
    train(trainer, good)
    trainer.save_model(str(folder.path))
    wait_for_all()
    if not trainer.is_world_process_zero():
        return None
    (folder.path / PICKLED).unlink(missing_ok=True)
    name_base(folder.path, options.recipe.model.base, options.base_name)
    done = msgspec.structs.replace(
        run,
        status="finished",
        finished=utc_now(),
        seconds=clock.seconds(),
        result=result_of(trainer),
    )
    write_card(folder.path, done)
    return folder.finish(done)


class Clock:
    """Time spent in training, kept with each checkpoint."""

    def __init__(self, folder: RunFolder, run: TrainingRun) -> None:
        self._folder, self._run = folder, run
        self._since = time.monotonic()

    def seconds(self) -> float:
        return round(self._run.seconds + time.monotonic() - self._since, 1)

    def saved(self, step: int) -> None:
        self._folder.seal(step)
        self._folder.write(msgspec.structs.replace(self._run, seconds=self.seconds()))


def _inputs(options: FineTuneOptions, records: Records) -> Inputs:
    return Inputs(
        recipe=options.recipe,
        data=records.files,
        accept=options.accept,
        category=options.category,
        base=fingerprint(options.recipe.model.base, options.recipe.model.revision),
        processes=processes(),
        tools=library_versions(),
    )


def _fresh(options: FineTuneOptions, inputs: Inputs) -> TrainingRun:
    return TrainingRun(
        name=options.name, status="running", started=utc_now(),
        device=device_name(options.recipe), inputs=inputs,
    )


def device_name(recipe: Recipe) -> str:
    """What the model is trained on, for people."""
    import torch

    if on_gpu(recipe):
        return str(torch.cuda.get_device_name(0))
    return f"CPU, {torch.get_num_threads()} threads"


def told_of(e: Examples, noun: str = "examples") -> str:
    """What became of the records, in a line."""
    counts = {"too long": e.too_long, "of other categories": e.other_category,
              "of a lower tier": e.below, "held back": e.held_back, **e.useless}  # fmt: skip
    left = ", ".join(f"{n} {why}" for why, n in counts.items() if n or why == "too long")
    return f"{e.trained} of {e.read} {noun}, {e.tokens} tokens (left out: {left})"


def result_of(trainer: Any) -> Result:
    """How a trainer's run has ended."""
    history = trainer.state.log_history
    if not any("loss" in at for at in history):  # fewer steps than are logged together
        history = [{"loss": at["train_loss"], **at} if "train_loss" in at else at for at in history]
    parameters = list(trainer.model.parameters())
    return Result(
        steps=trainer.state.global_step,
        epochs=round(float(trainer.state.epoch or 0.0), 4),
        losses=_losses(history, "loss"),
        validation=_losses(history, "eval_loss"),
        trainable=sum(p.numel() for p in parameters if p.requires_grad),
        parameters=int(trainer.model.num_parameters()),
    )


def _losses(history: list[dict[str, Any]], word: str) -> tuple[Loss, ...]:
    return tuple(
        Loss(step=int(at["step"]), loss=float(at[word]), learning_rate=at.get("learning_rate"))
        for at in history
        if word in at
    )
