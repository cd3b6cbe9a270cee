"""`rtlbench bench --judge-url`: the same results, judged elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command, SmallSuite
from tests.serve.service import Running

PASSING = ("seconds", "started", "finished", "seal", "command")
"""What differs from run to run, and how it was asked for."""


def run_json(folder: Path) -> dict[str, Any]:
    """What a run says of itself, save for that."""
    told = json.loads((folder / "run.json").read_text())
    return {name: value for name, value in told.items() if name not in PASSING}


def verdicts(folder: Path) -> list[str]:
    """The recorded lines, sorted: two workers write in any order."""
    return sorted((folder / "samples.jsonl").read_text().splitlines())


@pytest.mark.slow
def test_a_service_gives_the_run_that_this_machine_gives(  # noqa: PLR0917 - fixtures
    small_suite: SmallSuite, write_answers: Callable[..., Path], command: Command, tmp_path: Path,
    answer_kinds: dict[str, Callable[..., dict[str, Any]]], rtlbench: Command,
) -> None:  # fmt: skip
    lines = [kind(s) for s in small_suite.specs[:2] for kind in answer_kinds.values()]
    given = ["--candidates", write_answers(*lines), small_suite.option, "-n", "1"]
    here, there = tmp_path / "here", tmp_path / "there"
    assert command("bench", *given, "--results", here).returncode == 0
    with Running(small_suite.option, "-n", 1) as service:
        asked = [*given, "--judge-url", service.url]
        ran = command("bench", *asked, "--results", there)
        assert ran.returncode == 0, ran.stderr
        assert run_json(there) == run_json(here)
        assert verdicts(there) == verdicts(here)
        other = command("bench", *asked, "--results", tmp_path / "other", "--seed", "3")
        assert "judges by other settings (--simulator icarus, --seed 0)" in other.stderr
        small_suite.spoil_golden()
        spoilt = rtlbench("bench", *asked, "--results", tmp_path / "spoilt")
        assert spoilt.returncode != 0
        assert "another: its suite or version" in spoilt.stdout + spoilt.stderr
