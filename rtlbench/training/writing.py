"""Answers that a model writes while it is trained.

A task's prompt is computed once for all its answers, and an answer that ends leaves: no step is
spent on what is over. What is drawn depends on torch's generator alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import msgspec
import torch

from rtlbench.generate.slots import Slots


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """How answers are drawn."""

    temperature: float
    limit: int
    """Tokens of an answer."""
    ends: frozenset[int]
    """Tokens that end one."""


def written(
    model: Any, prompts: Sequence[Sequence[int]], draw: Draw, tell: Callable[[int, list[int]], None]
) -> list[list[int]]:
    """An answer to each prompt, its end with it; the same prompts in a row are computed once.

    Args:
        model: One that `rtlbench.generate.continuous.works_on`.
        tell: Is told of each answer, by its place, when it has ended.
    """
    answers: list[list[int]] = [[] for _ in prompts]
    slots, places = Slots(model), list(range(len(prompts)))
    with torch.inference_mode():
        logits = _begun(slots, prompts)
        while places:
            shares = (logits.float() / draw.temperature).softmax(-1)
            tokens: list[int] = torch.multinomial(shares, 1)[:, 0].tolist()
            for place, token in zip(places, tokens, strict=True):
                answers[place].append(token)
            for row in reversed(range(len(places))):
                answer = answers[places[row]]
                if answer[-1] in draw.ends or len(answer) >= draw.limit:
                    tell(places[row], answer)
                    slots.drop(row)
                    places[row] = places[-1]
                    places.pop()
            if places:
                logits = slots.step([answers[place][-1] for place in places])
    return answers


def _begun(slots: Slots, prompts: Sequence[Sequence[int]]) -> Any:
    """The logits behind all prompts, which are in `slots` then."""
    groups = [(list(prompt), len(list(same))) for prompt, same in groupby(prompts)]
    each = [slots.fill([prompt], [row]) for row, (prompt, _) in enumerate(groups)]
    counts = [count for _, count in groups]
    slots.repeat(counts)
    return torch.cat(each).repeat_interleave(torch.tensor(counts, device=each[0].device), dim=0)
