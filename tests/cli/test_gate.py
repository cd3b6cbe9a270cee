"""`rtlbench gate` from the outside: real runs, exit codes, one message for a mistake."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SmallSuite

Command = Callable[..., "subprocess.CompletedProcess[str]"]

POLICY = """
[require]
all_io_used = 0.85
synthesis = 0.9
functional = 0.7
[weakest_category]
score = 0.65
[baseline]
figures = ["functional"]
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "gate.toml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def bench(
    tmp_path: Path,
    rtlbench: Command,
    small_suite: SmallSuite,
    write_answers: Callable[..., Path],
    answer_kinds: dict[str, Callable[..., dict[str, Any]]],
) -> Callable[..., Path]:
    """Judges answers of one kind to the small suite; gives the results folder."""

    def run(name: str, kind: str, *args: str) -> Path:
        make = answer_kinds[kind]
        lines = [make(spec, k) for spec in small_suite.specs for k in (0, 1)]
        answers = write_answers(*lines, name=f"{name}.jsonl")
        folder = tmp_path / name
        done = rtlbench("bench", small_suite.option, "--candidates", answers,
                        "--results", folder, "-n", "1", *args)
        assert done.returncode == 0, done.stderr
        return folder

    return run


def test_the_right_run_passes_over_the_wrong_one_and_not_the_other_way(
    bench: Callable[..., Path], rtlbench: Command, policy: Path
) -> None:
    good, bad = bench("good", "right"), bench("bad", "wrong")
    forth = rtlbench("gate", good, "--policy", policy, "--baseline", bad)
    assert forth.returncode == 0, forth.stdout + forth.stderr
    assert forth.stdout.splitlines()[-1] == "gate: pass (better)"
    back = rtlbench("gate", bad, "--policy", policy, "--baseline", good, "--json")
    assert back.returncode == 1
    report = json.loads(back.stdout)
    assert not report["passed"]
    functional = next(r for r in report["requirements"] if r["figure"] == "functional")
    assert (functional["value"], functional["passed"]) == (0.0, False)
    same = rtlbench("gate", good, "--policy", policy, "--baseline", good)
    assert same.returncode == 0
    assert same.stdout.splitlines()[-1] == "gate: pass (no difference)"


def test_runs_that_cannot_be_compared_are_refused_unless_allowed(
    bench: Callable[..., Path], rtlbench: Command, policy: Path
) -> None:
    one, other = bench("one", "right"), bench("other", "right", "--seed", "3")
    refused = rtlbench("gate", one, "--policy", policy, "--baseline", other)
    assert refused.returncode == 2
    assert "seed: 0 and 3" in refused.stderr
    assert "Traceback" not in refused.stderr
    allowed = rtlbench("gate", one, "--policy", policy, "--baseline", other, "--allow", "seed")
    assert allowed.returncode == 0
    assert "differing, as allowed, in seed" in allowed.stdout


def test_a_mistake_is_one_message_and_exit_code_2(
    rtlbench: Command, policy: Path, tmp_path: Path
) -> None:
    for args in (
        (tmp_path / "nothing", "--policy", policy),
        (tmp_path, "--policy", tmp_path / "no.toml"),
    ):
        done = rtlbench("gate", *args)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert "Traceback" not in done.stderr


def test_compare_shows_the_runs_side_by_side(
    bench: Callable[..., Path], rtlbench: Command
) -> None:
    good, bad = bench("good", "right"), bench("bad", "wrong")
    text = rtlbench("compare", f"V1={bad}", f"V3={good}")
    assert text.returncode == 0, text.stderr
    assert text.stdout.splitlines()[0].split() == ["V1", "V3"]
    markdown = rtlbench("compare", bad, good, "--markdown").stdout
    assert markdown.startswith("| version | examples |")
    found = json.loads(rtlbench("compare", bad, good, "--json").stdout)
    functional = [
        next(c["value"]["value"] for c in run["cells"] if c["figure"] == "functional")
        for run in found["runs"]
    ]
    assert functional == [0.0, 1.0]
    refused = rtlbench("compare", bad, good, bench("seeded", "right", "--seed", "3"))
    assert refused.returncode == 2
    assert "seed: 3 and 0" in refused.stderr
