"""Prompts out: what a model would be asked, for whoever asks it by other means."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Request, messages_for, prompt_hash, requests_for
from rtlbench.generate.source import Generation
from rtlbench.generate.wording import Words
from rtlbench.io.atomic import write_whole
from rtlbench.records.spec import Spec

STDOUT = "-"
BATCH = "openai-batch"


class PromptLine(msgspec.Struct, frozen=True, kw_only=True):
    """One task in words."""

    spec_id: str
    name: str
    """As `specs list` prints it."""
    prompt: str
    messages: list[dict[str, str]]
    """The same for a model that chats."""
    prompt_hash: str
    """SHA-256 of `prompt`: an answer may say this instead of the id."""


def write_prompts(  # noqa: PLR0913 - which, where to, and as what
    specs: Sequence[Spec],
    out: str,
    how: str,
    *,
    samples: int,
    asked: Mapping[str, Any],
    suite: Sequence[Spec] = (),
) -> int:
    """Write the prompts of `specs`, and say how many.

    Args:
        how: `jsonl`, `folder`, `openai-batch`, or `auto`, by the name of `out`.
        samples: Requests a task, in a batch.
        asked: Of a model's options, by field, what prompts and a batch say.
        suite: Where examples are taken from; `specs` themselves without it.

    Raises:
        UserError: It cannot be written, or a batch lacks the model's name.
    """
    path = Path(out)
    if how == "auto":
        how = "folder" if out != STDOUT and (path.is_dir() or not path.suffix) else "jsonl"
    if how == BATCH and not asked.get("model"):
        raise UserError(f"--format {BATCH}: name the model that is to answer, by --model")
    meant = Generation(**{"model": "any", **asked})
    words = Words(meant, suite or specs)
    requests = requests_for(specs, samples, meant.sampling_seed, words.conversation)
    if how == "folder":
        return _write_folder(requests, path)
    names = {s.id: s.name for s in specs}
    lines: list[Any] = [_batch(r, meant) for r in requests] if how == BATCH else [
        _line(r, names[r.spec_id]) for r in requests if r.sample == 0
    ]  # fmt: skip
    text = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    if out == STDOUT:
        sys.stdout.write(text.decode())
    else:
        _write(path, text)
    return len(lines)


def _line(request: Request, name: str) -> PromptLine:
    return PromptLine(
        spec_id=request.spec_id,
        name=name,
        prompt=request.prompt,
        messages=messages_for(request.prompt, request.conversation),
        prompt_hash=prompt_hash(request.prompt),
    )


def _batch(request: Request, asked: Generation) -> dict[str, Any]:
    """A line of the input of OpenAI's batch mode; its id is `SPEC_ID#SAMPLE`."""
    return {
        "custom_id": f"{request.spec_id}#{request.sample}",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {
            "model": asked.model.removeprefix("openai:"),
            "messages": messages_for(request.prompt, request.conversation),
            "temperature": asked.temperature,
            "top_p": asked.top_p,
            "max_tokens": asked.max_tokens,
            "seed": request.seed,
        },
    }


def _write_folder(requests: Sequence[Request], folder: Path) -> int:
    firsts = [r for r in requests if r.sample == 0]
    for each in firsts:
        _write(folder / f"{each.spec_id}.txt", each.prompt.encode("utf-8", "surrogatepass"))
    return len(firsts)


def _write(path: Path, text: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as e:
        raise UserError(f"--out {path}: cannot write there ({e.strerror}); choose another") from e
