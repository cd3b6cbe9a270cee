"""Endpoints that answer otherwise than the documents say, on loopback: what is text is kept, what
waiting does not mend is told at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.generate.answer import Answer, Request
from rtlbench.generate.openai_endpoint import Endpoint
from rtlbench.generate.source import Generation

CODE = "module m; endmodule"
Reply = tuple[int, Any]


@contextmanager
def endpoint(reply: Reply) -> Iterator[tuple[str, list[str]]]:
    """The address of a server that gives one reply to all that comes, and what came."""
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            came.append(self.path)
            body = json.dumps(reply[1]).encode()
            self.send_response(reply[0])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", came
    finally:
        server.shutdown()
        server.server_close()


def chat(content: object, **more: object) -> Reply:
    message = {"role": "assistant", "content": content, **more}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return 200, {"id": "1", "object": "chat.completion", "created": 1, "model": "m",
                 "choices": [choice]}  # fmt: skip


def answered(reply: Reply) -> tuple[list[Answer], int]:
    """The answers to two requests, and how many came in."""
    with endpoint(reply) as (url, came):
        asked = Generation(model="openai:m", base_url=url, concurrency=1, request_timeout=10.0)
        requests = [Request(spec_id="s", sample=k, prompt="p", seed=1) for k in range(2)]
        return list(Endpoint(asked, "m").answers(requests)), len(came)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (CODE, CODE),
        ([{"type": "text", "text": "module m; "}, {"type": "text", "text": "endmodule"}], CODE),
        ([{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": CODE}], CODE),
        ([], ""),
        (None, ""),
        ("a\ud800b", "a?b"),
    ],
)
def test_what_is_text_is_kept_and_a_file_can_hold_it(
    content: object, text: str, tmp_path: Path
) -> None:
    answers, came = answered(chat(content, reasoning_content="thought"))
    assert ([a.completion for a in answers], came) == ([text, text], 2)
    path = tmp_path / "a.jsonl"
    path.write_bytes(msgspec.json.encode(answers[0]))
    assert msgspec.json.decode(path.read_bytes(), type=Answer).completion == text


@pytest.mark.parametrize("content", [{"text": CODE}, 3, True])
def test_what_is_no_text_is_told(content: object) -> None:
    with pytest.raises(UserError, match="gave what is no answer"):
        answered(chat(content))


@pytest.mark.parametrize(
    "error",
    [
        {"code": "insufficient_quota", "type": "insufficient_quota", "message": "pay"},
        {"code": None, "type": "insufficient_quota", "message": "pay"},
        {"code": "billing_hard_limit_reached", "message": "pay"},
    ],
)
def test_an_empty_account_is_not_waited_for(error: dict[str, Any]) -> None:
    with endpoint((429, {"error": error})) as (url, came):
        asked = Generation(model="openai:m", base_url=url)
        request = Request(spec_id="s", sample=0, prompt="p", seed=1)
        with pytest.raises(UserError, match="nothing left to pay with"):
            list(Endpoint(asked, "m").answers([request]))
        assert len(came) == 1
