"""What the nights take on the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from rtlbench.nightly.paths import Paths

NIGHTS, MODELS, ARCHIVES, ASIDE, FREE = "nights", "models", "archives", "set aside", "free"


def disk_use(paths: Paths) -> dict[str, int]:
    """Bytes by kind, each file counted once however many names it has, and how many are free."""
    seen: set[tuple[int, int]] = set()
    sizes = {
        NIGHTS: sum(bytes_of(paths.of(d).own.night, seen) for d in paths.nights()),
        MODELS: bytes_of(paths.models, seen),
        ARCHIVES: bytes_of(paths.archives, seen),
        ASIDE: bytes_of(paths.all_set_aside, seen),
    }
    here = next(f for f in (paths.work, *paths.work.parents) if f.exists())
    return {**sizes, FREE: shutil.disk_usage(here).free}


def bytes_of(folder: Path, seen: set[tuple[int, int]]) -> int:
    """Bytes of the files below `folder`, but those `seen` before, to which they are added."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                found = Path(place, name).lstat()
                if (found.st_dev, found.st_ino) not in seen:
                    seen.add((found.st_dev, found.st_ino))
                    total += found.st_size
    return total


def disk_line(sizes: Mapping[str, int]) -> str:
    """The same for people."""
    return "disk: " + ", ".join(f"{name} {size_text(size)}" for name, size in sizes.items())


def size_text(size: int) -> str:
    """Bytes for people, such as `12 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size //= 1000
    return f"{size} TB"
