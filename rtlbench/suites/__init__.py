"""Where Specs come from: a file a reader, one registry."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

import msgspec

from rtlbench.errors import UserError
from rtlbench.extensions import found, load
from rtlbench.records.spec import Spec
from rtlbench.suites.cvdp import problem_files as cvdp_files
from rtlbench.suites.cvdp import read_cvdp
from rtlbench.suites.exercises import SUITE as EXERCISES
from rtlbench.suites.exercises import read_exercises
from rtlbench.suites.families import load_suite
from rtlbench.suites.rtllm import DESCRIPTION, read_rtllm
from rtlbench.suites.verilog_eval import problems_below, read_verilog_eval
from rtlbench.suites.verilog_eval_v1 import problem_files, read_verilog_eval_v1

Reader: TypeAlias = Callable[[Path | None], tuple[Spec, ...]]


def _own(folder: Path | None) -> tuple[Spec, ...]:
    return load_suite(folder)


SUITES: dict[str, Reader] = {
    "rtlbench": _own,
    "cvdp": read_cvdp,
    "rtllm": read_rtllm,
    "verilog-eval": read_verilog_eval,
    "verilog-eval-v1": read_verilog_eval_v1,
    EXERCISES: read_exercises,
}
"""Each reader takes the suite's folder and gives its Specs; None is the suite's own place."""


def reader_of(name: str) -> Reader | None:
    """The reader of the suite `name`, of ours or of another package's; None where there is none."""
    if name in SUITES:
        return SUITES[name]
    if name in found("suites"):
        return partial(_read_by, name)
    return partial(_families_of, name) if name in found("families") else None


def suite_names() -> list[str]:
    """The names of all suites that can be read here."""
    return list(dict.fromkeys([*SUITES, *found("suites"), *found("families")]))


def _read_by(name: str, folder: Path | None) -> tuple[Spec, ...]:
    read = load("suites", name)(folder)
    if not all(isinstance(spec, Spec) for spec in read):
        raise UserError(f"rtlbench.suites: {name!r} gives something that is no rtlbench.Spec")
    return tuple(read)


def _families_of(name: str, folder: Path | None) -> tuple[Spec, ...]:
    """The members of another package's families, as a suite of that name."""
    given = load("families", name)
    place = folder or Path(given() if callable(given) else given)
    return tuple(msgspec.structs.replace(s, suite=name) for s in load_suite(place))


def recognised(folder: Path) -> str | None:
    """The suite whose native layout lies below `folder`, by its files; None where none does."""
    if next(folder.rglob(DESCRIPTION), None) is not None:
        return "rtllm"
    if problems_below(folder):
        return "verilog-eval"
    if problem_files(folder):
        return "verilog-eval-v1"
    if cvdp_files(folder):
        return "cvdp"
    return "rtlbench" if next(folder.glob("*/*/spec.toml"), None) is not None else None
