"""Answers from a local or hub causal model, many at a time.

What is promised of a seed: the draws of a request depend on its own seed alone, never on what else
is written beside it. Its logits may differ in their last bits with that, so that an answer changes
only where a draw falls between two tokens by less than that: next to never in float32; in 16-bit
types answers can differ with the batch size, the processor and the GPU.

Answers are written as rtlbench.generate.continuous has it; models that it does not work on, those
with windows or with a state of another kind, write in batches, each of which waits for its longest.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate import adapters
from rtlbench.generate.answer import (
    Answer,
    Generator,
    Request,
    Sampling,
    answer_to,
    prompt_ids,
    without_second_copy,
)
from rtlbench.generate.arithmetic import native_type_of
from rtlbench.generate.continuous import Asked, Writer, Written, works_on
from rtlbench.generate.course import Course
from rtlbench.generate.gguf import is_gguf
from rtlbench.generate.loading import (
    check_fit,
    load_model,
    load_tokenizer,
    refuse_missing_folder,
)
from rtlbench.generate.model_kinds import hub_commit, refuse_other_kind
from rtlbench.generate.packed import pack
from rtlbench.generate.source import Generation
from rtlbench.records.candidate import CUT_OFF

if TYPE_CHECKING:
    import torch

WINDOW = 8
"""Batches that are sorted by length together: the first answers of a run must not wait for it."""


class TransformersModel:
    """A causal model in this process.

    Raises:
        UserError: It cannot be loaded, or its tokenizer is another model's.
    """

    def __init__(self, asked: Generation, name: str) -> None:
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        is_here = Path(name).exists()
        path, _, revision = name.partition("@") if not is_here else (name, "", "")
        self.generator = self.describe(asked, name)
        revision = revision if is_here else self.generator.revision
        self.tokenizer: Any = load_tokenizer(path, revision=revision or None)
        self.model: Any = load_model(
            path,
            adapter=asked.adapter,
            four_bit=asked.load_in_4bit,
            dtype=asked.dtype,
            device=asked.device,
            revision=revision or None,
        )
        check_fit(self.model, self.tokenizer, path)
        pack(self.model)
        self._sampling = asked.sampling
        self._batch_size = asked.batch_size
        self._ends = _ends(self.model, self.tokenizer)
        self._room = getattr(self.model.config, "max_position_embeddings", None) or 1 << 30
        self.is_continuous = works_on(self.model)
        """Whether an answer that ends makes room for the next at once."""

    @staticmethod
    def describe(asked: Generation, name: str) -> Generator:
        """Who will answer, by the files of its folder.

        Raises:
            UserError: A folder is missing or holds no model.
        """
        model, revision = _identity(name, "config.json", "model")
        adapter, adapter_revision = None, ""
        if asked.adapter is not None:
            adapter, adapter_revision = _identity(asked.adapter, adapters.CONFIG, "adapter")
            if Path(asked.adapter).is_dir():
                adapters.refuse_other_base(asked.adapter, name)
        return Generator(
            source="transformers",
            model=model,
            revision=revision,
            adapter=adapter,
            adapter_revision=adapter_revision,
            four_bit=asked.load_in_4bit,
            dtype=native_type_of(asked.dtype, asked.device),
        )

    def answers(
        self, requests: Sequence[Request], course: Course | None = None
    ) -> Iterator[Answer]:
        """An Answer to each request, as they end.

        Raises:
            UserError: Memory does not suffice for one answer at a time.
        """
        if not self.is_continuous:
            yield from self._in_batches(requests, course)
            return
        every = [Asked(r, self._ids(r)) for r in requests]
        for asked in every:
            if len(asked.ids) >= self._room:  # no room for a single token of answer
                yield self._answer(asked, Written("", 0, ended=False))
        writer = Writer(
            self.model, self.tokenizer, sampling=self._sampling, ends=self._ends,
            room=self._room, rows=self._batch_size,
        )  # fmt: skip
        for asked, written in writer.write([a for a in every if len(a.ids) < self._room], course):
            yield self._answer(asked, written)

    def _in_batches(
        self, requests: Sequence[Request], course: Course | None
    ) -> Iterator[Answer]:
        span = WINDOW * self._batch_size
        for start in range(0, len(requests), span):
            window = requests[start : start + span]
            asked = [Asked(r, self._ids(r)) for r in window]
            asked.sort(key=lambda a: len(a.ids))
            for at in range(0, len(asked), self._batch_size):
                if course is not None and course.stopping:
                    return
                for answer in self._batch(asked[at : at + self._batch_size]):
                    if course is not None:
                        course.tokens += answer.completion_tokens or 0
                    yield answer

    def _ids(self, request: Request) -> list[int]:
        return prompt_ids(self.tokenizer, request.prompt, request.conversation)

    def _batch(self, batch: Sequence[Asked]) -> Iterator[Answer]:
        """A batch; where memory does not suffice, by halves."""
        import torch

        fitting = [a for a in batch if len(a.ids) < self._room]
        begun = time.monotonic()
        try:
            written = self._write(fitting)
        except torch.OutOfMemoryError as e:
            if len(fitting) == 1:
                raise UserError(
                    f"{self.generator.name}: memory does not suffice for one answer of "
                    f"{self._sampling.max_tokens} tokens; try --max-tokens, or --load-in-4bit"
                ) from e
            self._batch_size = max(1, len(fitting) // 2)
            for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):
                yield from self._batch(half)
            return
        seconds = time.monotonic() - begun
        for asked, text in zip(fitting, written, strict=True):
            yield self._answer(asked, msgspec.structs.replace(text, seconds=seconds))
        for asked in batch:
            if len(asked.ids) >= self._room:  # no room for a single token of answer
                yield self._answer(asked, Written("", 0, ended=False))

    def _write(self, batch: Sequence[Asked]) -> list[Written]:
        import torch
        from transformers import GenerationConfig, LogitsProcessorList

        if not batch:
            return []
        longest = max(len(a.ids) for a in batch)
        limits = [min(self._sampling.max_tokens, self._room - len(a.ids)) for a in batch]
        pad = self._ends[0] if self._ends else 0
        rows = [[pad] * (longest - len(a.ids)) + a.ids for a in batch]
        mask = [[0] * (longest - len(a.ids)) + [1] * len(a.ids) for a in batch]
        device = self.model.device
        config = GenerationConfig(
            max_new_tokens=max(limits),
            do_sample=False,
            eos_token_id=self._ends or None,
            pad_token_id=pad,
            stop_strings=list(self._sampling.stop) or None,
        )
        self.model.generation_config = config  # nothing of a checkpoint's own taste
        draws = _draws([a.request.seed for a in batch], self._sampling, device)
        with torch.inference_mode():
            out = self.model.generate(
                input_ids=torch.tensor(rows, device=device),
                attention_mask=torch.tensor(mask, device=device),
                generation_config=config,
                logits_processor=LogitsProcessorList(draws),
                tokenizer=self.tokenizer if self._sampling.stop else None,
            )
        new = [row[longest:][:limit] for row, limit in zip(out.tolist(), limits, strict=True)]
        return [self._written(ids) for ids in new]

    def _written(self, ids: list[int]) -> Written:
        end = next((k for k, token in enumerate(ids) if token in self._ends), len(ids))
        text = self.tokenizer.decode(
            ids[:end], skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        stops = [at for stop in self._sampling.stop if (at := text.find(stop)) >= 0]
        if stops:
            return Written(text[: min(stops)], len(ids), ended=True)
        return Written(text, min(end + 1, len(ids)), ended=end < len(ids))

    def _answer(self, asked: Asked, written: Written) -> Answer:
        text = written.text
        if not self.tokenizer.chat_template:
            text = without_second_copy(text, asked.request.top)
        return answer_to(
            asked.request,
            text,
            self.generator,
            self._sampling,
            finish_reason="stop" if written.ended else CUT_OFF,
            prompt_tokens=len(asked.ids),
            completion_tokens=written.tokens,
            seconds=round(written.seconds, 3),
            adapter=self.generator.adapter,
        )


def _identity(name: str, needs: str, what: str) -> tuple[str, str]:
    """What a model or adapter is called, and its revision."""
    folder = Path(name)
    refuse_other_kind(name, what)
    refuse_missing_folder(name, what)
    if not folder.exists():
        called, _, revision = name.partition("@")
        return called, hub_commit(called, needs, revision)
    if not is_gguf(folder) and not (folder / needs).is_file():
        raise UserError(f"{name}: holds no {what} ({needs} is missing); give the {what}'s folder")
    try:
        return folder.resolve().name, adapters.folder_revision(folder)
    except OSError as e:
        raise UserError(f"{name}: cannot read the {what} ({e.strerror})") from e


def _ends(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end an answer: the checkpoint's and the tokenizer's."""
    own = model.generation_config.eos_token_id
    ends = list(own) if isinstance(own, list | tuple) else [own]
    return list(dict.fromkeys(e for e in [*ends, tokenizer.eos_token_id] if e is not None))


