"""TRL's SFTTrainer, set up from a Recipe, with checkpoints that carry a seal.

The loss is taken of answers alone, prompts are context. With packing, several examples share a
sequence and each sees itself alone: their positions begin anew, which the attention heeds.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import torch
from datasets import disable_progress_bars
from peft import LoraConfig
from transformers import TrainerCallback
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.trainer_pt_utils import LengthGroupedSampler
from trl import SFTConfig, SFTTrainer

from rtlbench.generate.arithmetic import computes_bfloat16
from rtlbench.io.progress import Phase, waiting
from rtlbench.training.answers_loss import answers_loss, can_leave_out
from rtlbench.training.folder import check_first_loss, check_loss
from rtlbench.training.model import Parts, is_first, on_gpu, processes, wait_for_all
from rtlbench.training.recipe import Recipe


class Hooks(msgspec.Struct, frozen=True):
    """What a run is told."""

    saved: Callable[[int], None]
    """After the checkpoint of a step is written."""
    logged: Callable[[str], None]
    """A line for people."""


class _ByLength(LengthGroupedSampler):  # type: ignore[misc]
    """Its order is a function of seed and epoch, so that a resumed run goes on as the whole one."""

    def __init__(self, *args: Any, seed: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, generator=torch.Generator())
        self._seed = seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        self.generator.manual_seed(self._seed + epoch)


class _Trainer(SFTTrainer):  # type: ignore[misc]
    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        args, data = self.args, train_dataset or self.train_dataset
        if args.train_sampling_strategy != "group_by_length":
            return super()._get_train_sampler(train_dataset)
        return _ByLength(
            args.train_batch_size * args.gradient_accumulation_steps, data, seed=args.data_seed
        )

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        whole = return_outputs or not model.training or not self.args.use_cpu
        whole = whole or self.aux_loss_enabled  # a router's loss, of experts, is TRL's to add
        if whole or processes() > 1 or not can_leave_out(self.model):
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        return answers_loss(model, inputs, num_items_in_batch)

    def create_model_card(self, *_args: Any, **_kwargs: Any) -> None:
        """Checkpoints get none; the run writes its own."""


class Watch(TrainerCallback):  # type: ignore[misc]
    """Seals checkpoints, tells of losses, and ends a run that has gone wrong."""

    def __init__(self, hooks: Hooks, vocabulary: int) -> None:
        self._hooks, self._vocabulary = hooks, vocabulary

    def on_save(self, _args: Any, state: Any, _control: Any, **_kwargs: Any) -> None:
        wait_for_all()  # each process writes files of its own into a checkpoint
        if state.is_world_process_zero:
            self._hooks.saved(state.global_step)

    def on_log(self, args: Any, state: Any, _control: Any, *, logs: Any, **_kwargs: Any) -> None:
        for word in ("loss", "eval_loss"):
            if word in logs:
                check_loss(state.global_step, float(logs[word]))
                if word == "loss" and state.global_step <= args.logging_steps:
                    check_first_loss(float(logs[word]), self._vocabulary)
                if state.is_world_process_zero:
                    self._hooks.logged(_line(state, word, logs))


class Waiting(TrainerCallback):  # type: ignore[misc]
    """Tells how many steps are done."""

    def __init__(self, phase: Phase) -> None:
        self._phase = phase

    def on_train_begin(self, _args: Any, state: Any, _control: Any, **_kwargs: Any) -> None:
        self._phase.at(state.global_step, state.max_steps)

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_kwargs: Any) -> None:
        self._phase.at(state.global_step, state.max_steps)


def train(trainer: Any, good: Path | None) -> None:
    """Train, from a checkpoint where there is one, and tell how far it is."""
    with waiting("training", "steps", quiet=not is_first()) as phase:
        trainer.add_callback(Waiting(phase))
        trainer.train(resume_from_checkpoint=str(good) if good is not None else None)


def make_trainer(recipe: Recipe, parts: Parts, folder: Path, hooks: Hooks) -> SFTTrainer:
    """The trainer; checkpoints go to `folder`."""
    data = parts.data
    disable_progress_bars()
    with warnings.catch_warnings():
        # The trainer's own defaults are said in words that transformers is giving up.
        warnings.simplefilter("ignore", FutureWarning)
        trainer = _Trainer(
            model=parts.model,
            args=_arguments(recipe, folder, validate=data.validation is not None),
            train_dataset=data.train,
            eval_dataset=data.validation,
            processing_class=parts.tokenizer,
            peft_config=lora_of(recipe),
            callbacks=[Watch(hooks, len(parts.tokenizer))],
        )
    for own in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(own)
    return trainer


def lora_of(recipe: Recipe) -> LoraConfig:
    """The adapter of a recipe."""
    lora = recipe.lora
    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.targets if isinstance(lora.targets, str) else list(lora.targets),
        task_type="CAUSAL_LM",
    )


def _arguments(recipe: Recipe, folder: Path, *, validate: bool) -> SFTConfig:
    return SFTConfig(
        **common_arguments(recipe, folder, validate=validate),
        completion_only_loss=True,
        packing=recipe.data.packing,
        train_sampling_strategy="group_by_length" if recipe.train.group_by_length else "random",
    )


def common_arguments(recipe: Recipe, folder: Path, *, validate: bool) -> dict[str, Any]:
    """What every trainer of ours is told."""
    t = recipe.train
    return {
        "output_dir": str(folder),
        "use_cpu": not on_gpu(recipe),
        "max_length": recipe.data.max_length,
        "learning_rate": t.learning_rate,
        "num_train_epochs": t.epochs,
        "max_steps": t.max_steps or -1,
        "per_device_train_batch_size": t.batch,
        "per_device_eval_batch_size": t.batch,
        "gradient_accumulation_steps": t.accumulation,
        "lr_scheduler_type": t.scheduler,
        "warmup_steps": t.warmup,
        "weight_decay": t.weight_decay,
        "max_grad_norm": t.max_grad_norm,
        "optim": t.optimizer,
        "bf16": computes_bfloat16(on_cpu=not on_gpu(recipe)) if t.bf16 == "native" else t.bf16,
        "gradient_checkpointing": t.gradient_checkpointing,
        "seed": t.seed,
        "data_seed": t.seed,
        "logging_steps": t.logging_steps,
        "logging_nan_inf_filter": False,
        "save_strategy": "steps",
        "save_steps": t.save_steps,
        "save_total_limit": t.save_total_limit,
        "eval_strategy": "steps" if validate else "no",
        "eval_steps": t.save_steps if validate else None,
        "report_to": list(t.report_to) or "none",
        "disable_tqdm": True,
    }


def _line(state: Any, word: str, logs: dict[str, Any]) -> str:
    words = [f"step {state.global_step}/{state.max_steps}", f"{word} {float(logs[word]):.4f}"]
    if "learning_rate" in logs:
        words.append(f"learning rate {logs['learning_rate']:.2e}")
    return "  ".join(words)
