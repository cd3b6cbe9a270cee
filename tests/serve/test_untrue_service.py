"""A client believes no Verdict that does not follow from its own Checks, or that is of another
answer, whoever says it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import msgspec
import pytest

from rtlbench import Candidate, Client, HarnessError
from rtlbench.client.messages import JudgeResponse
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.verifier import Verifier
from tests.support import sync_counter

SPEC = sync_counter()
ANSWERS = [
    Candidate(text=SPEC.golden),
    Candidate(text=SPEC.golden.replace("+ 1'b1", "+ 2'd2"), sample=1),
]
Say = Callable[[list[Verdict]], list[Verdict]]


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    """The true ones: a pass and a failure."""
    found = Verifier().verify(SPEC, ANSWERS)
    assert [v.outcome for v in found] == [Outcome.PASS, Outcome.FAIL]
    return found


@contextmanager
def saying(verdicts: list[Verdict]) -> Iterator[str]:
    """A service at a URL that answers every request so."""
    body = msgspec.json.encode(JudgeResponse(verdicts=verdicts))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _claiming(**claim: Any) -> Say:
    return lambda found: [found[0], msgspec.structs.replace(found[1], **claim)]


UNTRUE: dict[str, tuple[Say, str]] = {
    "functional": (_claiming(functional=True), "functional is true, and by its Checks false"),
    "score": (_claiming(score=1e9), "its score is"),
    "outcome": (_claiming(outcome=Outcome.PASS), "its outcome is pass, and by its Checks fail"),
    "version": (_claiming(schema_version=99), "schema_version is 99"),
    "order": (lambda found: found[::-1], "of another answer"),
    "one twice": (lambda found: [found[0], found[0]], "of another answer"),
    "one lost": (lambda found: found[:1], "1 verdicts came of 2 answers"),
}


def test_what_follows_from_its_checks_is_believed(verdicts: list[Verdict]) -> None:
    with saying(verdicts) as url, Client(url) as client:
        assert client.judge(SPEC, ANSWERS) == verdicts


@pytest.mark.parametrize("name", UNTRUE)
def test_what_does_not_is_the_services_fault(verdicts: list[Verdict], name: str) -> None:
    say, told = UNTRUE[name]
    with (
        saying(say(verdicts)) as url,
        Client(url) as client,
        pytest.raises(HarnessError, match=told),
    ):
        client.judge(SPEC, ANSWERS)
