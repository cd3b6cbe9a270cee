"""Training on pairs, by TRL's DPOTrainer: an adapter goes on to prefer right answers to the wrong
ones that they have mended; without one, a new one begins where the base is.

What it begins from stays as it is and is the reference; what comes out is one adapter for the same
base. Guarantee, as of rtlbench.training.run: it is whole or absent, and after a kill
the same command goes on from the last whole checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.dataset.files import file_hash
from rtlbench.errors import UserError
from rtlbench.generate.adapters import folder_revision
from rtlbench.runs.results import utc_now
from rtlbench.training.folder import RunFolder, explained, step_of
from rtlbench.training.model import device, fingerprint, name_base, processes
from rtlbench.training.pairs import JudgedPair, PairTokens, pair_tokens, read_pairs
from rtlbench.training.recipe import Recipe
from rtlbench.training.record import (
    RUN,
    DataFile,
    Inputs,
    TrainingRun,
    library_versions,
    read_run,
    write_card,
)
from rtlbench.training.run import PICKLED, Clock, device_name, result_of, told_of


class PreferOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for."""

    recipe: Recipe
    adapter: Path | None = None
    """That it begins from, fine-tuned from the recipe's base; None for the base itself."""
    data: Path
    """Pairs, as the nightly job's pairs.jsonl has them."""
    name: str
    out: Path
    restart: bool = False
    """Throw away what an unfinished run of the name left."""
    base_name: str | None = None
    """What the adapter is to call its base; None for the recipe's word."""


def prefer(options: PreferOptions, say: Callable[[str], None]) -> Path:
    """Train, and give the finished folder.

    Raises:
        UserError: Input cannot be used, or the machine could not go on; an unfinished run's last
            whole checkpoint is named and stays.
    """
    if processes() > 1:
        raise UserError("training on pairs takes one process: start it without a launcher")
    pairs = read_pairs(options.data)
    inputs = _inputs(options, len(pairs))
    folder = RunFolder(options.out, options.name)
    fresh = TrainingRun(name=options.name, status="running", started=utc_now(),
                        device=device_name(options.recipe), inputs=inputs)  # fmt: skip
    run = folder.open(lambda: fresh, restart=options.restart)
    try:
        with explained(folder):
            return _train(options, pairs, folder, run, say)
    finally:
        folder.close()


def _inputs(options: PreferOptions, count: int) -> Inputs:
    base, adapter = options.recipe.model, options.adapter
    if adapter is not None and not (adapter / "adapter_config.json").is_file():
        raise UserError(f"--adapter {adapter}: holds no adapter (adapter_config.json is missing)")
    own = DataFile(name=options.data.name, sha256=file_hash(str(options.data)), records=count)
    before = read_run(adapter).inputs.data if adapter and (adapter / RUN).is_file() else ()
    return Inputs(
        recipe=options.recipe,
        data=(*before, own),
        base=fingerprint(base.base, base.revision),
        adapter=folder_revision(adapter) if adapter else "",
        tools=library_versions(),
    )


def _train(
    options: PreferOptions,
    pairs: list[JudgedPair],
    folder: RunFolder,
    run: TrainingRun,
    say: Callable[[str], None],
) -> Path:
    from rtlbench.training.trainer import Hooks, train

    good = folder.last_good()
    if good is not None:
        run = msgspec.structs.replace(run, resumed_at=(*run.resumed_at, step_of(good)))
        say(f"going on from step {step_of(good)} ({good})")
    parts = _load(options, pairs)
    found = parts.data.examples
    run = msgspec.structs.replace(run, examples=found)
    say(told_of(found, "pairs"))
    clock = Clock(folder, run)
    hooks = Hooks(saved=clock.saved, logged=say)
    trainer = make_trainer(options.recipe, parts, folder.checkpoints, hooks)
    train(trainer, good)
    trainer.model.save_pretrained(str(folder.path), selected_adapters=["default"])
    parts.tokenizer.save_pretrained(str(folder.path))
    (folder.path / PICKLED).unlink(missing_ok=True)
    name_base(folder.path, options.recipe.model.base, options.base_name)
    done = msgspec.structs.replace(
        run, status="finished", finished=utc_now(), seconds=clock.seconds(),
        result=result_of(trainer),
    )  # fmt: skip
    write_card(folder.path, done)
    return folder.finish(done)


class PreferParts(msgspec.Struct, frozen=True, kw_only=True):
    """They fit each other."""

    model: Any
    """The base with the adapter on it, to be trained."""
    tokenizer: Any
    data: PairTokens


def _load(options: PreferOptions, pairs: list[JudgedPair]) -> PreferParts:
    from rtlbench.generate.loading import check_fit, load_model, load_tokenizer

    wanted = options.recipe.model
    tokenizer = load_tokenizer(wanted.base, revision=wanted.revision)
    data = pair_tokens(pairs, tokenizer, options.recipe.data.max_length)
    base: Any = load_model(
        wanted.base, four_bit=wanted.four_bit, device=device(options.recipe),
        revision=wanted.revision, trainable=True,
    )  # fmt: skip
    check_fit(base, tokenizer, wanted.base)
    base.config.use_cache = False
    return PreferParts(model=_adapted(options, base), tokenizer=tokenizer, data=data)


def _adapted(options: PreferOptions, base: Any) -> Any:
    """The base with the adapter on it; a new one changes nothing before it has learnt."""
    from peft import PeftModel, get_peft_model
    from transformers import set_seed

    from rtlbench.training.targets import check_targets
    from rtlbench.training.trainer import lora_of

    recipe, adapter = options.recipe, options.adapter
    if adapter is None:
        check_targets(base, recipe.lora.targets)
        set_seed(recipe.train.seed)
        return get_peft_model(base, lora_of(recipe))
    try:
        return PeftModel.from_pretrained(base, str(adapter), is_trainable=True)
    except (OSError, ValueError, RuntimeError) as e:
        first = (str(e).strip().splitlines() or [type(e).__name__])[0]
        base_name = recipe.model.base
        raise UserError(f"--adapter {adapter}: is no adapter of {base_name} ({first})") from e


def make_trainer(recipe: Recipe, parts: PreferParts, folder: Path, hooks: Any) -> Any:
    """The trainer; checkpoints go to `folder`."""
    from datasets import Dataset, disable_progress_bars
    from transformers.trainer_callback import PrinterCallback, ProgressCallback
    from trl import DPOConfig, DPOTrainer

    from rtlbench.training.trainer import Watch, common_arguments

    class Trainer(DPOTrainer):  # type: ignore[misc]
        def _prepare_dataset(self, dataset: Any, *_args: Any, **_kwargs: Any) -> Any:
            return dataset  # it is tokens already, as fine-tuning has them

        def create_model_card(self, *_args: Any, **_kwargs: Any) -> None:
            """Checkpoints get none; the run writes its own."""

    disable_progress_bars()
    said = common_arguments(recipe, folder, validate=False)
    ours = recipe.preference
    said |= {"learning_rate": ours.learning_rate, "num_train_epochs": ours.epochs}
    trainer = Trainer(
        model=parts.model,
        args=DPOConfig(**said, beta=ours.beta),
        train_dataset=Dataset.from_list(list(parts.data.rows)),
        processing_class=parts.tokenizer,
        callbacks=[Watch(hooks, len(parts.tokenizer))],
    )
    for own in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(own)
    return trainer
