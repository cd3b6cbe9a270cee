"""Pages of docs/ that a measurement writes a part of: between two marks, and which code it was."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def put(page: Path, begin: str, end: str, block: str) -> None:
    """Write `block` between two marks that stand in the page.

    Raises:
        SystemExit: They do not.
    """
    before, mark, rest = page.read_text().partition(f"{begin}\n")
    _, closing, after = rest.partition(f"\n{end}")
    if not mark or not closing:
        raise SystemExit(f"{page}: has no place between {begin} and {end}")
    page.write_text(f"{before}{mark}{block}{closing}{after}")


def commit() -> str:
    """Of the code that is measured; `-dirty` where it is not as committed."""
    asked = ["git", "describe", "--always", "--dirty"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"
