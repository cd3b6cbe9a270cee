"""Where Specs come from: a file a reader, one registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite
from rtlbench.suites.rtllm import read_rtllm


def _own(folder: Path | None) -> tuple[Spec, ...]:
    return load_suite(folder)


SUITES: dict[str, Callable[[Path | None], tuple[Spec, ...]]] = {
    "rtlbench": _own,
    "rtllm": read_rtllm,
}
"""Each reader takes the suite's folder and gives its Specs; None is the suite's own place."""
