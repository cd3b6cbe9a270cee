"""Training a small model from nothing on one thread: batches by length, bfloat16, two optimisers.

The first part of the course learns from prompt and answer (what is copied to where shows itself
in both), the rest from the answer alone.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from rtlbench.generate.answer import prompt_ids
from rtlbench.io.progress import waiting
from rtlbench.records.example import Record
from training.tiny.checkpoint import Checkpoint, TrainingProgress
from training.tiny.model import make_fast, make_plain
from training.tiny.muon import BatchedMuon
from training.tiny.recipe import Course

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedTokenizerBase, Qwen2ForCausalLM

IGNORED = -100
POOL = 64
"""Batches whose examples are sorted by length together."""


class Example(msgspec.Struct, frozen=True, gc=False):
    """Tokens of a prompt and its answer, the end token included."""

    ids: tuple[int, ...]
    answer: int
    """Where the answer begins."""


def encoded(
    tokenizer: PreTrainedTokenizerBase, records: Sequence[Record], longest: int
) -> list[Example]:
    """`records` as tokens; those of more than `longest` are left out."""
    found = []
    for record in records:
        prompt = prompt_ids(tokenizer, record.instruction)
        answer = tokenizer(record.output, add_special_tokens=False).input_ids
        ids = (*prompt, *answer, tokenizer.eos_token_id)
        if len(ids) <= longest:
            found.append(Example(ids, len(prompt)))
    return found


def train(
    model: Qwen2ForCausalLM,
    examples: Sequence[Example],
    course: Course,
    log: Callable[[str], None] = print,
    checkpoint: Checkpoint | None = None,
) -> TrainingProgress:
    """Train `model` in place, from where `checkpoint` is."""
    make_fast(model, compiled=course.compiled)
    batches = list(_batches(examples, course))
    optimisers = _optimisers(model, course)
    rates = [[g["lr"] for g in o.param_groups] for o in optimisers]
    parts = {"model": model, **{f"optimiser {k}": o for k, o in enumerate(optimisers)}}
    done = checkpoint.load(parts) if checkpoint is not None else TrainingProgress()
    if done.losses:
        log(f"goes on behind step {len(done.losses)}/{len(batches)}")
    began = time.monotonic() - done.seconds
    model.train()
    for step in _told(range(len(done.losses), len(batches)), len(batches)):
        factor = _factor(step, len(batches), course)
        for optimiser, own in zip(optimisers, rates, strict=True):
            for group, rate in zip(optimiser.param_groups, own, strict=True):
                group["lr"] = rate * factor
        on_prompts = step < course.on_prompts * len(batches)
        done.losses.append(_step(model, optimisers, batches[step], on_prompts=on_prompts))
        done.tokens += sum(len(e.ids) for e in batches[step])
        done.seconds = time.monotonic() - began
        if step % 50 == 49 or step == len(batches) - 1:
            mean = sum(done.losses[-50:]) / len(done.losses[-50:])
            log(f"step {step + 1}/{len(batches)}  loss {mean:.4f}  {done.seconds:.0f} s  "
                f"{done.tokens / done.seconds:.0f} tokens/s")
        if checkpoint is not None:
            checkpoint.keep(parts, done)
    make_plain(model.eval())
    return done


def _told(steps: range, of: int) -> Iterator[int]:
    with waiting("training", "steps", of) as phase:
        for step in steps:
            phase.at(step)
            yield step


def _step(
    model: Qwen2ForCausalLM, optimisers: Sequence[Any], batch: Sequence[Example], *,
    on_prompts: bool,
) -> float:
    import torch

    loss = _loss(model, batch, on_prompts=on_prompts)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimiser in optimisers:
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    return float(loss.detach())


def _batches(examples: Sequence[Example], course: Course) -> Iterator[list[Example]]:
    """Batches of about as many tokens, each of examples of about one length."""
    rng = random.Random(course.seed)
    wanted = round(len(examples) * course.epochs)
    order: list[Example] = []
    while len(order) < wanted:
        order += rng.sample(examples, len(examples))
    mean = sum(len(e.ids) for e in examples) / len(examples)
    pool = max(1, round(POOL * course.batch_tokens / mean))
    for start in range(0, wanted, pool):
        made = list(_cut(sorted(order[start : min(wanted, start + pool)], key=_length), course))
        rng.shuffle(made)
        yield from made


def _length(example: Example) -> int:
    return len(example.ids)


def _cut(ordered: Sequence[Example], course: Course) -> Iterator[list[Example]]:
    batch: list[Example] = []
    for example in ordered:
        if batch and (len(batch) + 1) * len(example.ids) > course.batch_tokens:
            yield batch
            batch = []
        batch.append(example)
    if batch:
        yield batch


def _factor(step: int, steps: int, course: Course) -> float:
    """Of the learning rate: up, level, then down to nothing in a line."""
    done = (step + 1) / steps
    up = min(1.0, done / course.warmup) if course.warmup else 1.0
    down = min(1.0, (1.0 - step / steps) / course.decay) if course.decay else 1.0
    return min(up, down)


def _loss(model: Qwen2ForCausalLM, batch: Sequence[Example], *, on_prompts: bool) -> Tensor:
    """Mean cross entropy; padding stands behind, where causal attention does not see it."""
    import torch
    from torch.nn.functional import cross_entropy

    width = max(len(e.ids) for e in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    labels = torch.full((len(batch), width), IGNORED)
    for row, example in enumerate(batch):
        tokens = torch.tensor(example.ids)
        ids[row, : len(tokens)] = tokens
        start = 1 if on_prompts else example.answer
        labels[row, start - 1 : len(tokens) - 1] = tokens[start:]
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state
        asked = labels != IGNORED
        logits = model.lm_head(hidden[asked])
    return cross_entropy(logits.float(), labels[asked])


def _optimisers(model: Qwen2ForCausalLM, course: Course) -> list[Any]:
    """AdamW, or Muon for the matrices and AdamW for the rest."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "layers" in n]
    rest = [p for n, p in model.named_parameters() if p.ndim != 2 or "layers" not in n]
    if not course.muon:
        return [_adam([*matrices, *rest], course)]
    muon = BatchedMuon(matrices, course.muon_rate, course.weight_decay)
    return [muon, _adam(rest, course)]


def _adam(parameters: list[Any], course: Course) -> Any:
    import torch

    return torch.optim.AdamW(
        parameters,
        lr=course.learning_rate,
        betas=(0.9, 0.95),
        weight_decay=course.weight_decay,
        fused=True,
    )
