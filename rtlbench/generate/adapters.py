"""Putting an adapter on the model that it was made for, whole; and telling one set of weights from
another.

PEFT loads what fits and warns of the rest: an adapter none of whose weights fit would leave the
base's answers under the adapter's name. Here that is refused, and so is one of another base.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.fitting import misfit_of
from rtlbench.generate.gguf import is_gguf, revision_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CONFIG = "adapter_config.json"
RUN = "run.json"
_SNAPSHOT = re.compile(r"models--[^/]*?--([^/]+)/snapshots/")
"""Where the hub's cache keeps a model, by its name."""
WHOLE = 64 << 20
"""Bytes up to which a file counts with all that it holds; of a larger one its ends and its size."""
END = 1 << 20
SUFFIXES = frozenset({".json", ".safetensors", ".bin", ".model", ".txt", ".jinja"})
"""Of what decides a model's answers; a model card may change."""
NOTES = frozenset({"run.json", "tiny.json"})
"""What our own training notes of a run, its time too: the same weights made again are the same."""


def put_on(model: PreTrainedModel, adapter: str | Path, *, trainable: bool) -> Any:
    """`model` with the adapter on it.

    Raises:
        UserError: A weight of the adapter is missing, or has no place in the model.
    """
    from peft import PeftModel

    tuned = PeftModel.from_pretrained(model, str(adapter), is_trainable=trainable)
    name = tuned.active_adapter
    refuse_misfit(tuned.load_adapter(str(adapter), name, is_trainable=trainable), adapter)
    return tuned


def refuse_misfit(loaded: Any, adapter: str | Path) -> None:
    """Make sure that all of an adapter was loaded.

    Args:
        loaded: What PEFT's `load_adapter` tells.

    Raises:
        UserError: It was not.
    """
    if misfit := misfit_of(loaded.missing_keys, loaded.unexpected_keys):
        raise UserError(
            f"{adapter}: the adapter does not fit the model: it {misfit}; give the adapter's own "
            "base by --model"
        )


def refuse_other_base(adapter: str | Path, base: str | Path) -> None:
    """Make sure that an adapter was made for `base`, as far as its folder tells.

    What its training noted of the base's weights decides; else the folder that it names, where it
    is there; else the name.

    Raises:
        UserError: It was made for another.
    """
    named, noted = _named_base(adapter), _noted_base(Path(adapter))
    mine = folder_revision(Path(base)) if Path(base).exists() else ""
    if noted and mine:
        if noted != mine:
            raise UserError(
                f"{adapter}: the adapter was trained on another model than {base}"
                f"{f' ({named})' if named else ''}; give that one by --model"
            )
        return
    if not named or _is_same(named, base, mine):
        return
    raise UserError(
        f"{adapter}: the adapter was made for {named}, not for {base}; give that one by --model, "
        f"or, where they are the same, set base_model_name_or_path in its {CONFIG} to {base}"
    )


def _is_same(named: str, base: str | Path, mine: str) -> bool:
    folder = Path(named)
    if mine and is_gguf(folder) and folder.is_file():
        return folder_revision(folder) == mine
    if mine and folder.is_dir() and (folder / "config.json").is_file():
        return folder.samefile(base) or folder_revision(folder) == mine
    return _last(named) == _last(base)


def _last(name: str | Path) -> str:
    """What a model is called, wherever it lies."""
    whole = str(Path(name).resolve()) if Path(name).is_dir() else str(name)
    cached = _SNAPSHOT.search(whole)
    called = cached[1] if cached else whole.rstrip("/").rpartition("/")[2]
    return called.partition("@")[0].casefold()


def _named_base(adapter: str | Path) -> str:
    if (Path(adapter) / CONFIG).is_file():
        try:
            config = msgspec.json.decode((Path(adapter) / CONFIG).read_bytes())
        except (OSError, msgspec.DecodeError) as e:
            raise UserError(f"{adapter}: cannot read the adapter's {CONFIG} ({e})") from e
        named = config.get("base_model_name_or_path") if isinstance(config, dict) else None
    else:
        from peft import PeftConfig

        named = PeftConfig.from_pretrained(str(adapter)).base_model_name_or_path
    return named if isinstance(named, str) else ""


class _Inputs(msgspec.Struct, frozen=True):
    base: str


class _Trained(msgspec.Struct, frozen=True):
    """What an adapter's run.json says of the model below it."""

    inputs: _Inputs


def _noted_base(adapter: Path) -> str:
    """The revision of the local folder that our own training started from; empty for none."""
    try:
        noted = msgspec.json.decode((adapter / RUN).read_bytes(), type=_Trained).inputs.base
    except (OSError, msgspec.DecodeError):
        return ""
    return noted if re.fullmatch(r"[0-9a-f]{64}", noted) else ""


def folder_revision(folder: Path) -> str:
    """SHA-256 (hex) over the names, sizes and contents of a model's or an adapter's files; of a
    GGUF file its own.

    Raises:
        OSError: One cannot be read.
    """
    if is_gguf(folder) and folder.is_file():
        return revision_of(folder)
    total = hashlib.sha256()
    counting = (p for p in folder.iterdir() if p.suffix in SUFFIXES and p.name not in NOTES)
    for path in sorted(p for p in counting if p.is_file()):
        size = path.stat().st_size
        total.update(f"{path.name}\0{size}\0".encode())
        with path.open("rb") as file:
            if size <= WHOLE:
                total.update(hashlib.file_digest(file, "sha256").digest())
            else:
                total.update(file.read(END))
                file.seek(-END, 2)
                total.update(file.read(END))
    return total.hexdigest()
