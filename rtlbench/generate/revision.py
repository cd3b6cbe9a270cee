"""Telling one set of weights from another without reading all of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

WHOLE = 64 << 20
"""Bytes up to which a file counts with all that it holds; of a larger one its ends and its size."""
END = 1 << 20
SUFFIXES = frozenset({".json", ".safetensors", ".bin", ".model", ".txt", ".jinja"})
"""Of what decides a model's answers; a model card may change."""
NOTES = frozenset({"run.json", "tiny.json"})
"""What our own training notes of a run, its time too: the same weights made again are the same."""


def folder_revision(folder: Path) -> str:
    """SHA-256 (hex) over the names, sizes and contents of a model's or an adapter's files.

    Raises:
        OSError: One cannot be read.
    """
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
