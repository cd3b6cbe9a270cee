"""An endpoint: `transformers serve` with a real model, and a proxy that spoils what is between."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.generate.conftest import Lines
from tests.generate.faulty_proxy import proxied

pytestmark = pytest.mark.slow

Run = Callable[..., Any]
Read = Callable[[Path], Lines]
KEY = "sk-this-is-secret"


@pytest.fixture(scope="module")
def server(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server that has the model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Path(sysconfig.get_path("scripts")) / "transformers"
    log = tmp_path_factory.mktemp("server") / "log"
    argv = [sys.executable, str(script), "serve", str(model), "--host", "127.0.0.1"]
    with (
        log.open("wb") as told,
        subprocess.Popen(
            [*argv, "--port", str(port), "--device", "cpu"],
            stdout=told, stderr=told, env={**os.environ, "HF_HUB_OFFLINE": "1"},
        ) as child,
    ):  # fmt: skip
        try:
            deadline = time.monotonic() + 300
            while not _is_up(port):
                assert child.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
            yield port
        finally:
            child.terminate()


def _is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture
def given(model: Path, small_suite: Any, tmp_path: Path) -> list[Any]:
    """Very short answers to the five specs of a small suite."""
    out = tmp_path / "answers.jsonl"
    return ["generate", "--model", f"openai:{model}", small_suite.option, "--max-tokens", 3,
            "--out", out]  # fmt: skip


@pytest.mark.parametrize("kind", ["openai", "openai-text"])
def test_a_real_server_answers_and_what_it_took_is_recorded(
    command: Run, given: list[Any], server: int, lines_of: Read, kind: str
) -> None:
    given[2] = given[2].replace("openai", kind, 1)
    url = f"http://user:secret@127.0.0.1:{server}/v1"
    prices = ["--prompt-price", 10, "--completion-price", 20]
    ran = command(*given, "--base-url", url, *prices, "--concurrency", 2)
    assert ran.returncode == 0, ran.stderr
    lines = lines_of(given[-1])
    assert len(lines) == 5
    for line in lines:
        assert line["finish_reason"] in ("stop", "length")
        assert 1 <= line["completion_tokens"] <= 3
        cost = (10 * line["prompt_tokens"] + 20 * line["completion_tokens"]) / 1e6
        assert line["cost"] == pytest.approx(cost)
        assert line["generator"]["source"] == kind
        assert line["generator"]["base_url"] == f"http://127.0.0.1:{server}/v1"
    assert "cost 0.0" in ran.stdout


def test_what_passes_by_is_tried_again_and_nothing_is_lost(
    command: Run, given: list[Any], server: int, lines_of: Read
) -> None:
    with proxied(server, "500", "429", "cut") as (proxy, url):
        ran = command(*given, "--base-url", url, "--concurrency", 2, OPENAI_API_KEY=KEY)
    assert ran.returncode == 0, ran.stderr
    assert len({x["spec_id"] for x in lines_of(given[-1])}) == len(lines_of(given[-1])) == 5
    done = [what for _, what in proxy.seen]
    assert (done[:3], len(done)) == (["500", "429", "cut"], 8)
    (refused, _), (again, _) = proxy.seen[1:3]
    assert again - refused >= 1.0, "it was asked to wait for a second"
    assert proxy.most_at_once <= 2
    assert set(proxy.keys) == {f"Bearer {KEY}"}
    assert KEY not in Path(given[-1]).read_text()


def test_an_answer_that_drips_is_given_up_in_time_and_asked_for_again(
    command: Run, given: list[Any], server: int, lines_of: Read
) -> None:
    with proxied(server, "drip") as (proxy, url):
        ran = command(*given, "--base-url", url, "--request-timeout", 30)
    assert ran.returncode == 0, ran.stderr
    assert [what for _, what in proxy.seen].count("through") >= 5
    assert len(lines_of(given[-1])) == 5


def test_requests_are_no_more_than_a_minute_may_have(
    command: Run, given: list[Any], server: int
) -> None:
    with proxied(server) as (proxy, url):
        ran = command(*given, "--base-url", url, "--requests-per-minute", 60)
    assert ran.returncode == 0, ran.stderr
    times = [at for at, _ in proxy.seen]
    assert times[-1] - times[0] >= 3.0, "five requests take four turns of a second, or nearly"


def test_a_refused_key_is_one_message_without_the_key(
    command: Run, given: list[Any], server: int
) -> None:
    with proxied(server, "401", forever=True) as (proxy, url):
        ran = command(*given, "--base-url", url, OPENAI_API_KEY=KEY)
        assert len(proxy.seen) == 1, "it is neither tried again nor asked at once"
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
    assert "refuses the API key (401: spoilt with 401); set OPENAI_API_KEY" in ran.stderr
    assert KEY not in ran.stderr


def test_a_failure_in_mid_run_keeps_what_was_answered_and_the_same_command_goes_on(
    command: Run, given: list[Any], server: int, lines_of: Read
) -> None:
    with proxied(server, "through", "through", "401") as (_, url):
        args = [*given, "--base-url", url, "--concurrency", 1]
        assert command(*args).returncode == 2
        before = lines_of(given[-1])
        assert len(before) == 2
        ran = command(*args)
    assert ran.returncode == 0, ran.stderr
    assert lines_of(given[-1])[:2] == before
    assert "new: 3 answers" in ran.stdout


def test_an_address_where_nobody_listens_is_one_message(command: Run, given: list[Any]) -> None:
    ran = command(*given, "--base-url", "http://127.0.0.1:9/v1")
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
    assert "http://127.0.0.1:9/v1: cannot be reached" in ran.stderr


def test_a_model_that_the_endpoint_does_not_have_is_one_message(
    command: Run, given: list[Any], server: int
) -> None:
    given[2] = "openai:another"
    ran = command(*given, "--base-url", f"http://127.0.0.1:{server}/v1")
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
    assert "another" in ran.stderr


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ([], "set OPENAI_API_KEY to the API key, or give another endpoint by --base-url"),
        (["--base-url", "localhost:8000"], "give an http or https address"),
        (["--base-url", "http://127.0.0.1/v1", "--adapter", "x"], "are for local models"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_sent(
    command: Run, given: list[Any], args: list[str], told: str
) -> None:
    ran = command(*given, *args, OPENAI_API_KEY="", OPENAI_BASE_URL="")
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
    assert told in ran.stderr


def test_a_run_judges_what_an_endpoint_says_while_it_says_it(
    rtlbench: Run, given: list[Any], server: int, small_suite: Any, tmp_path: Path
) -> None:
    args = ["bench", *given[1:-2], "--results", tmp_path / "r", "-n", "2"]
    ran = rtlbench(*args, "--base-url", f"http://127.0.0.1:{server}/v1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len((tmp_path / "r" / "samples.jsonl").read_text().splitlines()) == 5
