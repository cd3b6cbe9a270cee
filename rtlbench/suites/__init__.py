"""Where Specs come from: a file a reader, one registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.spec import Spec
from rtlbench.suites.families import load_suite
from rtlbench.suites.rtllm import read_rtllm


def _own(folder: Path | None) -> tuple[Spec, ...]:
    return load_suite(folder)


SUITES: dict[str, Callable[[Path | None], tuple[Spec, ...]]] = {
    "rtlbench": _own,
    "rtllm": read_rtllm,
}
"""Each reader takes the suite's folder and gives its Specs; None is the suite's own place."""


def read_suite(text: str) -> tuple[Spec, ...]:
    """The Specs of `NAME` or `NAME=FOLDER`.

    Raises:
        UserError: There is no such suite or folder, or its files cannot be read.
    """
    name, _, folder = text.partition("=")
    if name not in SUITES:
        raise UserError(f"no suite {name!r}; there are {', '.join(SUITES)}")
    path = Path(folder) if folder else None
    if path is not None and not path.is_dir():
        raise UserError(f"--suite {text}: {path} is not a folder")
    found = SUITES[name](path)
    if not found:
        raise UserError(f"--suite {text}: {path} holds no specs; give the suite's folder")
    return found
