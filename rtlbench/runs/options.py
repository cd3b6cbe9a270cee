"""The plugin's command-line options. Each gives way to another plugin's or conftest's option of
the same name: the foreign session keeps its own, and ours keeps its default.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import Any

import pytest

from rtlbench.generate.model_options import KNOBS, Knob, help_of


def _setting(knob: Knob) -> dict[str, Any]:
    """What pytest is told of a knob; None says that it was not turned."""
    if not knob.metavar:
        return {"action": "store_true", "default": False, "help": help_of(knob)}
    return {"type": knob.type, "metavar": knob.metavar, "help": help_of(knob)}


OPTIONS: dict[str, dict[str, Any]] = {
    "--candidates": {
        "metavar": "FILE", "help": "answers, JSONL (default: the shipped model gives them)",
    },
    "--suite": {
        "metavar": "NAME[=FOLDER]", "default": "rtlbench", "help": "suite (default: rtlbench)",
    },
    "--samples": {
        "metavar": "N", "type": int, "help": "judge the first N answers a spec, or ask for N",
    },
    "--fresh": {
        "metavar": "SEED", "type": int, "help": "judge answers to members drawn by this seed",
    },
    "--fresh-count": {
        "metavar": "N", "type": int, "help": "so many fresh members (default: one a family)",
    },
    "--simulator": {"metavar": "NAME", "help": "icarus (default) or verilator"},
    "--seed": {"metavar": "S", "type": int, "default": 0, "help": "seed of the stimulus"},
    "--formal": {
        "action": "store_true", "default": False,
        "help": "compare with the references formally, too",
    },
    "--isolation": {
        "metavar": "HOW", "help": "of the tools: default (the best there is), strict or none",
    },
    "--results": {
        "metavar": "FOLDER", "help": "results folder; a run that was cut off goes on there",
    },
    **{name: _setting(knob) for name, knob in KNOBS.items()},
}  # fmt: skip


def add_options(parser: pytest.Parser) -> None:
    """Add all options whose names are free, and leave the names to who asks for them later."""
    group = parser.getgroup("rtlbench", "benchmark of RTL that models write")
    for name, settings in OPTIONS.items():
        with suppress(argparse.ArgumentError, ValueError):
            group.addoption(name, dest=_place(name), **settings)
    # pytest has no word for this: its own parser refuses every name that is taken.
    groups = [g._arggroup for g in (parser._anonymous, *parser._groups)]
    for part in (parser.optparser, *groups):
        part.conflict_handler = "resolve"


def option(config: pytest.Config, name: str) -> Any:
    """What the user gave for one of ours, or its default."""
    return config.getoption(_place(name), OPTIONS[name].get("default"))


def _place(name: str) -> str:
    return "rtl_" + name.removeprefix("--").replace("-", "_")


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is one of pytest-xdist's workers."""
    return hasattr(config, "workerinput")
