"""What the service answers to one request after another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from rtlbench import Candidate, Client, UserError
from rtlbench.verifier import Verifier
from tests.conftest import Command
from tests.serve.service import Running
from tests.support import CLASSIC, async_counter, sync_counter

SPEC = sync_counter()
WRONG = SPEC.golden.replace("+ 1'b1", "+ 2'd2")
TOKEN = "a long secret"
KNOWN = {"authorization": f"Bearer {TOKEN}"}
ONE = {"text": "module m; endmodule"}


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    """One that wants a token."""
    with Running("--max-bytes", 20000, "-n", 1, RTLBENCH_JUDGE_TOKEN=TOKEN) as running:
        yield running


def post(service: Running, body: Any, **headers: str) -> httpx2.Response:
    """The response to a request to judge."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {**KNOWN, "content-type": "application/json", **headers}
    return httpx2.post(f"{service.url}/v1/judge", content=content, headers=told, timeout=100)


def test_verdicts_are_the_commands(service: Running) -> None:
    texts = [SPEC.golden, WRONG, CLASSIC, "", f"Sure:\n```verilog\n{SPEC.golden}```"]
    answers = [Candidate(text=t, sample=k, model="m") for k, t in enumerate(texts)]
    with Client(service.url, token=TOKEN) as client:
        assert client.judge(SPEC, answers) == Verifier().verify(SPEC, answers)
        words = [Candidate(text=CLASSIC, instruction="a counter with enable")]
        assert client.judge(None, words) == Verifier().verify(None, words)
        mixed = client.judge_each([SPEC.id, async_counter().id], [Candidate(text=SPEC.golden)] * 2)
        assert [v.outcome for v in mixed] == ["pass", "fail"]
        assert SPEC.prompt in {t.prompt for t in client.tasks()}


def test_nothing_of_how_a_task_is_judged_is_told(service: Running) -> None:
    told = httpx2.get(f"{service.url}/v1/tasks", headers=KNOWN).json()["tasks"]
    kept = {"id", "category", "family", "difficulty", "title", "prompt", "top", "digest"}
    assert {name for task in told for name in task} == kept


@pytest.mark.parametrize("path", ["/v1/judge", "/v1/tasks", "/v1/about", "/metrics"])
def test_who_does_not_know_the_token_learns_nothing(service: Running, path: str) -> None:
    method = "POST" if path == "/v1/judge" else "GET"
    for said in (None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN):
        headers = {} if said is None else {"authorization": said}
        response = httpx2.request(method, service.url + path, headers=headers)
        assert response.status_code == 401, said
        assert response.headers["www-authenticate"] == "Bearer"
        assert set(response.json()) == {"error"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "answers"),
        ({"answers": []}, "answers"),
        ({"answers": "x"}, "answers"),
        ({"answers": [ONE] * 257}, "answers"),
        ({"answers": [ONE], "formal": True}, "formal"),
        ({"answers": [ONE, {}]}, "answers[1].text"),
        ({"answers": [{"text": 3}]}, "answers[0].text"),
        ({"answers": [{"text": None}]}, "answers[0].text"),
        ({"answers": [{**ONE, "sample": -1}]}, "answers[0].sample"),
        ({"answers": [{**ONE, "sample": 2**70}]}, "answers[0].sample"),
        ({"answers": [{**ONE, "model": []}]}, "answers[0].model"),
        ({"answers": [{**ONE, "reference": "/etc"}]}, "answers[0].reference"),
        ({"answers": [ONE, {**ONE, "task": "updown"}]}, "answers[1].task"),
        ({"answers": [{**ONE, "task": SPEC.id, "digest": "0"}]}, "answers[0].digest"),
        (b"{", None),
        (b"\xff\xfe", None),
        (b'{"answers":[{"text":"\\ud800"}]}', None),
        (b"[" * 10000, None),
    ],
)
def test_what_cannot_be_used_is_named(service: Running, body: Any, field: str | None) -> None:
    response = post(service, body)
    told = response.json()
    assert (response.status_code, told.get("field")) == (422, field)
    assert told["error"]


