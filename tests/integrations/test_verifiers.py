"""verifiers draws our tasks without end, validates them, and its rewards are the service's word."""

from __future__ import annotations

import http.server
import json
import os
import re
import subprocess
import sysconfig
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rtlbench import Judge, Spec
from rtlbench.mutation.fresh import streamed
from rtlbench.rewards.functions import right
from rtlbench.runs.suite import find_spec
from rtlbench.suites.families import family_folders
from tests.integrations.served import streamed_answer
from tests.serve.service import Running
from tests.support import sync_counter

PACKAGE = Path(__file__).parents[2] / "integrations" / "verifiers"
COMMANDS = Path(os.environ.get("RTLBENCH_VF", sysconfig.get_path("scripts")))
needs_verifiers = pytest.mark.skipif(
    not (COMMANDS / "vf-validate").is_file(),
    reason="verifiers is not installed here; RTLBENCH_VF names the folder of its commands",
)
needs_uv = pytest.mark.skipif(
    not (COMMANDS / "uv").is_file(), reason="the harness of verifiers is started by uv"
)


def ran(command: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """A command of verifiers, in a folder."""
    environment = {
        **os.environ, "PYTHONPATH": f"{PACKAGE}:{PACKAGE.parents[1]}",
        "PATH": f"{COMMANDS}:{os.environ['PATH']}",
    }  # fmt: skip
    return subprocess.run(
        [str(COMMANDS / command), "rtlbench-verifiers", "--no-rich", "--output-dir", "out",
         *options],
        capture_output=True, text=True, cwd=folder, env=environment, check=False, timeout=900,
    )  # fmt: skip


def first_tasks() -> list[Spec]:
    """Of the stream of counters."""
    folders = [f for f in family_folders() if f.parent.name == "updown_counter"]
    return [s for f in folders if (s := streamed(f, 0, 0)) is not None][:4]


@pytest.fixture
def answers() -> dict[str, str]:
    """To the first tasks of the stream of counters by their prompts, every other one right."""
    return {
        s.prompt: s.golden if k % 2 else s.golden.replace("+ 1'b1", "+ 2'd2")
        for k, s in enumerate(first_tasks())
    }


@pytest.fixture
def endpoint(answers: dict[str, str]) -> Iterator[str]:
    """A model that gives these answers, in a stream, by the OpenAI protocol on loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            words = str(asked["messages"][-1]["content"])
            text = next((a for p, a in answers.items() if p.strip() in words), "")
            body = streamed_answer(text)
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()


@pytest.mark.slow
@needs_verifiers
@needs_uv
def test_an_evaluation_counts_what_we_count(
    endpoint: str, answers: dict[str, str], tmp_path: Path
) -> None:
    with Running("-n", "1") as service:
        done = ran(
            "vf-eval", tmp_path, "-n", "4", "-r", "1", "--no-push", "--model", "m",
            "--client.base-url", endpoint, "--client.api-key-var", "NONE",
            "--env.agent.harness.id", "null", "--env.agent.runtime.type", "subprocess",
            "--env.taskset.url", service.url,
            "--env.taskset.categories", '["updown_counter"]',
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.findall(r"task=(\d) reward=([0-9.]+)", done.stdout + done.stderr)
    with Judge(workers=1) as judge:
        expected = {
            str(k): float(right(judge.judge(spec, answers[spec.prompt])))
            for k, spec in enumerate(first_tasks())
        }
    assert {task: float(reward) for task, reward in told} == expected
    assert set(expected.values()) == {0.0, 1.0}


@pytest.mark.slow
@needs_verifiers
def test_goldens_are_right_stubs_and_silence_are_not(tmp_path: Path) -> None:
    bounded = ("--runtime.type", "subprocess", "--run.name", "r")
    endless = ran("vf-validate", tmp_path, *bounded)
    assert endless.returncode != 0
    assert "infinite" in endless.stdout + endless.stderr
    with Running("-n", "1") as service:
        done = ran("vf-validate", tmp_path, *bounded, "-n", "3", "--clean", "--taskset.url",
                   service.url, "--taskset.categories", '["updown_counter"]')  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (results,) = tmp_path.glob("out/**/results.jsonl")
    rows: list[dict[str, Any]] = [json.loads(line) for line in results.read_text().splitlines()]
    assert Counter(r["reason"] for r in rows) == {"valid": 3}, rows
    assert {r["noop"]["reward"] for r in rows} == {0.0}
    assert all(find_spec((), r["name"]).category == "updown_counter" for r in rows)


@pytest.mark.slow
def test_a_service_judges_a_stream_it_has_never_been_told_of() -> None:
    from rtlbench import Client, UserError

    spec = find_spec((), "updown_train3_5")
    with Running("-n", "1") as service, Client(service.url) as client:
        wrong = spec.golden.replace("+ 1'b1", "+ 2'd2")
        by_id = client.judge(spec.id, [spec.golden, wrong])
        assert [v.outcome.value for v in by_id] == ["pass", "fail"]
        assert [v.outcome for v in client.judge(spec, [spec.golden])] == [by_id[0].outcome]
        for name in ("nothing_train3_5", "updown_train3_", "updown_held3_5"):
            with pytest.raises(UserError, match="no spec"):
                client.judge(name, sync_counter().golden)
