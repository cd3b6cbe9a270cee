"""Which model a run starts from, said so that another is not taken for it."""

from __future__ import annotations

from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.generate.loading import refuse_missing_folder
from rtlbench.generate.revision import folder_revision


def fingerprint(base: str, revision: str | None = None) -> str:
    """A local folder's SHA-256, or the revision that a model has on the hub.

    Raises:
        UserError: There is no such model.
    """
    folder = Path(base)
    refuse_missing_folder(base, "model")
    if not folder.is_dir():
        return _on_hub(base, revision)
    try:
        return folder_revision(folder)
    except OSError as e:
        raise UserError(f"{base}: cannot read the model ({e.strerror}); set model.base") from e


def _on_hub(base: str, revision: str | None) -> str:
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(base, revision=revision, trust_remote_code=False)
    except (OSError, ValueError) as e:
        first = (str(e).strip().splitlines() or [type(e).__name__])[0]
        raise UserError(
            f"{base}: no folder, and not to be had from the hub ({first}); set model.base"
        ) from e
    return str(getattr(config, "_commit_hash", None) or revision or "unknown")
