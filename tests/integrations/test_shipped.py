"""The model that ships, served on loopback: `vf-eval` and `inspect eval` count of it what
`rtlbench bench` counts."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rtlbench.runs.finished import read_run
from tests.integrations.served import Served
from tests.integrations.test_verifiers import needs_uv, needs_verifiers, ran
from tests.serve.service import Running
from tests.training.toy import ROOT
from training.experiments.part_of_suite import part_of_suite

pytestmark = pytest.mark.slow
MODEL = ROOT / "models" / "tiny-rtl"
LONGEST = 300
FAMILIES = ("sequence_detector", "serial_shift")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two families, of which the model solves some tasks and not others."""
    folder = tmp_path_factory.mktemp("suite")
    part_of_suite.callback("", ",".join(FAMILIES), folder)  # type: ignore[misc]
    return f"--suite=rtlbench={folder}"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with Served(MODEL, LONGEST) as served:
        yield served.url


@pytest.fixture
def counted(
    suite: str, rtlbench: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> dict[str, bool]:
    """Of each task, whether `rtlbench bench` finds the model's answer right."""
    results = tmp_path / "results"
    done = rtlbench("bench", suite, "--model", MODEL, "--temperature", 0, "--max-tokens", LONGEST,
                    "--results", results, "--workers", 1)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    answers = read_run(results, "bench").answers
    found = {task: bool(judged.functional) for (task, _), judged in answers.items()}
    assert 0 < sum(found.values()) < len(found), "some are right, and some wrong"
    return found


@needs_verifiers
@needs_uv
def test_vf_eval_counts_what_the_benchmark_counts(
    suite: str, endpoint: str, counted: dict[str, bool], tmp_path: Path
) -> None:
    with Running(suite, "-n", "1") as service:
        done = ran(
            "vf-eval", tmp_path, "-n", str(len(counted)), "-r", "1", "--no-push", "--model", "m",
            "--client.base-url", endpoint, "--client.api-key-var", "NONE",
            "--env.agent.harness.id", "null", "--env.agent.runtime.type", "subprocess",
            "--env.taskset.url", service.url, "--env.taskset.benchmark", "true",
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.findall(r"task=(\S+) reward=([0-9.]+)", done.stdout + done.stderr)
    assert len(told) == len({task for task, _ in told}) == len(counted)
    assert sum(float(reward) for _, reward in told) == sum(counted.values())


def test_inspect_counts_what_the_benchmark_counts(
    suite: str, endpoint: str, counted: dict[str, bool], tmp_path: Path
) -> None:
    pytest.importorskip("inspect_ai")
    from tests.integrations.test_inspect import evaluated

    with Running(suite, "-n", "1") as service:
        log: dict[str, Any] = evaluated(endpoint, service.url, tmp_path)
    assert log["status"] == "success"
    told = {s["id"]: next(iter(s["scores"].values())) for s in log["samples"]}
    found = {task: bool(score["value"]["functional"]) for task, score in told.items()}
    assert found == counted, json.dumps(found)
