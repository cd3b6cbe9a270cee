"""Rows of different lengths that one model computes together: keys and values of all that each row
holds so far, in a cache whose rows come and go one by one.

A prompt is computed by itself and kept from the row's first column on; then each step adds one
token a row, in the row's own next column. What stands behind is never looked at.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

_ROOM = 128
"""Columns by which the cache grows."""


class Slots:
    """The rows, from the first one on without a gap.

    Args:
        model: A causal model, all of whose layers look at everything before.
    """

    def __init__(self, model: Any) -> None:
        from transformers.cache_utils import Cache

        self._model = model
        self.lengths: list[int] = []
        """Tokens of each row that keys and values are there for."""
        self.filling: list[tuple[int, int]] | None = None
        """While prompts are computed: each one's row and length."""
        self.rows: Any = None
        self.columns: Any = None
        layers: Any = [_layer(self) for _ in range(model.config.num_hidden_layers)]
        self._cache = Cache(layers=layers)
        named = inspect.signature(type(_inner(model)).forward).parameters
        self._name = "cache" if "cache" in named else "past_key_values"

    def fill(self, prompts: Sequence[Sequence[int]], rows: Sequence[int]) -> Any:
        """Compute prompts into rows, old ones or the next; the logits behind each.

        Prompts are to be of like length: they are computed padded to the longest.
        """
        import torch

        longest = max(map(len, prompts))
        padded = [[*p, *[p[-1]] * (longest - len(p))] for p in prompts]
        ends = sorted({len(p) - 1 for p in prompts})
        device = self._model.device
        self.filling = [(row, len(p)) for row, p in zip(rows, prompts, strict=True)]
        try:
            out = self._model(
                input_ids=torch.tensor(padded, device=device),
                position_ids=torch.arange(longest, device=device)[None],
                logits_to_keep=torch.tensor(ends, device=device),
                use_cache=True,
                **{self._name: self._cache},
            )
        finally:
            self.filling = None
        for row, prompt in zip(rows, prompts, strict=True):
            self.lengths[row : row + 1] = [len(prompt)]
        at = torch.tensor([ends.index(len(p) - 1) for p in prompts], device=device)
        return out.logits[torch.arange(len(prompts), device=device), at]

    def step(self, tokens: Sequence[int]) -> Any:
        """Add one token to each row; the logits behind it."""
        import torch

        device = self._model.device
        self.rows = torch.arange(len(tokens), device=device)
        self.columns = torch.tensor(self.lengths, device=device)
        seen = torch.arange(max(self.lengths) + 1, device=device) <= self.columns[:, None]
        out = self._model(
            input_ids=torch.tensor(tokens, device=device)[:, None],
            attention_mask=seen[:, None, None],
            position_ids=self.columns[:, None],
            use_cache=True,
            **{self._name: self._cache},
        )
        self.lengths = [n + 1 for n in self.lengths]
        return out.logits[:, -1]

    def drop(self, row: int) -> None:
        """Forget a row; the last one takes its place."""
        import torch

        last = len(self.lengths) - 1
        if row != last:
            with torch.inference_mode():
                for layer in self._cache.layers:
                    layer.move(last, row, self.lengths[last])
            self.lengths[row] = self.lengths[last]
        self.lengths.pop()

    def repeat(self, counts: Sequence[int]) -> None:
        """Have each row so many times, one after another."""
        import torch

        times = torch.tensor(counts, device=self._model.device)
        for layer in self._cache.layers:
            layer.repeat(times)
        self.lengths = [n for n, count in zip(self.lengths, counts, strict=True)
                        for _ in range(count)]  # fmt: skip

    def forget_all(self) -> None:
        """Give the memory back."""
        self.lengths.clear()
        for layer in self._cache.layers:
            layer.keys = layer.values = None


def _inner(model: Any) -> Any:
    """The model below an adapter."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def _layer(slots: Slots) -> Any:
    """One layer's keys and values."""
    from transformers.cache_utils import CacheLayerMixin

    class Layer(CacheLayerMixin):  # type: ignore[misc]
        is_sliding = False
        keys: Any
        values: Any

        def lazy_initialization(self, key_states: Any, value_states: Any) -> None:
            """Nothing: `_grow` makes what is needed."""

        def update(self, new_keys: Any, new_values: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
            if slots.filling is not None:
                rows, columns = (max(v) for v in zip(*slots.filling, strict=True))
                self._grow(new_keys, new_values, rows + 1, columns)
                for at, (row, length) in enumerate(slots.filling):
                    self.keys[row, :, :length] = new_keys[at, :, :length]
                    self.values[row, :, :length] = new_values[at, :, :length]
                return new_keys, new_values
            count, longest = len(slots.lengths), max(slots.lengths) + 1
            self._grow(new_keys, new_values, count, longest)
            self.keys[slots.rows, :, slots.columns] = new_keys[:, :, 0]
            self.values[slots.rows, :, slots.columns] = new_values[:, :, 0]
            return self.keys[:count, :, :longest], self.values[:count, :, :longest]

        def _grow(self, new_keys: Any, new_values: Any, rows: int, columns: int) -> None:
            self.keys = _grown(self.keys, new_keys, rows, columns)
            self.values = _grown(self.values, new_values, rows, columns)
            self.is_initialized = True

        def repeat(self, times: Any) -> None:
            self.keys = self.keys[: len(times)].repeat_interleave(times, dim=0)
            self.values = self.values[: len(times)].repeat_interleave(times, dim=0)

        def move(self, source: int, row: int, length: int) -> None:
            self.keys[row, :, :length] = self.keys[source, :, :length]
            self.values[row, :, :length] = self.values[source, :, :length]

        def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
            return query_length, 0

        def get_seq_length(self) -> int:
            return 0

        def get_max_length(self) -> int:
            return -1

        get_max_cache_shape = get_max_length

    return Layer()


def _grown(held: Any, new: Any, rows: int, columns: int) -> Any:
    """`held` with at least so many rows and columns; what was in it stays."""
    import torch

    had = (0, 0) if held is None else (held.shape[0], held.shape[2])
    if rows <= had[0] and columns <= had[1]:
        return held
    columns = -(-columns // _ROOM) * _ROOM
    shape = (max(rows, had[0]), new.shape[1], max(columns, had[1]), new.shape[3])
    grown = torch.zeros(shape, dtype=new.dtype, device=new.device)
    if held is not None:
        grown[: had[0], :, : had[1]] = held
    return grown
