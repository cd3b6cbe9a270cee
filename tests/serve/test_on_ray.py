"""The service on Ray Serve: replicas behind one address give what one service gives."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from rtlbench import Client
from rtlbench.verifier import Verifier
from tests.serve.service import SCRIPT, Running
from tests.serve.test_load import SPECS, ask, ask_from_all, check, right_and_wrong


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def running(*options: object) -> Running:
    pytest.importorskip("ray.serve")
    return Running("--engine", "ray", "-n", 1, "--port", free_port(), *options)


@pytest.mark.slow
def test_replicas_give_the_verdicts_of_one_service() -> None:
    with running("--replicas", 2) as service:
        check(ask_from_all(service.url, 4), 8 * len(SPECS))
        spec, answers = SPECS[0], right_and_wrong(SPECS[0], "beside")
        with Client(service.url) as client:
            found = client.judge(spec, answers)
    alone = Verifier().verify(spec, answers)
    assert [(v.outcome, v.score, v.functional) for v in found] == [
        (v.outcome, v.score, v.functional) for v in alone
    ]


@pytest.mark.slow
def test_a_stop_answers_what_a_replica_has_taken() -> None:
    service = running()
    with ThreadPoolExecutor(4) as threads:
        calls = [threads.submit(ask, service.url, f"{k}", SPECS[k : k + 1]) for k in range(4)]
        while "rtlbench_answers_taken 8" not in httpx2.get(f"{service.url}/metrics").text:
            time.sleep(0.02)
        assert service.stop() == 0
        check([v for call in calls for v in call.result()], 8)
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{service.url}/healthz")


@pytest.mark.slow
def test_a_replica_that_dies_is_replaced_and_costs_a_request_a_second_try() -> None:
    with running("--replicas", 2) as service, ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(ask, service.url, f"{k}") for k in range(2)]
        killed = replicas(service.process.pid)[0]
        os.kill(killed, signal.SIGKILL)
        check([v for call in calls for v in call.result()], 4 * len(SPECS))
        assert ask(service.url, "after it", SPECS[:1])[1].outcome == "pass"


def replicas(pid: int) -> list[int]:
    """The processes of Ray below `pid` that serve requests, as Ray calls them."""
    told = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True)
    lines = [ln.split(None, 1) for ln in told.stdout.splitlines()]
    found = [int(p) for p, args in lines if args.startswith("ray::ServeReplica:rtlbench")]
    assert found, f"{pid} has no replica"
    return found


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--replicas", "2"], "give --engine ray with them"),
        (["--ray-address", "auto"], "give --engine ray with them"),
        (["--engine", "ray", "--port", "0"], "give a --port"),
        (["--engine", "ray", "--host", "0.0.0.0"], "other machines could reach it"),
        (["--engine", "ray", "--ray-address", "10.0.0.1:6379"], "other machines could reach it"),
    ],
)
def test_what_cannot_be_served_is_one_message(options: list[str], told: str) -> None:
    argv: list[Any] = [sys.executable, SCRIPT, "serve", *options]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=100)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