def _draws(seeds: Sequence[int], sampling: Sampling, device: Any) -> list[Any]:
    """What chooses the tokens: nothing for greedy decoding."""
    if sampling.temperature == 0:
        return []
    import torch
    from transformers import LogitsProcessor, TemperatureLogitsWarper, TopPLogitsWarper

    own = (torch.Generator().manual_seed(seed) for seed in seeds)
    uniform = torch.stack([torch.rand(sampling.max_tokens, generator=g) for g in own]).to(device)

    class Draw(LogitsProcessor):  # type: ignore[misc]
        """Leaves of each row the one token that the row's own draw falls on."""

        def __init__(self) -> None:
            self.step = 0

        def __call__(
            self, _input_ids: torch.LongTensor, scores: torch.FloatTensor
        ) -> torch.FloatTensor:
            share = scores.float().softmax(-1).cumsum(-1)
            point = uniform[:, self.step : self.step + 1] * share[:, -1:]
            token = torch.searchsorted(share, point, right=True).clamp(max=share.shape[1] - 1)
            self.step += 1
            return torch.full_like(scores, -torch.inf).scatter(1, token, 0.0)

    top_p = [TopPLogitsWarper(sampling.top_p)] if sampling.top_p < 1 else []
    return [TemperatureLogitsWarper(float(sampling.temperature)), *top_p, Draw()]
