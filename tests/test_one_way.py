"""One candidate's way from the command to its Verdict: no call leads back up the layers.

While `rtlbench verify` judges an answer, the packages on every call stack are looked at, from the
command down. Each must stand below the one before it in the list of layers, so that none is there
twice. What calls whatever it is handed (`GO_BETWEENS`) is looked through: who handed it over is the
one who calls.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from click.testing import CliRunner

import rtlbench
from rtlbench.cli.main import cli
from tests.test_layers import LAYERS

PACKAGE = str(Path(rtlbench.__file__).parent)
GO_BETWEENS = frozenset({"rtl/batches.py"})
"""Splits a batch that breaks, and calls back whoever asked for a part of it."""


def _package(frame: FrameType) -> str:
    """The package whose code a frame runs; empty for what is not ours, and for go-betweens."""
    path = frame.f_code.co_filename
    if not path.startswith(PACKAGE):
        return ""
    inside = path[len(PACKAGE) + 1 :]
    return "" if inside in GO_BETWEENS else inside.split("/")[0].removesuffix(".py")


def _way(frame: FrameType | None) -> tuple[str, ...]:
    """The packages on the stack, from the command down; neighbours that are the same once."""
    way: list[str] = []
    while frame is not None:
        package = _package(frame)
        if package and (not way or way[-1] != package):
            way.append(package)
        frame = frame.f_back
    return tuple(reversed(way))


@contextmanager
def ways_taken() -> Iterator[set[tuple[str, ...]]]:
    """The ways down that calls take meanwhile, in every thread."""
    ways: set[tuple[str, ...]] = set()

    def on_event(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_back is not None:
            package = _package(frame)
            if package and package != _package(frame.f_back):
                ways.add(_way(frame))

    threading.setprofile(on_event)
    sys.setprofile(on_event)
    try:
        yield ways
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


@pytest.mark.slow
def test_a_candidates_way_enters_no_package_twice(small_suite: Any, tmp_path: Path) -> None:
    spec = small_suite.specs[0]
    answer = tmp_path / "answer.sv"
    answer.write_text(spec.golden)
    command = ["verify", str(answer), "--spec", spec.id, small_suite.option, "--formal"]
    CliRunner().invoke(cli, command, catch_exceptions=False)  # imports what it needs
    with ways_taken() as ways:
        ran = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    assert any(way[-2:] == ("checks", "simulation") for way in ways)
    order = {name: k for k, name in enumerate(LAYERS)}
    back = [way for way in sorted(ways) if any(
        order[low] >= order[high] for high, low in pairwise(way)
    )]
    assert not back, "\n".join(" -> ".join(way) for way in back)
