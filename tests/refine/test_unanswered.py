"""Requests without an answer, and Ctrl-C: counted and told, nothing paid lost or paid twice."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.refine.conftest import Endpoint
from tests.refine.looking import report_of
from tests.refine.test_going_on import started

FILTERED = (200, {"finish_reason": "content_filter", "message": {"role": "assistant"}})
REFUSED = (200, {"message": {"role": "assistant", "refusal": "I will not"}})
FAILED = (400, {"error": {"message": "the prompt is beyond the context", "code": "too_long"}})
NOTHING = (200, {"message": None})
KINDS: dict[str, tuple[int, dict[str, Any]]] = {
    "filtered": FILTERED, "refused": REFUSED, "failed": FAILED, "nothing": NOTHING
}  # fmt: skip


@pytest.mark.parametrize("case", [(kind, at) for kind in KINDS for at in (1, 4)])
def test_one_request_without_an_answer_ends_its_chain_alone(
    command: Command, by_wire: list[str], endpoint: Endpoint, run: Path, case: tuple[str, int]
) -> None:
    kind, at = case
    endpoint.odd[at] = KINDS[kind]
    ran = command(*by_wire)
    counted = "failed" if kind == "nothing" else kind
    assert ran.returncode == (1 if counted == "failed" else 0), ran.stderr
    report = report_of(run)
    assert (report["status"], len(report["turns"])) == ("finished", 2)
    turn = report["turns"][(at - 1) // 2]
    assert turn["usage"][counted] == 1
    assert f"1 not answered ({counted})" in ran.stdout
    assert turn["answers"]["answers"] == 1, "no wrong answer comes of it"
    assert report["turns"][1]["solved"] | {"low": 0, "high": 0} == {
        "value": 1.0, "low": 0, "high": 0, "n": 1,
    }  # fmt: skip


def test_what_failed_is_asked_again_by_the_same_command(
    command: Command, by_wire: list[str], endpoint: Endpoint, run: Path
) -> None:
    endpoint.odd[1] = endpoint.odd[4] = FAILED
    ran = command(*by_wire, "--feedback")
    assert (ran.returncode, len(endpoint.asked)) == (1, 3)
    assert "--run-id r asks again for what failed" in ran.stderr
    ran = command(*by_wire)
    assert (ran.returncode, len(endpoint.asked)) == (1, 4), "the first is asked again, and fails"
    endpoint.odd.clear()
    ran = command(*by_wire)
    assert ran.returncode == 0, ran.stderr
    report = report_of(run)
    assert report["turns"][-1]["solved"]["n"] == 2
    assert report["turns"][-1]["solved"]["value"] == 1.0
    assert requests_noted(run) == len(endpoint.asked) == 6


def test_an_endpoint_that_fails_too_often_ends_the_run(
    command: Command, by_wire: list[str], endpoint: Endpoint, run: Path
) -> None:
    endpoint.odd[1] = endpoint.odd[2] = FAILED
    ran = command(*by_wire, "--fail-on-error", 0)
    assert ran.returncode == 2
    assert "1 requests failed" in ran.stderr
    assert report_of(run)["stopped_by"] == "error"


@pytest.mark.slow
@pytest.mark.parametrize("case", [(2, signal.SIGINT), (3, signal.SIGINT), (3, signal.SIGTERM)])
def test_the_first_ctrl_c_waits_for_what_is_under_way(
    command: Command, by_wire: list[str], endpoint: Endpoint, run: Path, case: tuple[int, int]
) -> None:
    hold_at, number = case
    endpoint.hold_at = hold_at
    process = started(run.parents[2], by_wire)
    assert endpoint.held.wait(120)
    os.kill(process.pid, number)
    time.sleep(0.5)
    assert process.poll() is None, "it waits"
    endpoint.released.set()
    assert process.wait(60) == 130
    report = report_of(run)
    assert (report["status"], report["stopped_by"]) == ("stopped", "interrupt")
    answered = [a for t in (run / "turns").iterdir() for a in lines(t / "answers.jsonl")]
    assert len(answered) == len(endpoint.asked) == hold_at, "the one that was held is on record"
    ran = command(*by_wire)
    assert ran.returncode == 0, ran.stderr
    assert report_of(run)["turns"][-1]["solved"]["value"] == 1.0
    assert requests_noted(run) == len(endpoint.asked) == 4, "nothing is asked twice"


@pytest.mark.slow
def test_the_second_ctrl_c_ends_at_once(
    by_wire: list[str], endpoint: Endpoint, run: Path, command: Command
) -> None:
    endpoint.hold_at = 1
    process = started(run.parents[2], by_wire)
    assert endpoint.held.wait(120)
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(20) == 130
    endpoint.released.set()
    assert command(*by_wire).returncode == 0
    assert requests_noted(run) == len(endpoint.asked) == 5


def test_ctrl_c_says_how_to_go_on(
    command: Command, by_wire: list[str], endpoint: Endpoint
) -> None:
    endpoint.hold_at = 1

    def interrupt() -> None:
        endpoint.held.wait(60)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.3)
        endpoint.released.set()

    threading.Thread(target=interrupt, daemon=True).start()
    ran = command(*by_wire, "--json")
    assert ran.returncode == 130
    assert "stopping when what is under way has come in; again ends at once" in ran.stderr
    assert "stopped with 1 of 2 answers; the same command with --run-id r goes on" in ran.stderr


def requests_noted(run: Path) -> int:
    return sum(len(lines(p)) for p in run.glob("turns/*/answers.requests.jsonl"))


def lines(path: Path) -> list[Any]:
    return [json.loads(x) for x in path.read_text().splitlines()]
