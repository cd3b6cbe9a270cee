"""A model by wire that errs once: wrong in turn 1, right when it is told what is wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rtlbench.records.spec import Spec
from tests.conftest import Command, SmallSuite

Recorded = Callable[..., list[str]]


def wrong_code(spec: Spec) -> str:
    """A golden that counts up by two."""
    return spec.golden.replace("+ 1'b1", "+ 2'd2")


class Endpoint:
    """An OpenAI-compatible chat endpoint on loopback. It holds back request `hold_at` for good."""

    def __init__(self, specs: list[Spec]) -> None:
        self.asked: list[list[dict[str, str]]] = []
        """The messages of every request."""
        self.odd: dict[int, tuple[int, dict[str, Any]]] = {}
        """By the request's number: its status, and what differs of the choice or is the body."""
        self.hold_at: int | None = None
        self.held = threading.Event()
        """Set once a request is held back."""
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._by_prompt = {s.prompt: s for s in specs}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def options(self) -> list[str]:
        """The command line's words for it."""
        url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        return ["--model", "openai:told-once", "--base-url", url, "--concurrency", "1"]

    def close(self) -> None:
        """Let go of everyone, and end."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, messages: list[dict[str, str]]) -> str:
        """What it says; held back where that was asked for."""
        with self._lock:
            self.asked.append(messages)
            number = len(self.asked)
        if number == self.hold_at:
            self.held.set()
            self.released.wait(60)
        spec = self._by_prompt[messages[0]["content"]]
        return spec.golden if len(messages) > 1 else f"Sure:\n```\n{wrong_code(spec)}```\n"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                text = endpoint.answer(json.loads(self.rfile.read(length))["messages"])
                status, odd = endpoint.odd.get(len(endpoint.asked), (200, {}))
                choice = {"index": 0, "message": {"role": "assistant", "content": text},
                          "finish_reason": "stop", **odd}  # fmt: skip
                usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
                body = {"id": "1", "object": "chat.completion", "created": 0, "model": "told-once",
                        "choices": [choice], "usage": usage}  # fmt: skip
                data = json.dumps(body if status == 200 else odd).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                """Nothing on standard error."""

        return Handler


@pytest.fixture
def endpoint(small_suite: SmallSuite) -> Iterator[Endpoint]:
    """The model, for the small suite's tasks."""
    served = Endpoint(small_suite.specs)
    yield served
    served.close()


@pytest.fixture
def command(command: Command) -> Command:
    """Calls `rtlbench refine` in this process, in an empty folder, on one core."""
    return lambda *args: command("refine", "-n", "1", *args)


@pytest.fixture
def recorded(tmp_path: Path) -> Callable[..., list[str]]:
    """Writes answers, `(task, turn, text)`, and gives the option that names them."""

    def write(*answers: tuple[str, int, str]) -> list[str]:
        path = tmp_path / "recorded.jsonl"
        lines = (json.dumps({"spec_id": t, "turn": n, "completion": x}) for t, n, x in answers)
        path.write_text("\n".join(lines) + "\n")
        return ["--model", f"recorded:{path}"]

    return write


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of the run `r`."""
    return tmp_path / "cwd" / "data" / "runs" / "r"


@pytest.fixture
def told_once(small_suite: SmallSuite, recorded: Recorded) -> list[str]:
    """Recorded answers to one task: a counter that is wrong, then one that is right."""
    spec = small_suite.specs[0]
    answers = recorded((spec.id, 1, wrong_code(spec)), (spec.id, 2, f"```\n{spec.golden}```"))
    return [*answers, small_suite.option, "-k", spec.id, "--run-id", "r"]


@pytest.fixture
def by_wire(endpoint: Endpoint, small_suite: SmallSuite) -> list[str]:
    """The command's options for two tasks of the small suite."""
    first, second, *_ = small_suite.specs
    return [*endpoint.options, small_suite.option, "-k", first.id, "-k", second.id, "--run-id", "r"]
