"""A reader of a suite, and a folder of families."""

from __future__ import annotations

from pathlib import Path

from rtlbench import Spec, read_suite


def read(folder: Path | None) -> tuple[Spec, ...]:
    """The tasks of a suite; here two of rtlbench's own, where a real reader reads `folder`."""
    wanted = ("updown_w4_sync", "arb_fixed_n4_comb")
    return tuple(s for s in read_suite("rtlbench") if s.id in wanted)


def families() -> Path:
    """The folder with CATEGORY/FAMILY/spec.toml."""
    return Path(__file__).parent / "families"
