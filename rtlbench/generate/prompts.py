"""Prompts out: what a model would be asked, for whoever asks it by other means."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Request, messages_for, prompt_hash, requests_for
from rtlbench.generate.source import MODEL_OPTIONS, field
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


def write_prompts(
    specs: Sequence[Spec], out: str, how: str, *, samples: int, asked: Mapping[str, Any]
) -> int:
    """Write the prompts of `specs`, and say how many.

    Args:
        how: `jsonl`, `folder`, `openai-batch`, or `auto`, by the name of `out`.
        samples: Requests a task, in a batch.
        asked: Of a model's options, by field, what a batch says.

    Raises:
        UserError: It cannot be written, or a batch lacks the model's name.
    """
    path = Path(out)
    if how == "auto":
        how = "folder" if out != STDOUT and (path.is_dir() or not path.suffix) else "jsonl"
    if how == "folder":
        return _write_folder(specs, path)
    lines = list(_batch(specs, samples, asked) if how == BATCH else map(_line, specs))
    text = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    if out == STDOUT:
        sys.stdout.write(text.decode())
    else:
        _write(path, text)
    return len(lines)


def _line(spec: Spec) -> PromptLine:
    return PromptLine(
        spec_id=spec.id,
        name=spec.name,
        prompt=spec.prompt,
        messages=messages_for(spec.prompt),
        prompt_hash=prompt_hash(spec.prompt),
    )


def _batch(
    specs: Sequence[Spec], samples: int, asked: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Lines of the input of OpenAI's batch mode; the id of a request is `SPEC_ID#SAMPLE`."""
    model = str(asked.get("model", "")).removeprefix("openai:")
    if not model:
        raise UserError(f"--format {BATCH}: name the model that is to answer, by --model")
    said = {n: asked.get(field(f"--{n}"), MODEL_OPTIONS[f"--{n}"].default)
            for n in ("temperature", "top-p", "max-tokens", "sampling-seed")}  # fmt: skip
    for request in requests_for(specs, samples, said["sampling-seed"]):
        yield {
            "custom_id": f"{request.spec_id}#{request.sample}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": _body(model, request, said),
        }


def _body(model: str, request: Request, said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "model": model,
        "messages": messages_for(request.prompt),
        "temperature": said["temperature"],
        "top_p": said["top-p"],
        "max_tokens": said["max-tokens"],
        "seed": request.seed,
    }


def _write_folder(specs: Sequence[Spec], folder: Path) -> int:
    for spec in specs:
        _write(folder / f"{spec.id}.txt", spec.prompt.encode("utf-8", "surrogatepass"))
    return len(specs)


def _write(path: Path, text: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as e:
        raise UserError(f"--out {path}: cannot write there ({e.strerror}); choose another") from e
