"""The targets, by name."""

from __future__ import annotations

from typing import Any

from fuzz.target import Target
from fuzz.targets import extraction, lanes, preparing, reading, renaming, safety, words

TARGETS: dict[str, Target[Any]] = {
    "extraction": extraction.TARGET,
    "reading": reading.TARGET,
    "preparing": preparing.TARGET,
    "safety": safety.TARGET,
    "renaming": renaming.TARGET,
    "lanes": lanes.TARGET,
    "words": words.TARGET,
}