def test_what_is_too_large_is_refused_told_beforehand_or_not(service: Running) -> None:
    assert post(service, {"answers": [{"text": "x" * 30000}]}).status_code == 413

    def chunks() -> Iterator[bytes]:
        yield from (b"x" * 1000 for _ in range(100))

    headers = {**KNOWN, "content-type": "application/json"}
    with httpx2.Client() as plain:
        response = plain.post(f"{service.url}/v1/judge", content=chunks(), headers=headers)
    assert response.status_code == 413
    with Client(service.url, token=TOKEN) as client, pytest.raises(UserError, match="413"):
        client.judge(SPEC, "x" * 30000)


def test_only_json_is_taken(service: Running) -> None:
    assert post(service, {"answers": [ONE]}, **{"content-type": "text/plain"}).status_code == 415
    assert httpx2.get(f"{service.url}/v1/judge", headers=KNOWN).status_code == 405


def test_metrics_count_what_was_answered(service: Running) -> None:
    def counted() -> dict[tuple[str, ...], float]:
        text = httpx2.get(f"{service.url}/metrics", headers=KNOWN).text
        families = text_string_to_metric_families(text)
        return {(s.name, *s.labels.values()): s.value for f in families for s in f.samples}

    before = counted()
    assert post(service, {"answers": [{**ONE, "task": SPEC.id}] * 3}).status_code == 200
    assert post(service, {}).status_code == 422
    after = counted()
    for key, more in (
        (("rtlbench_verdicts_total", "fail"), 3),
        (("rtlbench_requests_total", "200"), 1),
        (("rtlbench_requests_total", "422"), 1),
        (("rtlbench_request_seconds_count",), 1),
    ):
        assert after[key] - before.get(key, 0) == more, key
    assert after[("rtlbench_answers_taken",)] == 0


def test_the_interface_describes_what_comes(service: Running) -> None:
    told = httpx2.get(f"{service.url}/openapi.json").json()
    assert set(told["paths"]) == {"/v1/judge", "/v1/tasks", "/v1/about", "/healthz", "/readyz",
                                 "/metrics"}

    def check(shape: str, instance: Any) -> None:
        components = {"components": told["components"]}
        jsonschema.validate(instance, {"$ref": f"#/components/schemas/{shape}", **components})

    asked = {"answers": [{**ONE, "task": SPEC.id}]}
    check("JudgeRequest", asked)
    check("JudgeResponse", post(service, asked).json())
    check("ErrorResponse", post(service, {}).json())
    check("TasksResponse", httpx2.get(f"{service.url}/v1/tasks", headers=KNOWN).json())
    with pytest.raises(jsonschema.ValidationError):
        check("JudgeRequest", {"answers": []})


def test_a_client_says_what_is_wrong(service: Running) -> None:
    with (
        Client(service.url, token="other") as stranger,
        pytest.raises(UserError, match="401: give the service's token"),
    ):
        stranger.judge(SPEC, "x")
    other = msgspec.structs.replace(SPEC, prompt="another")
    with Client(service.url, token=TOKEN) as client:
        with pytest.raises(UserError, match=r"answers\[0\].task: no spec 'updown'"):
            client.judge("updown", "x")
        with pytest.raises(UserError, match=r"answers\[0\].digest"):
            client.judge(other, "x")


def test_a_place_that_others_reach_needs_a_token(command: Command, tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", ""):
        ran = command("serve", "--port", "0", "--host", host, RTLBENCH_JUDGE_TOKEN="")
        assert ran.returncode != 0
        assert "give --token-file FILE" in ran.stderr
    empty = tmp_path / "empty"
    empty.write_text("\n")
    for file, told in ((empty, "is empty"), (tmp_path / "none", "cannot read it")):
        ran = command("serve", "--port", "0", "--token-file", file)
        assert told in ran.stderr
