"""A model that answers while its answers are judged: `rtlbench bench --model`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.generate.conftest import Lines

pytestmark = pytest.mark.slow

Run = Callable[..., Any]
Read = Callable[[Path], Lines]


@pytest.fixture
def given(model: Path, small_suite: Any, tmp_path: Path) -> list[Any]:
    """Short answers to the five specs of a small suite, judged as they come."""
    results = tmp_path / "r"
    return ["bench", "--model", model, small_suite.option, "--max-tokens", 12, "--results", results]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_the_model_says_is_judged_and_recorded(
    rtlbench: Run, given: list[Any], tmp_path: Path, lines_of: Read, workers: str
) -> None:
    ran = rtlbench(*given, "--samples", 2, "-n", workers)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    run = json.loads((tmp_path / "r" / "run.json").read_text())
    answers = lines_of(tmp_path / "r" / "answers.jsonl")
    cut = sum(a["finish_reason"] == "length" for a in answers)
    assert len(answers) == run["total"]["answers"] == 10
    assert run["total"]["outcomes"]["fail"] == 10
    assert (run["total"]["truncated"], run["usage"]["truncated"]) == (cut, cut)
    assert cut > 0
    assert run["config"]["generator"]["model"] == "random-rtl"
    assert run["config"]["sampling"]["max_tokens"] == 12
    judged = lines_of(tmp_path / "r" / "samples.jsonl")
    assert sum(v["truncated"] for v in judged) == cut
    assert "random-rtl: 10 answers" in ran.stdout


def test_only_the_chosen_specs_are_answered(
    rtlbench: Run, given: list[Any], tmp_path: Path, lines_of: Read
) -> None:
    for workers in ("1", "2"):
        given[-1] = tmp_path / f"r{workers}"
        ran = rtlbench(*given, "-n", workers, "-k", "w4_sync or w5")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        found = {a["spec_id"] for a in lines_of(given[-1] / "answers.jsonl")}
        assert found == {"updown_w4_sync", "updown_w5_power_up"}


def test_after_kill_9_both_go_on(
    rtlbench: Run, given: list[Any], tmp_path: Path, lines_of: Read
) -> None:
    script = str(Path(sysconfig.get_path("scripts")) / "rtlbench")
    args = [*given, "--samples", 6, "--batch-size", 1, "-n", "1"]
    answers, results = tmp_path / "r" / "answers.jsonl", tmp_path / "r"
    argv = [sys.executable, script, *map(str, args)]
    with subprocess.Popen(argv, start_new_session=True, stdout=subprocess.DEVNULL) as child:
        deadline = time.monotonic() + 200
        while not (answers.is_file() and answers.stat().st_size):
            assert time.monotonic() < deadline, "nothing was generated"
            time.sleep(0.01)
        os.killpg(child.pid, signal.SIGKILL)
    before = answers.read_bytes()
    ran = rtlbench(*args)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert answers.read_bytes().startswith(before[: before.rfind(b"\n") + 1])
    for name in ("answers.jsonl", "samples.jsonl"):
        found = Counter((x["spec_id"], x["sample"]) for x in lines_of(results / name))
        assert len(found) == sum(found.values()) == 30


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_generator_that_is_killed_ends_the_run_with_one_message(
    rtlbench: Run, given: list[Any], tmp_path: Path, workers: str
) -> None:
    script = str(Path(sysconfig.get_path("scripts")) / "rtlbench")
    args = [*given, "--samples", 40, "--batch-size", 1, "-n", workers]
    argv = [sys.executable, script, *map(str, args)]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as parent:
        answers, deadline = tmp_path / "r" / "answers.jsonl", time.monotonic() + 200
        while not (answers.is_file() and answers.stat().st_size):
            assert time.monotonic() < deadline, "nothing was generated"
            time.sleep(0.01)
        (generator,) = _generators_of(parent.pid)
        os.kill(generator, signal.SIGKILL)
        told, _ = parent.communicate(timeout=200)
    assert parent.returncode == 1
    assert told.count("generates answers was ended by SIGKILL") == 1
    assert "Traceback" not in told
    run = json.loads((tmp_path / "r" / "run.json").read_text())
    assert run["status"] == "stopped"
    assert run["total"]["outcomes"]["error"] == 0
    judged = tmp_path / "r" / "samples.jsonl"
    assert not judged.is_file() or "generat" not in judged.read_text()


def test_a_model_that_cannot_be_loaded_ends_the_run_with_one_message(
    rtlbench: Run, given: list[Any], model: Path, tmp_path: Path
) -> None:
    import shutil

    damaged = tmp_path / "damaged"
    shutil.copytree(model, damaged)
    (damaged / "model.safetensors").write_bytes(b"nothing")
    given[2] = damaged
    ran = rtlbench(*given, "-n", "2")
    assert ran.returncode == 1
    told = ran.stdout + ran.stderr
    assert told.count("cannot load the model") == 1
    assert "Traceback" not in told
    assert json.loads((tmp_path / "r" / "run.json").read_text())["total"]["answers"] == 0


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--model", "./nowhere"], "./nowhere: there is no such folder"),
        (["--candidates", "a.jsonl"], "--candidates and --model"),
        (["--temperature", "-1"], "--temperature: -1.0 makes no sense"),
        (["--max-tokens", "13"], "(sampling.max_tokens: 12 before, 13 now)"),
    ],
)
def test_a_mistake_is_one_message_before_anything_begins(
    rtlbench: Run, given: list[Any], args: list[str], told: str, results: Path
) -> None:
    given[-1] = results
    ran = rtlbench(*given, "-n", "1", "-k", "w4_sync", "--samples", "1", *args)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.fixture(scope="session")
def results(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder that holds one answer of the model."""
    from rtlbench.runs.options import SessionOptions
    from rtlbench.runs.run import run_benchmark
    from tests.conftest import SmallSuite

    folder = tmp_path_factory.mktemp("results")
    suite = SmallSuite(folder / "suite")
    said = {"model": str(model), "max_tokens": 12}
    options = SessionOptions(
        suite=suite.option.removeprefix("--suite="), model=said, samples=1,
        results=str(folder / "r"),
    )  # fmt: skip
    done = run_benchmark(options, quiet=True, extra=("-k", "w4_sync"))
    assert done.all_judged
    return folder / "r"


def _generators_of(parent: int) -> list[int]:
    """Processes of the parent that generate."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent_id = entry.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            command = entry.joinpath("cmdline").read_bytes()
        except OSError:
            continue  # it has ended meanwhile
        if int(parent_id) == parent and b"rtlbench.generate.background" in command:
            found.append(int(entry.name))
    return found
