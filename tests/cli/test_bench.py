"""`rtlbench bench`: exit codes, results folder, messages."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import sysconfig
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def answers(small_suite: Any, write_answers: Callable[..., Path], answer_kinds: Any) -> Path:
    """A right and a wrong answer to each of two specs."""
    specs = small_suite.specs[:2]
    return write_answers(*(answer_kinds[k](s) for s in specs for k in ("right", "wrong")))


@pytest.fixture
def given(small_suite: Any, answers: Path) -> list[Any]:
    """The command that judges them."""
    return ["bench", small_suite.option, "--candidates", answers]


def test_wrong_answers_are_no_error_of_the_run(
    rtlbench: Run, given: list[Any], tmp_path: Path
) -> None:
    results = tmp_path / "r"
    ran = rtlbench(*given, "--results", results)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    lines = ran.stdout.splitlines()
    assert "outcomes: 2 pass, 2 fail   pass@1 0.200" in lines
    assert "answered 2 of 5 tasks; the others count as wrong (--partial leaves them out)" in lines
    assert len([line for line in lines if line]) <= 9
    assert not [line for line in lines if len(line) > 80 and not line.startswith("results:")]
    files = {p.name for p in results.iterdir() if not p.name.startswith(".")}
    assert files == {"run.json", "samples.jsonl", "samples.sha256", "junit.xml"}
    assert len((results / "samples.jsonl").read_text().splitlines()) == 4
    assert ET.parse(results / "junit.xml").getroot().find(".//failure") is not None


def test_without_a_results_folder_one_is_made(
    rtlbench: Run, given: list[Any], tmp_path: Path
) -> None:
    ran = rtlbench(*given, "-n", "1")
    assert ran.returncode == 0
    (folder,) = (tmp_path / "cwd" / "results").iterdir()
    assert f"results: results/{folder.name}" in ran.stdout
    assert (folder / "junit.xml").is_file()


def test_json_prints_the_run_and_nothing_else(rtlbench: Run, given: list[Any]) -> None:
    ran = rtlbench(*given, "-n", "1", "--json")
    run = json.loads(ran.stdout)
    assert run["status"] == "finished"
    assert run["total"]["outcomes"]["fail"] == 2
    assert ran.stderr == ""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_bar_counts_what_k_leaves(
    small_suite: Any, write_answers: Any, answer_kinds: Any, tmp_path: Path, workers: str
) -> None:
    chosen, other = small_suite.specs[:2]
    many = [answer_kinds["right"](chosen, k) for k in range(150)]  # long enough for a bar
    answers = write_answers(*many, answer_kinds["wrong"](other))
    given = ["bench", small_suite.option, "--candidates", answers]
    ours, theirs = pty.openpty()
    script = Path(sysconfig.get_path("scripts")) / "rtlbench"
    argv = [sys.executable, script, *given, "-n", workers, "-k", chosen.id]
    argv += ["--results", tmp_path / "r"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(
        [str(a) for a in argv], stdout=subprocess.PIPE, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        shown = b"".join(iter(lambda: _some(ours), b"")).decode()
        process.communicate(timeout=120)
    os.close(ours)
    assert process.returncode == 0
    assert re.findall(r"\d+ of (\d+) answers", shown)[-1] == "150"


def _some(terminal: int) -> bytes:
    """What is on a terminal; nothing once everyone has left it."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def test_categories_choose_as_marks_do(
    rtlbench: Run, given: list[Any], small_suite: Any
) -> None:
    chosen = ["--category", "updown_counter", "-m", small_suite.specs[0].difficulty]
    of = sum(s.difficulty == small_suite.specs[0].difficulty for s in small_suite.specs)
    ran = rtlbench(*given, "-n", "1", *chosen)
    assert ran.returncode == 0, ran.stderr
    assert f" of {of} selected of the suite's 5 tasks" in ran.stdout
    ran = rtlbench(*given, "-n", "1", "--category", "fsm")
    assert ran.returncode == 2
    assert "fits what was chosen (-k, -m, --category): nothing was judged" in ran.stderr


def test_show_failures_tells_why(rtlbench: Run, given: list[Any]) -> None:
    args = [*given, "-n", "1", "--show-failures"]
    ran = rtlbench(*args)
    assert ran.returncode == 0
    assert "q is 1111, expected 1110" in ran.stdout
    assert ran.stdout.count("category  ") == 1


def test_a_line_that_cannot_be_used_ends_in_1(
    rtlbench: Run, given: list[Any], answers: Path
) -> None:
    with answers.open("ab") as file:
        file.write(b'{"spec_id": "updown_w4\n')
    ran = rtlbench(*given, "-n", "1")
    assert ran.returncode == 1
    assert f"{answers}:5: not a candidate" in ran.stdout
    assert "2 pass, 2 fail" in ran.stdout


