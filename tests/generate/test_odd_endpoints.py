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
from rtlbench.generate.source import Generation, generation

CODE = "module m; endmodule"
Reply = tuple[int, Any]


@contextmanager
def endpoint(*replies: Reply) -> Iterator[tuple[str, list[str]]]:
    """The address of a server that gives these replies in turn, over and over, and what came."""
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            status, given = replies[len(came) % len(replies)]
            came.append(self.path)
            body = given if isinstance(given, bytes) else json.dumps(given).encode()
            self.send_response(status)
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


def chat(content: object, finish: str = "stop", **more: object) -> Reply:
    message = {"role": "assistant", "content": content, **more}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return 200, {"id": "1", "object": "chat.completion", "created": 1, "model": "m",
                 "choices": [choice]}  # fmt: skip


def answered(*replies: Reply) -> tuple[list[Answer], int]:
    """The answers to as many requests, one after the other, and how many came in."""
    with endpoint(*replies) as (url, came):
        asked = Generation(model="openai:m", base_url=url, concurrency=1, request_timeout=10.0)
        requests = [Request(spec_id="s", sample=k, prompt="p", seed=1) for k in range(len(replies))]
        return list(Endpoint(asked, "m").answers(requests)), len(came)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (CODE, CODE),
        ([{"type": "text", "text": "module m; "}, {"type": "text", "text": "endmodule"}], CODE),
        ([{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": CODE}], CODE),
        ([], ""),
        ("", ""),
        ("a\ud800b", "a?b"),
    ],
)
def test_what_is_text_is_kept_and_a_file_can_hold_it(
    content: object, text: str, tmp_path: Path
) -> None:
    answers, came = answered(chat(content, reasoning_content="thought"))
    assert ([a.completion for a in answers], came) == ([text], 1)
    path = tmp_path / "a.jsonl"
    path.write_bytes(msgspec.json.encode(answers[0]))
    assert msgspec.json.decode(path.read_bytes(), type=Answer).completion == text


NO_ANSWER: dict[str, tuple[Any, str, str]] = {
    "refusal": (chat(None, refusal="I can't."), "refused", "I can't."),
    "content filter": (chat("mod", finish="content_filter"), "filtered", "kept back"),
    "safety": (chat(None, finish="SAFETY"), "filtered", "kept back: SAFETY"),
    "finish by error": (chat("x", finish="error"), "failed", "ended by error"),
    "a tool's call": (chat(None, tool_calls=[]), "failed", "no content"),
    "no content": (chat(None, reasoning_content="hm"), "failed", "no content"),
    "an object": (chat({"text": CODE}), "failed", "content is dict, not text"),
    "a number": (chat(3), "failed", "content is int, not text"),
    "no choices": ((200, {"choices": []}), "failed", "no choices in it"),
    "an error for an answer": ((200, {"error": {"message": "full"}}), "failed", "full"),
    "an empty object": ((200, {}), "failed", "no choices in it"),
    "a list": ((200, []), "failed", "no choices in it"),
    "a string": ((200, "hello"), "failed", "no choices in it"),
    "HTML": ((200, b"<html>busy</html>"), "failed", ""),
    "cut JSON": ((200, b'{"choices": [{"mess'), "failed", ""),
    "no UTF-8": ((200, b'{"choices": "\xff"}'), "failed", ""),
    "beyond the context": ((400, {"error": {"message": "too long"}}), "failed", "too long"),
    "too large": ((413, {"error": {"message": "too large"}}), "failed", "too large"),
    "not understood": ((422, {"detail": "no field seed"}), "failed", "no field seed"),
}


@pytest.mark.parametrize(("reply", "ended", "why"), NO_ANSWER.values(), ids=NO_ANSWER)
def test_a_request_that_ends_otherwise_ends_no_other(reply: Reply, ended: str, why: str) -> None:
    answers, came = answered(chat(CODE), reply, chat(CODE))
    assert came == 3
    assert [a.ended for a in answers] == ["answered", ended, "answered"]
    assert [a.completion for a in answers] == [CODE, "", CODE]
    assert why in answers[1].why
    assert answers[1].why == " ".join(answers[1].why.split())


def test_what_was_thought_is_kept_apart_and_thinking_to_the_limit_is_an_answer() -> None:
    (whole, cut), _ = answered(
        chat(CODE, reasoning_content="hm"), chat(None, reasoning="hm hm", finish="length")
    )
    assert (whole.completion, whole.reasoning) == (CODE, "hm")
    assert (cut.completion, cut.reasoning, cut.ended) == ("", "hm hm", "answered")


def test_an_endpoint_that_fails_ten_times_in_a_row_is_asked_no_more() -> None:
    bad = (400, {"error": {"message": "max_tokens is too large"}})
    with endpoint(bad) as (url, came):
        asked = Generation(model="openai:m", base_url=url)
        requests = [Request(spec_id="s", sample=k, prompt="p", seed=1) for k in range(30)]
        with pytest.raises(UserError, match=r"10 requests failed, the last: .*max_tokens is too"):
            list(Endpoint(asked, "m").answers(requests))
        assert len(came) == 10


@pytest.mark.parametrize(("limit", "asked_for"), [("0", 2), ("2", 6), ("0.1", 6), (None, 20)])
def test_the_user_says_how_many_may_fail(limit: str | None, asked_for: int) -> None:
    bad = (400, {"error": {"message": "no"}})
    with endpoint(chat(CODE), bad) as (url, came):
        asked = Generation(model="openai:m", base_url=url, concurrency=1, fail_on_error=limit)
        requests = [Request(spec_id="s", sample=k, prompt="p", seed=1) for k in range(20)]
        found = Endpoint(asked, "m").answers(requests)
        if limit is None:
            assert len(list(found)) == 20
        else:
            with pytest.raises(UserError, match="see --fail-on-error"):
                list(found)
        assert len(came) == asked_for


@pytest.mark.parametrize("given", ["-1", "1.5", "many", ""])
def test_a_limit_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(UserError, match=r"--fail-on-error: .* makes no sense"):
        generation({"model": "openai:m", "fail_on_error": given})


@pytest.mark.slow
def test_a_run_judges_what_was_answered_and_the_same_command_asks_for_the_rest(
    rtlbench: Any, small_suite: Any, tmp_path: Path
) -> None:
    filtered = chat("", finish="content_filter")
    failed = (400, {"error": {"message": "not now"}})
    args = ["bench", small_suite.option, "--results", tmp_path / "r", "--model", "openai:m",
            "--concurrency", 1, "-n", "1"]  # fmt: skip
    with endpoint(chat(CODE), filtered, failed, chat(CODE), chat(CODE)) as (url, came):
        ran = rtlbench(*args, "--base-url", url)
        assert (ran.returncode, len(came)) == (1, 5)
        assert "1 not answered (filtered), 1 not answered (failed)" in ran.stdout
        assert "outcomes: 3 fail" in ran.stdout
        again = rtlbench(*args, "--base-url", url)
        assert (again.returncode, len(came)) == (1, 6), "what was filtered is not asked again"
    assert "outcomes: 4 fail" in again.stdout
    kept = (tmp_path / "r" / "answers.failed.1.jsonl").read_text()
    assert "not now" in kept


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


NO_MODEL: dict[str, Reply] = {
    "404": (404, {"error": {"message": "nothing here"}}),
    "a code": (400, {"error": {"message": "see the list", "code": "model_not_found"}}),
    "the parameter": (422, {"error": {"message": "wrong value", "param": "model"}}),
    "another is served": (400, {"detail": "Server is pinned to 'own'; requested 'wanted-7b'."}),
    "no such": (400, {"error": {"message": "wanted-7b is not a valid model ID"}}),
    "by name": (400, {"error": {"message": "The model `Wanted-7B` does not exist"}}),
    "without its name": (400, {"error": {"message": "Model Not Exist"}}),
    "invalid": (400, {"error": {"message": "Invalid model: it may be retired"}}),
}


@pytest.mark.parametrize("reply", NO_MODEL.values(), ids=NO_MODEL)
def test_an_endpoint_without_the_model_is_asked_once(reply: Reply) -> None:
    with endpoint(reply) as (url, came):
        asked = Generation(model="openai:wanted-7b", base_url=url)
        requests = [Request(spec_id="s", sample=k, prompt="p", seed=1) for k in range(9)]
        with pytest.raises(UserError, match=r"has no model 'wanted-7b' there .*--model"):
            list(Endpoint(asked, "wanted-7b").answers(requests))
        assert len(came) == 1


@pytest.mark.parametrize(
    "told",
    [
        "This model's maximum context length is 4096 tokens; wanted-7b got 5000",
        "wanted-7b: image input is not supported",
        "the prompt is invalid for model wanted-7b",
    ],
)
def test_a_refusal_that_only_names_the_model_is_of_its_task_alone(told: str) -> None:
    with endpoint(chat(CODE), (400, {"error": {"message": told}}), chat(CODE)) as (url, came):
        asked = Generation(model="openai:wanted-7b", base_url=url, concurrency=1)
        requests = [Request(spec_id="s", sample=k, prompt="p", seed=1) for k in range(3)]
        found = [a.ended for a in Endpoint(asked, "wanted-7b").answers(requests)]
        assert (found, len(came)) == (["answered", "failed", "answered"], 3)
