"""Checkpoints in FP8, and what transformers gets wrong of them without a word.

A matrix without its scale is taken as it stands, some hundred times too large. And where there is
no GPU that computes in FP8, matrices are written out; one that is no whole number of blocks then
has its blocks taken for smaller ones, and some rows are scaled by their neighbours' scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError

WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
SCALES = ("weight_scale_inv", "weight_scale", "scale", "qscale_weight")
"""What the scale of `NAME.weight` may be called behind `NAME.`."""


class _Index(msgspec.Struct, frozen=True):
    weight_map: dict[str, str]


class _Stored(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]


def refuse_wrong_scales(
    path: str | Path, revision: str | None, quantisation: Any, *, written_out: bool
) -> None:
    """Make sure that an FP8 checkpoint has a scale to each matrix, and is read with it.

    Args:
        quantisation: What the checkpoint's config says of it, or None.
        written_out: The matrices are no longer in FP8.

    Raises:
        UserError: A scale is missing, or would be misread.
    """
    told = quantisation if isinstance(quantisation, dict) else {}
    if told.get("quant_method") != "fp8":
        return
    stored = {name: at for file in _files(path, revision) for name, at in _header(file)}
    for name, at in stored.items():
        if not at.dtype.startswith("F8_E") or at.dtype == "F8_E8M0" or len(at.shape) < 2:
            continue
        stem = name.removesuffix("weight")
        scale = next(
            (stored[n] for n in (f"{name}_scale_inv", *(stem + s for s in SCALES)) if n in stored),
            None,
        )
        if scale is None:
            raise UserError(
                f"{path}: {name} is in 8 bits and has no scale beside it; give a whole folder"
            )
        block = told.get("weight_block_size")
        if written_out and block and len(scale.shape) >= 2:
            _refuse_uneven(path, name, at.shape[-2:], block)


def _refuse_uneven(path: str | Path, name: str, shape: tuple[int, ...], block: list[int]) -> None:
    if any(size > b and size % b for size, b in zip(shape, block, strict=True)):
        raise UserError(
            f"{path}: {name} ({shape[0]} by {shape[1]}) is no whole number of its 8-bit blocks "
            f"({block[0]} by {block[1]}), and is read right on a GPU with 8-bit arithmetic only; "
            "use one, or give the model unquantised"
        )


def _files(path: str | Path, revision: str | None) -> list[str]:
    """The files of a checkpoint in safetensors; none where it has others."""
    whole = _file(path, WHOLE, revision)
    if whole is not None:
        return [whole]
    index = _file(path, INDEX, revision)
    if index is None:
        return []
    names = set(msgspec.json.decode(Path(index).read_bytes(), type=_Index).weight_map.values())
    return [file for n in sorted(names) if (file := _file(path, n, revision)) is not None]


def _file(path: str | Path, name: str, revision: str | None) -> str | None:
    from transformers.utils.hub import cached_file

    found: str | None = cached_file(
        str(path),
        name,
        revision=revision,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
    )
    return found


def _header(file: str) -> Iterator[tuple[str, _Stored]]:
    from safetensors import safe_open

    with safe_open(file, framework="pt") as opened:
        for name in opened.keys():  # noqa: SIM118 - no mapping
            at = opened.get_slice(name)
            yield name, _Stored(at.get_dtype(), tuple(at.get_shape()))
