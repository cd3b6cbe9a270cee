"""A router's file: `routes.py BASE OUT CATEGORY ADAPTER [CATEGORY ADAPTER ...]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rtlbench.io.atomic import write_whole


def write_routes(base: str, out: Path, *routes: str) -> None:
    """Write `out` for `rtlbench bench --model router:OUT`; `routes` are categories, each followed
    by its adapter's folder."""
    pairs = zip(routes[::2], routes[1::2], strict=True)
    lines = [f"base = {_quoted(base)}", "[adapters]",
             *(f"{category} = {_quoted(folder)}" for category, folder in pairs)]  # fmt: skip
    write_whole(out, ("\n".join(lines) + "\n").encode())


def _quoted(text: str) -> str:
    """A basic string of TOML, which JSON's are where no letter is written as two escapes."""
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    write_routes(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
