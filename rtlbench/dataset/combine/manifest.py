"""What is written beside a combined set: the manifest, and a line for each record left out."""

from __future__ import annotations

import msgspec

from rtlbench.dataset.combine.recipe import Recipe

MANIFEST_SCHEMA_VERSION = 2


class Removal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of NAME.removed.jsonl."""

    where: str
    """File and line."""
    reason: str
    """A key of the manifest's `removed`."""
    source: str = ""
    category: str = ""
    like: str = ""
    """What it resembles: file and line of another record, or a suite's member."""
    amount: float | None = None
    """How much, in [0, 1]."""
    detail: str = ""


class InputFile(msgspec.Struct, frozen=True, kw_only=True):
    """One input."""

    name: str
    sha256: str
    """Of the file as it is stored."""
    records: int
    broken: int
    """Lines or rows that were no record; they are left out."""
    unverified: int


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the records of one source or category."""

    records: int = 0
    removed: int = 0
    kept: int = 0
    written: int = 0
    """Those kept, copies counted."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """NAME.manifest.json. It holds no times and no folders: the same inputs give the same file."""

    output: str
    sha256: str
    """Of the output."""
    total: Share
    inputs: list[InputFile]
    recipe: Recipe
    sources: dict[str, Share]
    categories: dict[str, Share]
    removed: dict[str, int]
    """Records left out, by reason, the most frequent first."""
    resembled: dict[str, int]
    """Records left out by the suites' members that they resemble."""
    notes: list[str]
    """What in the recipe had no effect."""
    rtlbench: str
    schema_version: int = MANIFEST_SCHEMA_VERSION
