"""An endpoint's key: read as people set it, told when it is not there, and in no file of a run."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from rtlbench.generate.endpoint_errors import masked, masked_answer, secrets_of
from rtlbench.generate.source import Generation

Run = Callable[..., Any]
KEY = 'sk-Ab+/=9"x\\y-this-is-a-secret-of-64-letters-0123456789abcdefghi'
PASSWORD = "p%40ss-of-the-address"
VARIABLE = "MY_OWN_KEY"
SILENT = ("html", "odd")
"""What is then shown has nothing of what the endpoint said."""
RTL = "```verilog\nmodule m; endmodule\n```\n"


class Echo:
    """An endpoint that says the key that it was sent, in one way or another."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.keys: list[str] = []

    def reply(self, key: str) -> tuple[int, bytes]:
        """Status and body."""
        told = {
            "completion": RTL + f"// you are {key}\n",
            "plain": f"Incorrect API key provided: {key}. See your account.",
            "late": "x" * 170 + f" {key} {key}",
            "later": "x" * 150 + repr(key) + quote(key),
            "cut": f"Incorrect key {key[:40]}...",
            "quoted": f"Incorrect key {quote(key, safe='')}",
            "repeated": f"{key}, " * 5000,
        }.get(self.way, "")
        if self.way == "completion":
            choice = {"index": 0, "finish_reason": "stop",
                      "message": {"role": "assistant", "content": told}}  # fmt: skip
            answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "m"}
            return 200, json.dumps({**answer, "choices": [choice]}).encode()
        if self.way == "html":
            return 403, f"<html><b>{key}</b>{'y' * 99}{key}</html>".encode()
        if self.way == "odd":
            return 200, json.dumps({"choices": key}).encode()
        return 401, json.dumps({"error": {"message": told, "type": "t"}}).encode()


