"""Many answers from one local model, none of which waits for another: where one ends, the next
request takes its row at once.

Only for models that look at everything before, by keys and values alone; whether one does is seen
by computing a few tokens in both ways (`works_on`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Request, Sampling
from rtlbench.generate.course import Course
from rtlbench.generate.drawing import draws_of, next_tokens
from rtlbench.generate.ending import is_over
from rtlbench.generate.slots import Slots

_TAIL = 24
"""Tokens in which a row's stops are looked for."""
_LIKE = 32
"""Tokens by which prompts may differ that are computed together."""


class Asked(msgspec.Struct, frozen=True):
    """A request, and its prompt as the model reads it."""

    request: Request
    ids: list[int]


class Written(msgspec.Struct, frozen=True):
    """What the model wrote."""

    text: str
    tokens: int
    ended: bool
    """Whether it came to an end, not to its limit."""
    seconds: float = 0.0


class Row:
    """An answer under way."""

    def __init__(self, asked: Asked, limit: int, sampling: Sampling) -> None:
        self.asked, self.limit = asked, limit
        self.ids: list[int] = []
        self.draws = draws_of(asked.request.seed, sampling)
        self.begun = time.monotonic()

    @property
    def draw(self) -> float:
        """What decides on the next token."""
        return self.draws[len(self.ids)] if self.draws else 0.0


class Writer:
    """Writes answers by a model.

    Args:
        ends: Tokens that end an answer.
        room: The model's longest text, in tokens.
        rows: Answers at a time.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own, and has a name
        self, model: Any, tokenizer: Any, *, sampling: Sampling, ends: Sequence[int], room: int,
        rows: int,
    ) -> None:  # fmt: skip
        self._model, self._tokenizer, self._sampling = model, tokenizer, sampling
        self._ends, self._room = frozenset(ends), room
        self.rows_at_most = rows
        """Fewer after memory did not suffice."""
        self._slots = Slots(model)
        self._rows: list[Row] = []
        self._tail = max(_TAIL, 4 + max((len(s) for s in sampling.stop), default=0))

    def write(
        self, every: Sequence[Asked], course: Course | None = None
    ) -> Iterator[tuple[Asked, Written]]:
        """Each answer when it ends, in any order; fewer where the course stops: what is under way
        comes to its end.

        Raises:
            UserError: Memory does not suffice for one answer at a time.
        """
        import torch

        waiting = deque(every)
        try:
            while waiting or self._rows:
                try:
                    with torch.inference_mode():
                        logits = self._next(waiting, course)
                except torch.OutOfMemoryError as e:
                    self._take_back(waiting, e)
                    continue
                if logits is not None:
                    yield from self._ended(logits, course)
                elif not self._rows:
                    return
        finally:
            self._rows.clear()
            self._slots.forget_all()

    def _next(self, waiting: deque[Asked], course: Course | None) -> Any:
        """The logits behind all rows, those that begin here among them; None where nothing is left
        to do."""
        import torch

        logits = self._slots.step([r.ids[-1] for r in self._rows]) if self._rows else None
        if course is not None and course.stopping:
            waiting.clear()
        while waiting and len(self._rows) < self.rows_at_most:
            begun = self._begin(waiting)
            logits = begun if logits is None else torch.cat([logits, begun])
        return logits

    def _begin(self, waiting: deque[Asked]) -> Any:
        """Rows for the next requests, as many of like length as there is room for."""
        first = len(waiting[0].ids)
        group: list[Asked] = []
        while (
            waiting
            and len(self._rows) + len(group) < self.rows_at_most
            and abs(len(waiting[0].ids) - first) <= _LIKE
        ):
            group.append(waiting.popleft())
        at = len(self._rows)
        self._rows += [
            Row(a, min(self._sampling.max_tokens, self._room - len(a.ids)), self._sampling)
            for a in group
        ]
        return self._slots.fill([a.ids for a in group], range(at, at + len(group)))

    def _ended(self, logits: Any, course: Course | None) -> Iterator[tuple[Asked, Written]]:
        """Give each row its next token; those that end by it leave."""
        tokens = next_tokens(logits, [r.draw for r in self._rows], self._sampling)
        if course is not None:
            course.tokens += len(tokens)
        for row, token in zip(self._rows, tokens, strict=True):
            row.ids.append(token)
        for at in reversed(range(len(self._rows))):
            written = self._written(self._rows[at])
            if written is not None:
                row = self._rows[at]
                self._slots.drop(at)
                self._rows[at] = self._rows[-1]
                self._rows.pop()
                yield row.asked, written

    def _written(self, row: Row) -> Written | None:
        """What a row has come to; None while it goes on."""
        seconds = time.monotonic() - row.begun
        count = len(row.ids)
        if row.ids[-1] in self._ends:
            return Written(self._text(row.ids[:-1]), count, ended=True, seconds=seconds)
        tail = self._text(row.ids[-self._tail :])
        stops = [s for s in self._sampling.stop if s in tail]
        if stops or "```" in tail:
            text = self._text(row.ids)
            found = [at for s in stops if (at := text.find(s)) >= 0]
            if found:
                return Written(text[: min(found)], count, ended=True, seconds=seconds)
            if "```" in tail and is_over(text, row.asked.request.top):
                return Written(text, count, ended=True, seconds=seconds)
        if count >= row.limit:
            return Written(self._text(row.ids), count, ended=False, seconds=seconds)
        return None

    def _text(self, ids: list[int]) -> str:
        text: str = self._tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def _take_back(self, waiting: deque[Asked], error: Exception) -> None:
        """Half of the rows begin anew later; their draws are their own, and so the same."""
        if len(self._rows) <= 1:
            raise UserError(
                f"memory does not suffice for one answer of {self._sampling.max_tokens} tokens; "
                "try --max-tokens, or --load-in-4bit"
            ) from error
        self.rows_at_most = max(1, len(self._rows) // 2)
        waiting.extendleft(r.asked for r in reversed(self._rows))
        self._rows.clear()
        self._slots.forget_all()


def works_on(model: Any) -> bool:
    """Whether rows of different lengths come out as they do alone."""
    import torch

    config = model.config
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    if kinds != {"full_attention"} or getattr(config, "is_encoder_decoder", False):
        return False
    ids = [5, 6, 7, 8, 9, 10, 11]
    rows = int(model.get_input_embeddings().weight.shape[0])
    ids = [i % rows for i in ids]
    try:
        slots = Slots(model)
        with torch.inference_mode():
            slots.fill([ids, ids[:3]], [0, 1])
            together = slots.step([ids[0], ids[3]])
            slots.drop(0)
            further = slots.step([ids[4]])
            alone = [model(input_ids=torch.tensor([x], device=model.device)).logits[0, -1]
                     for x in ([*ids, ids[0]], ids[:4], ids[:5])]  # fmt: skip
    except (TypeError, ValueError, AttributeError, RuntimeError, NotImplementedError, KeyError,
            IndexError):  # fmt: skip
        return False
    pairs = zip([*together, *further], alone, strict=True)
    return all(_near(a.float(), b.float(), model.dtype) for a, b in pairs)


def _near(one: Any, other: Any, dtype: Any) -> bool:
    import torch

    share = max(32 * torch.finfo(dtype).eps, 1e-4)
    return bool((one - other).abs().max() <= share * other.abs().max())
