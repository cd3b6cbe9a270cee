"""The answers of a step in passes that compute no more than what teaches.

Answers of like lengths share a pass, whose columns end where the longest of them does, and those
whose advantage is nothing, as where all of a task's answers are worth the same, are left out. The
step's gradient is the same, but for the order of sums: each answer's part of it is its own, and
what it is divided by (`num_items_in_batch`) counts all answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

Pass = dict[str, Any]
"""Of GRPOTrainer: tensors with a row an answer; prompts end at their last column, answers begin at
their first one."""


def in_passes(passes: Sequence[Pass], a_step: int, *, keep_all: bool) -> list[Pass]:
    """The same passes, each step's answers told apart by length.

    Args:
        a_step: Passes a step.
        keep_all: Whether an answer without an advantage teaches, too.
    """
    found: list[Pass] = []
    for start in range(0, len(passes), a_step):
        found += _of_a_step(_joined(passes[start : start + a_step]), a_step, keep_all=keep_all)
    return found


def _of_a_step(every: Pass, count: int, *, keep_all: bool) -> list[Pass]:
    lengths = every["prompt_mask"].sum(1) + every["completion_mask"].sum(1)
    order = lengths.argsort(stable=True)
    if not keep_all:
        teaches = every["advantages"][order] != 0
        order = torch.cat([order[teaches], order[~teaches][: max(0, count - int(teaches.sum()))]])
        order = order[lengths[order].argsort(stable=True)]
    return [_trimmed(_rows(every, own)) for own in order.tensor_split(count)]


def _joined(passes: Sequence[Pass]) -> Pass:
    return {
        name: torch.cat([p[name] for p in passes]) if _has_rows(value) else value
        for name, value in passes[0].items()
    }


def _rows(every: Pass, own: torch.Tensor) -> Pass:
    return {name: v[own] if _has_rows(v) else v for name, v in every.items()}


def _has_rows(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.dim() > 0


def _trimmed(one: Pass) -> Pass:
    """Without the columns that no row uses."""
    prompt = max(1, int(one["prompt_mask"].sum(1).max()))
    answer = max(1, int(one["completion_mask"].sum(1).max()))
    wide = one["completion_ids"].shape[1]
    return {
        name: value[:, -prompt:] if name in ("prompt_ids", "prompt_mask")
        else value[:, :answer] if _has_rows(value) and value.shape[1:2] == (wide,)
        else value
        for name, value in one.items()
    }  # fmt: skip
