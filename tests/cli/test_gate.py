"""`rtlbench gate` from the outside: real runs, exit codes, one message for a mistake."""

from __future__ import annotations

import json
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SmallSuite
from tests.gate.made import answers_of, folder_of

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


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A results folder with right and wrong answers."""
    return folder_of(tmp_path / "judged", answers_of([[1.0, 0.5]] * 5))


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


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--allow", "seeds"), "--allow seeds: no such difference; there are answers"),
        (("--allow", "tools.nosuch"), "--allow tools.nosuch: no such difference"),
        (("--allow", "seed", "--allow", "Isolation"), "--allow Isolation: no such difference"),
    ],
)
def test_a_difference_that_does_not_exist_is_not_allowed(
    judged: Path, command: Command, policy: Path, args: tuple[str, ...], told: str
) -> None:
    done = command("gate", judged, "--policy", policy, "--baseline", judged, *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    compared = command("compare", judged, judged, *args)
    assert compared.returncode == 2
    assert told in compared.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[category.fsmm]\nscore = 0.1\n", "a category fsmm, which there is not"),
        ("[run]\ncategories = ['Fsm']\n[require]\nscore = 0\n", "a category Fsm, which"),
        ("[baseline]\nfigures = ['score']\n", "beside a baseline, and none is given"),
        ("[require]\n", "holds no rule"),
    ],
)
def test_a_policy_that_asks_for_nothing_passes_nothing(
    judged: Path, command: Command, policy: Path, text: str, told: str
) -> None:
    policy.write_text(text)
    done = command("gate", judged, "--policy", policy)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_the_report_goes_to_ci_a_line_a_rule(
    judged: Path, command: Command, policy: Path, tmp_path: Path
) -> None:
    junit, summary = tmp_path / "gate.xml", tmp_path / "summary.md"
    args = ("gate", judged, "--policy", policy, "--baseline", judged, "--junit", junit)
    failed = command(*args, "--summary", GITHUB_STEP_SUMMARY=str(summary))
    assert failed.returncode == 1
    suite = ET.parse(junit).getroot()[0]
    names = [case.attrib["name"] for case in suite]
    assert "functional, all: at least 0.7" in names
    assert len(names) == len(set(names)) == int(suite.attrib["tests"])
    missed = [case.attrib["name"] for case in suite if case.find("failure") is not None]
    assert len(missed) == int(suite.attrib["failures"]) > 0
    lines = summary.read_text().splitlines()
    assert lines[0] == "### rtlbench gate: fail"
    rows = [line for line in lines if line.startswith("| ")][2:]
    assert len(rows) == len(names)
    assert [r.split(" | ")[0][2:] for r in rows if "**fail**" in r] == missed
    refused = command("gate", tmp_path, "--policy", policy, "--junit", junit)
    assert refused.returncode == 2
    error = ET.parse(junit).getroot()[0][0].find("error")
    assert error is not None
    assert error.attrib["message"] in refused.stderr
    printed = command("gate", judged, "--policy", policy, "--summary", GITHUB_STEP_SUMMARY="")
    assert "### rtlbench gate: fail" in printed.stdout