@contextmanager
def echoing(way: str) -> Iterator[tuple[Echo, str]]:
    """A running one, and its address with a password in it."""
    echo = Echo(way)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            key = self.headers.get("authorization", "").removeprefix("Bearer ")
            echo.keys.append(key)
            status, body = echo.reply(key)
            self.send_response(status)
            self.send_header("content-type", "text/html" if way == "html" else "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield echo, f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


def written(key: str) -> list[bytes]:
    """A key in the ways that it may be written; enough of it to be one."""
    forms = (key, repr(key)[1:-1], json.dumps(key)[1:-1], quote(key, safe=""), key[:20], key[-20:],
             base64.b64encode(key.encode()).decode())  # fmt: skip
    return [f.encode() for f in forms]


def files_of(folder: Path) -> dict[str, bytes]:
    """All files below, hidden ones too, by name."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def generate(command: Run, small_suite: Any, tmp_path: Path) -> Run:
    """Asks an endpoint for answers to a small suite, to be kept in `a.jsonl`."""
    fixed = ("generate", "--model", "openai:m", small_suite.option, "--out", tmp_path / "a.jsonl")
    return lambda *args, **environment: command(*fixed, *args, **environment)


def refuse_key_in(folder: Path, ran: Any, way: str) -> None:
    """Make sure that neither the files below a folder nor what was printed has the key."""
    found = {**files_of(folder), "stdout": ran.stdout.encode(), "stderr": ran.stderr.encode()}
    assert [n for n, text in found.items() if any(form in text for form in written(KEY))] == []
    assert way in SILENT or b"***" in b"".join(found.values()), "the endpoint did say it"


@pytest.mark.slow
@pytest.mark.parametrize("way", ["completion", "plain", "late"])
def test_no_file_of_a_run_has_the_key(
    rtlbench: Run, small_suite: Any, tmp_path: Path, way: str
) -> None:
    results = tmp_path / "results"
    with echoing(way) as (echo, url):
        ran = rtlbench(
            "bench", "--model", "openai:m", "--base-url", url, "--api-key-env", VARIABLE,
            small_suite.option, "--results", results, "-n", "2", **{VARIABLE: f" {KEY}\r\n"},
        )  # fmt: skip
    assert set(echo.keys) == {KEY}
    assert (results / "run.json").is_file()
    refuse_key_in(tmp_path, ran, way)


WAYS = ["completion", "plain", "late", "later", "cut", "quoted", "repeated", "html", "odd"]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_that_an_endpoint_says_has_the_key(
    generate: Run, tmp_path: Path, way: str
) -> None:
    with echoing(way) as (echo, url):
        ran = generate("--base-url", url, "--api-key-env", VARIABLE, **{VARIABLE: KEY + "\n"})
    assert set(echo.keys) == {KEY}
    assert ran.returncode == {"completion": 0, "odd": 1}.get(way, 2)
    refuse_key_in(tmp_path, ran, way)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r", "  ", "\t\n\n"])
def test_blanks_and_line_ends_around_the_key_are_no_part_of_it(
    generate: Run, tmp_path: Path, end: str
) -> None:
    out = tmp_path / "a.jsonl"
    with echoing("completion") as (echo, url):
        ran = generate("--base-url", url, OPENAI_API_KEY=end + KEY + end)
    assert ran.returncode == 0, ran.stderr
    assert set(echo.keys) == {KEY}
    assert KEY not in out.read_text()
    assert "module m; endmodule" in out.read_text()


@pytest.mark.parametrize("key", ["sk-a\nb-and-more", "sk-a b", "sk-\u2019quoted\u2019", "\x1bsk-a"])
def test_what_can_be_no_key_is_told_and_not_shown(generate: Run, key: str) -> None:
    with echoing("plain") as (echo, url):
        ran = generate("--base-url", url, OPENAI_API_KEY=key)
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
    assert "what the variable OPENAI_API_KEY holds can be no key" in ran.stderr
    assert "sk-" not in ran.stderr
    assert echo.keys == []


@pytest.mark.parametrize(
    ("name", "told", "hidden"),
    [
        ("MY_OWM_KEY", "no key in the variable MY_OWM_KEY; .*did you mean MY_OWN_KEY", ""),
        ("NOWHERE_AT_ALL", "no key in the variable NOWHERE_AT_ALL", ""),
        ("my_own_key", "there is no key in a variable of that name", ""),
        ("AN_EMPTY_ONE", "no key in the variable AN_EMPTY_ONE", ""),
        ("sk-proj-123456789", "there is no key in a variable of that name", "sk-proj"),
        ("gsk_0123456789abcdef", "there is no key in a variable of that name", "gsk_"),
        ("A=B", "there is no key in a variable of that name", ""),
        ("", "there is no key in a variable of that name", ""),
    ],
)
@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", None])
def test_a_variable_that_holds_no_key_is_told(
    generate: Run, name: str, told: str, hidden: str, url: str | None
) -> None:
    there = ["--base-url", url] if url else []
    ran = generate(*there, "--api-key-env", name, MY_OWN_KEY=KEY, AN_EMPTY_ONE=" \n")
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
    assert re.search(told, ran.stderr)
    assert not hidden or hidden not in ran.stderr


def test_what_an_address_hides_is_masked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    url = f"http://user:{PASSWORD}@127.0.0.1:9/v1?api-key=0123456789abcdefXYZ&v=1"
    secrets = secrets_of(Generation(model="openai:m"), url)
    said = masked(f"1: cannot reach {url} with {KEY}", secrets)
    for hidden in (KEY, PASSWORD, "0123456789abcdefXYZ"):
        assert hidden not in said
    assert "127.0.0.1:9" in said


def test_an_address_with_a_password_is_not_shown(generate: Run) -> None:
    ran = generate("--base-url", f"user:{PASSWORD}@host/v1")
    assert ran.returncode == 2
    assert "give an http or https address" in ran.stderr
    assert PASSWORD not in ran.stderr


def test_a_short_word_for_a_key_changes_no_answer() -> None:
    """Local servers are given `none`, `EMPTY`, `x`; and RTL may have them in it."""
    for key in ("none", "x", "EMPTY", "token-abc123"):
        assert masked_answer(f"reg {key};", (key,)) == f"reg {key};"
    assert masked_answer("reg password;", ("password-for-the-lab",)) == "reg password;"
    assert masked_answer(f"// {KEY}", (KEY,)) == "// ***"
