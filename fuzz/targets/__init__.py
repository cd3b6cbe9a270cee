"""The targets, by name."""

from __future__ import annotations

from typing import Any

from fuzz.target import Target
from fuzz.targets import (
    changed,
    changed_set,
    dataset,
    extraction,
    lanes,
    preparing,
    reading,
    renaming,
    results,
    safety,
    styles,
    words,
)

TARGETS: dict[str, Target[Any]] = {
    "extraction": extraction.TARGET,
    "reading": reading.TARGET,
    "dataset": dataset.TARGET,
    "preparing": preparing.TARGET,
    "safety": safety.TARGET,
    "renaming": renaming.TARGET,
    "lanes": lanes.TARGET,
    "results": results.TARGET,
    "changed": changed.TARGET,
    "changed-set": changed_set.TARGET,
    "styles": styles.TARGET,
    "words": words.TARGET,
}
