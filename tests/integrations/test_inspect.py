"""inspect_ai runs our tasks, asks a model, and counts what `rtlbench bench` counts."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rtlbench.records.spec import Spec
from tests.integrations.served import whole_answer
from tests.serve.service import Running

pytest.importorskip("inspect_ai")
pytestmark = pytest.mark.slow
PACKAGE = Path(__file__).parents[2] / "integrations" / "inspect"
INSPECT = Path(sysconfig.get_path("scripts")) / "inspect"


@pytest.fixture
def endpoint(small_suite: Any, answer_kinds: Any) -> Iterator[str]:
    """A model that answers every other task rightly, behind the OpenAI protocol on loopback."""
    specs: list[Spec] = small_suite.specs
    lines = [answer_kinds["right" if k % 2 else "wrong"](s) for k, s in enumerate(specs)]
    answers = {
        spec.prompt: line.get("rtl") or line["completion"]
        for spec, line in zip(specs, lines, strict=True)
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            words = str(asked["messages"][-1]["content"])
            text = next((a for prompt, a in answers.items() if prompt in words), "")
            body = whole_answer(text)
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()


def test_inspect_counts_what_the_benchmark_counts(
    endpoint: str,
    small_suite: Any,
    rtlbench: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
) -> None:
    ran = rtlbench(
        "bench", small_suite.option, "--model", "openai:m", "--base-url", endpoint,
        "--results", tmp_path / "results", "--workers", 1, OPENAI_API_KEY="none",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    total = json.loads((tmp_path / "results" / "run.json").read_text())["total"]
    with Running(small_suite.option, "-n", "1") as service:
        log = evaluated(endpoint, service.url, tmp_path)
    metrics = {s["name"]: s["metrics"]["mean"]["value"] for s in log["results"]["scores"]}
    assert log["status"] == "success"
    assert metrics["functional"] == pytest.approx(total["functional"]["value"])
    assert metrics["passed"] == pytest.approx(total["passed"]["value"])
    assert metrics["score"] == pytest.approx(total["score"]["value"], abs=0.001)
    assert 0 < metrics["functional"] < 1
    told = {s["id"]: next(iter(s["scores"].values())) for s in log["samples"]}
    wrong = [s for s in told.values() if not s["value"]["functional"]]
    assert all("expected" in s["explanation"] for s in wrong)


def evaluated(endpoint: str, judge: str, folder: Path) -> dict[str, Any]:
    """The log of `inspect eval`."""
    environment = {
        **os.environ, "PYTHONPATH": str(PACKAGE), "LOCAL_API_KEY": "none",
        "LOCAL_BASE_URL": endpoint, "INSPECT_LOG_FORMAT": "json",
    }  # fmt: skip
    ran = subprocess.run(
        [
            sys.executable, str(INSPECT), "eval", f"{PACKAGE}/rtlbench_inspect/task.py@rtlbench",
            "--model", "openai-api/local/m", "-T", f"url={judge}",
            "--log-dir", str(folder / "logs"), "--display", "plain",
        ],
        capture_output=True, text=True, cwd=folder, env=environment, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (log,) = (folder / "logs").glob("*.json")
    found: dict[str, Any] = json.loads(log.read_text())
    return found
