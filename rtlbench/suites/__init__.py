"""Where Specs come from: a file a reader, one registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rtlbench.records.spec import Spec
from rtlbench.suites.cvdp import problem_files as cvdp_files
from rtlbench.suites.cvdp import read_cvdp
from rtlbench.suites.exercises import SUITE as EXERCISES
from rtlbench.suites.exercises import read_exercises
from rtlbench.suites.families import load_suite
from rtlbench.suites.rtllm import DESCRIPTION, read_rtllm
from rtlbench.suites.verilog_eval import problems_below, read_verilog_eval
from rtlbench.suites.verilog_eval_v1 import problem_files, read_verilog_eval_v1


def _own(folder: Path | None) -> tuple[Spec, ...]:
    return load_suite(folder)


SUITES: dict[str, Callable[[Path | None], tuple[Spec, ...]]] = {
    "rtlbench": _own,
    "cvdp": read_cvdp,
    "rtllm": read_rtllm,
    "verilog-eval": read_verilog_eval,
    "verilog-eval-v1": read_verilog_eval_v1,
    EXERCISES: read_exercises,
}
"""Each reader takes the suite's folder and gives its Specs; None is the suite's own place."""


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