def test_an_answer_that_cannot_be_judged_ends_in_1_and_says_why(
    rtlbench: Run, given: list[Any], small_suite: Any
) -> None:
    small_suite.spoil_golden()
    ran = rtlbench(*given, "-n", "1")
    assert ran.returncode == 1
    assert "not judged, the harness failed: updown_w4_sync sample 0" in ran.stdout
    assert "outcomes: 4 error" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


@pytest.mark.parametrize("how", [["-n", "1"], ["-n", "2"], ["-n", "1", "--json"]])
@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--candidates=no.jsonl"], "no.jsonl: cannot read the candidates file (No such file"),
        (["--suite=nope"], "no suite 'nope'; there are"),
        (["--simulator=questa"], "no simulator 'questa'"),
        (["--nonsense"], "unrecognized arguments: --nonsense; see `rtlbench bench --help`"),
        (["-k", "nothing_like_it"], "nothing was judged"),
    ],
)
def test_a_mistake_is_one_message_and_exit_2(
    rtlbench: Run, given: list[Any], how: list[str], args: list[str], told: str
) -> None:
    is_given = args[0].startswith("--candidates")
    ran = rtlbench(*(given[:2] if is_given else given), *how, *args)
    assert ran.returncode == 2
    assert ran.stderr.startswith("rtlbench: ")
    assert told in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize("workers", ["many", "-3", ""])
def test_a_number_of_workers_that_is_none_is_refused(rtlbench: Run, workers: str) -> None:
    ran = rtlbench("bench", f"--workers={workers}")
    assert ran.returncode == 2
    assert "workers" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_another_seed_in_the_same_folder_is_refused(
    rtlbench: Run, given: list[Any], tmp_path: Path
) -> None:
    args = [*given, "--results", tmp_path / "r"]
    assert rtlbench(*args, "-n", "1").returncode == 0
    ran = rtlbench(*args, "-n", "1", "--seed", "9")
    assert ran.returncode == 2
    assert "(seed: 0 before, 9 now)" in ran.stderr


@pytest.mark.slow
def test_a_missing_tool_is_said_once_and_stood_in_for(
    rtlbench: Run, given: list[Any], path_without: Callable[..., str]
) -> None:
    args = [*given, "-k", "w4", "-n", "1"]
    ran = rtlbench(*args, PATH=path_without("iverilog"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("iverilog is missing: verilator stands in") == 1
    assert "1 pass, 1 fail" in ran.stdout


def test_without_any_simulator_nothing_is_begun(
    rtlbench: Run, given: list[Any], path_without: Callable[..., str], tmp_path: Path
) -> None:
    args = [*given, "--results", tmp_path / "r"]
    ran = rtlbench(*args, PATH=path_without("iverilog", "c++"))
    assert ran.returncode == 2
    assert "the package `iverilog`" in ran.stderr
    assert not (tmp_path / "r").exists()


def test_a_worker_that_dies_is_told_and_the_run_can_go_on(
    rtlbench: Run, given: list[Any], tmp_path: Path
) -> None:
    (tmp_path / "cwd" / "killer.py").write_text(
        "import os, signal\n"
        "def pytest_runtest_setup(item):\n"
        "    if os.environ.get('DIE') in item.name and 'PYTEST_XDIST_WORKER' in os.environ:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    args = [*given, "--results", tmp_path / "r", "-n", "2", "-p", "killer"]
    ran = rtlbench(*args, DIE="w4_sync", PYTHONPATH=str(tmp_path / "cwd"))
    assert ran.returncode == 1
    assert "a worker died over updown_counter/updown_w4_sync; the same command" in ran.stderr
    again = rtlbench(*args, DIE="nothing", PYTHONPATH=str(tmp_path / "cwd"))
    assert again.returncode == 0, again.stderr
    assert len((tmp_path / "r" / "samples.jsonl").read_text().splitlines()) == 4


@pytest.mark.slow
def test_what_a_model_has_written_is_told_while_its_answers_are_awaited(
    rtlbench: Run, small_suite: Any, tmp_path: Path
) -> None:
    program = tmp_path / "model.sh"
    program.write_text("#!/bin/sh\nsleep 4\necho 'module updown_counter; endmodule'\n")
    program.chmod(0o755)
    asked = ["--model", f"cmd:{program}", "--concurrency", 1, "-n", 1, "--results", tmp_path / "r"]
    ran = rtlbench("bench", small_suite.option, *asked, RTLBENCH_PROGRESS="on")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"^judging: [0-4] of 5 answers.*, [0-4] written", ran.stderr, re.M)
    assert "answered 5 of 5 tasks" in ran.stdout
