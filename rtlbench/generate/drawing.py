"""Which token comes next: one draw of each row's own, among the tokens that top-p leaves.

Tokens stand in the order of their ids, and a row's draw falls on one of them; so a request's draws
depend on its seed alone. Sorting a whole vocabulary would take longer than a small model's step:
the most likely tokens are taken first, and all of them only where these are not enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rtlbench.generate.answer import Sampling

_FIRST = 256
"""Tokens that are looked at first."""


def draws_of(seed: int, sampling: Sampling) -> list[float]:
    """A request's draws, one a token; none for greedy decoding."""
    if sampling.temperature == 0:
        return []
    import torch

    own = torch.Generator().manual_seed(seed)
    drawn: list[float] = torch.rand(sampling.max_tokens, generator=own).tolist()
    return drawn


def next_tokens(logits: Any, draws: Sequence[float], sampling: Sampling) -> list[int]:
    """The next token of each row.

    Args:
        logits: One row of them each.
        draws: One each, in [0, 1); none are looked at for greedy decoding.
    """
    import torch

    if sampling.temperature == 0:
        return [int(t) for t in logits.argmax(-1).tolist()]
    scores = logits.float() / sampling.temperature
    drawn = torch.tensor(draws, dtype=torch.float32, device=scores.device)[:, None]
    if sampling.top_p < 1:
        chosen = _among_likely(scores, drawn, sampling.top_p)
    else:
        chosen = _fallen_on(scores.softmax(-1), drawn)
    return [int(t) for t in chosen[:, 0].tolist()]


def _among_likely(scores: Any, drawn: Any, top_p: float) -> Any:
    """The token on which a draw falls, by row, among the fewest that have `top_p` together."""
    vocabulary = scores.shape[1]
    whole = scores.logsumexp(-1, keepdim=True)
    first = min(_FIRST, vocabulary)
    while True:
        values, ids = scores.topk(first)
        shares = (values - whole).exp()
        before = shares.cumsum(-1) - shares
        if first == vocabulary or bool((before[:, -1] + shares[:, -1] >= top_p).all()):
            break
        first = min(first * 16, vocabulary)
    kept = before < top_p
    ids, order = ids.masked_fill(~kept, vocabulary).sort(-1)
    at = _fallen_on(shares.masked_fill(~kept, 0.0).gather(1, order), drawn)
    return ids.gather(1, at.minimum(kept.sum(-1, keepdim=True) - 1))


def _fallen_on(shares: Any, drawn: Any) -> Any:
    import torch

    sums = shares.cumsum(-1)
    at = torch.searchsorted(sums, drawn * sums[:, -1:], right=True)
    return at.clamp(max=shares.shape[1] - 1)
