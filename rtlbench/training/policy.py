"""TRL's GRPOTrainer, set up from a Recipe, over tasks that are chosen as it goes.

Prompts are the tokens that fine-tuning and generation use. While answers are being written, those
that have ended are already judged.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Any

import msgspec
import torch
from datasets import Dataset, disable_progress_bars
from transformers import StoppingCriteria, StoppingCriteriaList, Trainer
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from trl import GRPOConfig, GRPOTrainer

from rtlbench.generate.answer import prompt_ids
from rtlbench.generate.continuous import works_on
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict
from rtlbench.rewards.functions import Reward, right
from rtlbench.rewards.trl import reward_function
from rtlbench.training.passes import in_passes
from rtlbench.training.recipe import Recipe
from rtlbench.training.tasks import TaskStream
from rtlbench.training.trainer import common_arguments, lora_of
from rtlbench.training.verdicts import EarlyVerdicts
from rtlbench.training.writing import Draw, written

PROMPT = "task"
"""In place of a prompt: which task it is, is decided when its answers are written."""


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy learns from."""

    stream: TaskStream
    verdicts: EarlyVerdicts
    reward: Reward


class _Ended(StoppingCriteria):  # type: ignore[misc]
    """Stops nothing; tells of each row that has just ended."""

    def __init__(
        self, ends: Sequence[int], prompt: int, tell: Callable[[int, list[int]], None]
    ) -> None:
        self._ends, self._prompt, self._tell = torch.tensor(list(ends)), prompt, tell
        self._over: torch.Tensor | None = None

    def __call__(self, input_ids: Any, _scores: Any, **_: Any) -> Any:
        over = torch.isin(input_ids[:, -1], self._ends.to(input_ids.device))
        before = self._over if self._over is not None else torch.zeros_like(over)
        for row in (over & ~before).nonzero().flatten().tolist():
            self._tell(row, input_ids[row, self._prompt :].tolist())
        self._over = over | before
        return torch.zeros_like(over)


