"""Models in one GGUF file, as llama.cpp has them: weights, configuration, tokenizer, chat template.

transformers computes with such a file's numbers written out; that they are stored in few bits
shows in their values alone. Where the output's matrix is the embeddings once more, stored in other
bits, the model has it once, in the finer ones, as it was trained.
"""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from functools import lru_cache
from pathlib import Path
from typing import Any

from rtlbench.errors import UserError
from rtlbench.generate.gguf_header import Header, read_header

SUFFIX = ".gguf"
_ALIKE = 0.25
"""How far two copies of one matrix may lie apart, as a share of its norm: 0.05 where one has five
bits, 0.1 with four. Two matrices lie some 1.4 apart."""
_ROWS = 4096
"""Rows that are compared, spread over all."""
_SCALED = "rope.scaling.type"
_TAKES_ALL = "llama.cpp computes with all of it: --model-engine llama.cpp"


def is_gguf(path: str | Path) -> bool:
    """Whether `path` names such a file, there or not."""
    return Path(path).suffix == SUFFIX


def place(path: str | Path) -> tuple[str, dict[str, Any]]:
    """What `from_pretrained` of transformers is to be called with: a folder or a hub name, and what
    else a GGUF file takes."""
    if not is_gguf(path):
        return str(path), {}
    return str(Path(path).parent), {"gguf_file": Path(path).name}


def header_of(path: str | Path) -> Header:
    """What a GGUF file says of itself.

    Raises:
        UserError: It is not there, is none, or is a part of a model.
    """
    file = Path(path)
    if not file.is_file():
        raise UserError(f"{path}: there is no such file; give a GGUF file, or a model's folder")
    try:
        header = read_header(file)
    except OSError as e:
        raise UserError(f"{path}: cannot read the model ({e.strerror or e})") from e
    except ValueError as e:
        raise UserError(f"{path}: cannot read the model ({e}); fetch the file again") from e
    if header.words.get("split.count", 1) > 1:
        raise UserError(
            f"{path}: a part of a model; put the parts together by llama.cpp's "
            "llama-gguf-split --merge"
        )
    return header


def revision_of(path: Path) -> str:
    """SHA-256 (hex) of a whole GGUF file, as `sha256sum` has it.

    Raises:
        OSError: It cannot be read.
    """
    now = path.stat()
    return _sum(path.resolve(), now.st_size, now.st_mtime_ns)


@lru_cache(maxsize=16)
def _sum(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def written_out(four_bit: bool, path: str | Path) -> dict[str, Any]:
    """What loads the weights as plain numbers, not packed.

    Raises:
        UserError: They are asked for in 4 bits of another kind.
    """
    if four_bit:
        raise UserError(
            f"{path}: --load-in-4bit is for a model's folder; make one of the file by "
            f"rtlbench unpack {path} --out FOLDER"
        )
    from transformers import GgufConfig

    config: Any = GgufConfig
    return {"quantization_config": config(dequantize=True)}


def finish(model: Any, path: str | Path) -> None:
    """Have a model that was read from a GGUF file be like one from a folder: embeddings and output
    tied where they are one matrix, and no word of a quantisation that is gone.

    Raises:
        UserError: Some of the file is not in it.
    """
    _refuse_loss(model, header_of(path), path)
    for config in (model.config, model.generation_config):
        if hasattr(config, "quantization_config"):
            del config.quantization_config
    inner, outer = model.get_input_embeddings(), model.get_output_embeddings()
    if outer is None or inner.weight is outer.weight or not _are_alike(inner.weight, outer.weight):
        return
    inner.weight = outer.weight
    model.config.tie_word_embeddings = True
    model.tie_weights()


def _refuse_loss(model: Any, header: Header, path: str | Path) -> None:
    """A library passes over tensors that it has no place for, and words that it does not know."""
    there, taken = sum(header.tensors.values()), sum(p.numel() for p in model.parameters())
    if there != taken:
        odd = ", ".join(n for n in header.tensors if n.startswith("rope_")) or "some tensors"
        raise UserError(
            f"{path}: transformers takes {taken:,} of the file's {there:,} numbers and passes over "
            f"{odd}; {_TAKES_ALL}"
        )
    scaled = header.words.get(f"{header.architecture}.{_SCALED}", "none")
    known = getattr(model.config, "rope_parameters", None) or {}
    if scaled not in ("none", known.get("rope_type")):
        raise UserError(
            f"{path}: transformers does not read its positions' scaling ({scaled}) from the file; "
            f"{_TAKES_ALL}"
        )


def _are_alike(one: Any, other: Any) -> bool:
    if one.shape != other.shape or one.is_meta or other.is_meta:
        return False
    step = max(1, one.shape[0] // _ROWS)
    a, b = one[::step].float(), other[::step].float()
    return bool((a - b).norm() < _ALIKE * b.norm())


@contextmanager
def without_bars(path: str | Path) -> Iterator[None]:
    """Within, nothing is told of how far reading such a file is."""
    if not is_gguf(path):
        yield
        return
    with redirect_stderr(io.StringIO()):
        yield


def unpacked(path: str | Path, out: str | Path, dtype: str) -> None:
    """Write a GGUF file's model and tokenizer as a folder, whole or not at all.

    Raises:
        UserError: The file cannot be loaded, or the folder cannot be written, or holds something.
    """
    from rtlbench.generate.loading import load_model, load_tokenizer

    folder = Path(out)
    if not is_gguf(path):
        raise UserError(f"{path}: no GGUF file by its name")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{out}: holds something already; choose another folder")
    header_of(path)
    tokenizer: Any = load_tokenizer(path)
    model: Any = load_model(path, dtype=dtype, device="cpu")
    part = folder.with_name(f"{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.parent.mkdir(parents=True, exist_ok=True)
        with without_bars(path):
            model.save_pretrained(part)
        tokenizer.save_pretrained(part)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    except OSError as e:
        raise UserError(f"{out}: cannot be written ({e.strerror or e})") from e