class Policy(GRPOTrainer):  # type: ignore[misc]
    """A model that answers tasks of a stream and learns from their Verdicts."""

    def __init__(self, learning: Learning, recipe: Recipe, **parts: Any) -> None:
        self._learning, self._recipe = learning, recipe
        self._specs: list[Spec] = []
        self.generating = 0.0
        """Seconds that the last answers took to be written."""
        self._buffered_inputs: Any = None
        rewarded = reward_function(learning.reward, "verdict", self)
        super().__init__(reward_funcs=[rewarded], **parts)

    def judge_each(self, tasks: Sequence[Any], answers: Sequence[Any]) -> list[Verdict]:
        """The Verdicts of a batch; the stream hears of them, and what was waited is logged."""
        early = self._learning.verdicts
        found = early.judge_each(tasks, answers)
        shares = self._shares(found)
        for task, spec in {s.id: s for s in self._specs}.items():
            if task in shares:
                self._learning.stream.note(spec, shares[task])
        told = {
            "judging/waited": early.waited,
            "judging/early": early.early / len(found),
            "generating/seconds": self.generating,
            "verdict/right": fmean(map(right, found)),
            "verdict/all_io_used": fmean(v.all_io_used is True for v in found),
            "tasks/dropped_families": len(self._learning.stream.dropped()),
        }
        for name, value in told.items():
            self._metrics["train"][name].append(float(value))
        return found

    def _shares(self, found: Sequence[Verdict]) -> dict[str, float]:
        """Share of right answers by task, of those of which the harness could tell."""
        groups: dict[str, list[bool]] = {}
        for spec, verdict in zip(self._specs, found, strict=True):
            if self._learning.reward(verdict) is not None:
                groups.setdefault(spec.id, []).append(right(verdict))
        return {task: fmean(own) for task, own in groups.items()}

    def _generate_and_score_completions(self, inputs: Any) -> Any:
        each = self.num_generations
        tasks = [self._learning.stream.next() for _ in range(len(inputs) // each)]
        self._specs = [spec for spec in tasks for _ in range(each)]
        self._learning.verdicts.begin(tasks)
        rows = [{"prompt": spec.prompt, "spec_id": spec.id} for spec in self._specs]
        return super()._generate_and_score_completions(rows)

    def _tokenize_prompts(self, prompts: Any) -> Any:
        return [prompt_ids(self.processing_class, p) for p in prompts], None, {}

    def _generate_single_turn(self, prompt_ids: Any, *args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        if self._writes_itself:
            answers: Any = self._written(prompt_ids, self._ask), None
        else:
            longest = max(map(len, prompt_ids))
            with _heard(self.model, self.eos_token_ids, longest, self._ask):
                answers = super()._generate_single_turn(prompt_ids, *args, **kwargs)
        self.generating = time.perf_counter() - begun
        return answers

    @cached_property
    def _writes_itself(self) -> bool:
        """Whether answers are written row by row, none of which waits for another."""
        return not self.use_vllm and works_on(self.accelerator.unwrap_model(self.model))

    def _written(
        self, prompts: Sequence[list[int]], tell: Callable[[int, list[int]], None]
    ) -> list[list[int]]:
        model = self.accelerator.unwrap_model(self.model)
        draw = Draw(temperature=self.temperature, limit=self.max_completion_length,
                    ends=frozenset(self.eos_token_ids))  # fmt: skip
        training = model.training
        model.eval()
        answers = written(model, prompts, draw, tell)
        model.train(training)
        return answers

    def _ask(self, row: int, ids: Sequence[int]) -> None:
        self._learning.verdicts.ask([(self._specs[row].id, self._text(ids))])

    def _text(self, ids: Sequence[int]) -> str:
        text: str = self.processing_class.decode(list(ids), skip_special_tokens=True)
        return text

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        each, before = self.args.steps_per_generation, self._buffered_inputs
        inputs = super()._prepare_inputs(generation_batch)
        if self._buffered_inputs is before:
            return inputs
        self._buffered_inputs = in_passes(
            self._buffered_inputs, self.args.gradient_accumulation_steps, keep_all=self.beta != 0
        )
        return self._buffered_inputs[self._step % each]

    def answer(self, specs: Sequence[Spec], seed: int) -> list[str]:
        """An answer to each task, as in training; leaves what is drawn in training as it is."""
        prompts = [prompt_ids(self.processing_class, s.prompt) for s in specs]
        model = self.accelerator.unwrap_model(self.model)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            if self._writes_itself:
                return [self._text(ids) for ids in self._written(prompts, lambda *_: None)]
            return self._answered(model, prompts)

    def _answered(self, model: Any, prompts: Sequence[list[int]]) -> list[str]:
        longest, pad = max(map(len, prompts)), self.processing_class.pad_token_id
        rows = torch.tensor([[pad] * (longest - len(own)) + own for own in prompts])
        mask = torch.tensor([[0] * (longest - len(own)) + [1] * len(own) for own in prompts])
        device, training = self.accelerator.device, model.training
        model.eval()
        with torch.no_grad():
            out = model.generate(
                input_ids=rows.to(device), attention_mask=mask.to(device), do_sample=True,
                max_new_tokens=self.max_completion_length, temperature=self.temperature,
                top_k=0, eos_token_id=self.eos_token_ids, pad_token_id=pad, use_cache=True,
            )  # fmt: skip
        model.train(training)
        return [self._text(ids) for ids in out[:, longest:].tolist()]

    def tell(self, figures: dict[str, float]) -> None:
        """Have the trackers show these beside what a step logs, which stays as it is."""
        due = self.control.should_log
        Trainer.log(self, figures)
        self.control.should_log = due

    def create_model_card(self, *_args: Any, **_kwargs: Any) -> None:
        """Checkpoints get none; the run writes its own."""


@contextmanager
def _heard(
    model: Any, ends: Sequence[int], prompt: int, tell: Callable[[int, list[int]], None]
) -> Iterator[None]:
    """Have `tell` called for each row that ends while `model` writes by its own `generate`."""
    own = model.generate

    def generate(*args: Any, **kwargs: Any) -> Any:
        listening = StoppingCriteriaList([_Ended(ends, prompt, tell)])
        return own(*args, stopping_criteria=listening, **kwargs)

    model.generate = generate
    try:
        yield
    finally:
        del model.generate


def make_policy(
    recipe: Recipe, model: Any, tokenizer: Any, folder: Path, learning: Learning, *callbacks: Any
) -> Policy:
    """The trainer; checkpoints go to `folder`."""
    disable_progress_bars()
    ours = recipe.reinforce
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        policy = Policy(
            learning,
            recipe,
            model=model,
            args=GRPOConfig(**_arguments(recipe, folder)),
            train_dataset=Dataset.from_dict({"prompt": [PROMPT] * ours.tasks}),
            processing_class=tokenizer,
            peft_config=lora_of(recipe) if ours.adapter else None,
            callbacks=list(callbacks),
        )
    for own in (PrinterCallback, ProgressCallback):
        policy.remove_callback(own)
    return policy


def _arguments(recipe: Recipe, folder: Path) -> dict[str, Any]:
    ours = recipe.reinforce
    passes = ours.tasks * ours.answers // recipe.train.batch
    said = common_arguments(recipe, folder, validate=False)
    del said["max_length"]
    return said | {
        "learning_rate": ours.learning_rate,
        "num_generations": ours.answers,
        "steps_per_generation": passes,
        "gradient_accumulation_steps": passes // ours.updates,
        "max_completion_length": ours.max_tokens,
        "temperature": ours.temperature,
        "beta": ours.beta,
        "shuffle_dataset": False,
        "use_vllm": ours.vllm,
        "vllm_mode": "colocate",
        "disable_dropout": True,
    }
