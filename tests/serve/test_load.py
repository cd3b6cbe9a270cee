"""Many clients at once, workers that are killed, floods, and a stop in the midst of it."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx2
import pytest

from rtlbench import Candidate, Client, HarnessError, Spec, Verdict
from tests.serve.service import Running
from tests.support import updown

SPECS = list(updown().values())


def right_and_wrong(spec: Spec, mark: str) -> list[Candidate]:
    """Two answers, whose samples say what their Verdicts must be."""
    wrong = spec.golden.replace("+ 1'b1", "+ 2'd2")
    texts = (f"{wrong}// {mark}\n", f"{spec.golden}// {mark}\n")
    return [Candidate(text=t, sample=k, model=mark) for k, t in enumerate(texts)]


def ask(url: str, mark: str, specs: list[Spec] = SPECS) -> list[Verdict]:
    """One client's Verdicts, made sure that each is of its answer."""
    with Client(url) as client:
        verdicts = []
        for spec in specs:
            answers = right_and_wrong(spec, mark)
            found = client.judge(spec, answers)
            assert [v.candidate_hash for v in found] == [a.digest() for a in answers]
            assert [(v.spec_id, v.model, v.sample) for v in found] == [
                (spec.id, mark, k) for k in (0, 1)
            ]
            verdicts += found
    return verdicts


def ask_from_all(url: str, clients: int) -> list[Verdict]:
    """The Verdicts of several clients at once."""
    with ThreadPoolExecutor(clients) as threads:
        calls = [threads.submit(ask, url, f"client {k}") for k in range(clients)]
        return [v for call in calls for v in call.result()]


def check(verdicts: list[Verdict], count: int) -> None:
    """That every answer has the Verdict that it must have."""
    assert len(verdicts) == count
    assert Counter((v.outcome.value, v.sample) for v in verdicts) == {
        ("fail", 0): count // 2, ("pass", 1): count // 2,
    }  # fmt: skip


@pytest.mark.slow
def test_clients_share_batches_and_get_their_own_verdicts() -> None:
    with Running("-n", 2) as service:
        check(ask_from_all(service.url, 6), 12 * len(SPECS))
        text = httpx2.get(f"{service.url}/metrics").text
    sums = {
        line.split()[0]: float(line.split()[1])
        for line in text.splitlines() if line.startswith("rtlbench_batch_answers_")
    }  # fmt: skip
    assert sums["rtlbench_batch_answers_sum"] == 12 * len(SPECS)
    assert sums["rtlbench_batch_answers_count"] < 6 * len(SPECS)


@pytest.mark.slow
def test_killed_workers_lose_and_double_nothing() -> None:
    def kill(service: Running) -> None:
        for _ in range(3):
            time.sleep(1.5)
            for pid in service.workers[:1]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    with Running("-n", 2) as service:
        killer = threading.Thread(target=kill, args=[service])
        killer.start()
        check(ask_from_all(service.url, 4), 8 * len(SPECS))
        killer.join()
        text = httpx2.get(f"{service.url}/metrics").text
    restarts = next(ln for ln in text.splitlines() if ln.startswith("rtlbench_worker_restarts_"))
    assert float(restarts.split()[1]) >= 1


@pytest.mark.slow
def test_a_flood_is_told_to_wait_and_costs_no_memory() -> None:
    spec = SPECS[0]
    body = {"answers": [{"text": spec.golden + "/" * 100_000, "task": spec.id}] * 4}
    client = httpx2.Client(timeout=300)
    with Running("-n", 1, "--max-waiting", 8) as service, client:

        def post(k: int) -> httpx2.Response:
            unlike = [{**a, "text": f"{a['text']} {k}"} for a in body["answers"]]
            return client.post(f"{service.url}/v1/judge", json={"answers": unlike})

        before = service.resident
        with ThreadPoolExecutor(32) as threads:
            responses = list(threads.map(post, range(150)))
            grown = service.resident - before
        counts = Counter(r.status_code for r in responses)
        assert set(counts) == {200, 429}
        assert counts[200] >= 1
        for refused in (r for r in responses if r.status_code == 429):
            assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert grown < 64 << 20, f"{grown >> 20} MB more"
        assert ask(service.url, "after it", SPECS[:1])[1].outcome == "pass"


@pytest.mark.slow
def test_a_stop_answers_what_was_taken() -> None:
    service = Running("-n", 1)
    with ThreadPoolExecutor(4) as threads:
        calls = [threads.submit(ask, service.url, f"{k}", SPECS[k : k + 1]) for k in range(4)]
        while "rtlbench_answers_taken 8" not in httpx2.get(f"{service.url}/metrics").text:
            time.sleep(0.02)
        workers = service.workers
        assert service.stop() in (0, -signal.SIGTERM)
        check([v for call in calls for v in call.result()], 8)
    assert not [pid for pid in workers if os.path.exists(f"/proc/{pid}")]  # noqa: PTH110
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{service.url}/healthz")


def test_a_client_waits_for_a_service_that_is_busy_and_gives_up_at_last() -> None:
    told = [
        b"HTTP/1.1 429 Too Many\r\nretry-after: 0\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 503 Gone\r\ncontent-length: 2\r\n\r\n{}",
        b"",
        b'HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{"tasks":[]}',
    ]
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

        def answer() -> None:
            for response in told:
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(response)

        thread = threading.Thread(target=answer)
        thread.start()
        with Client(url) as client:
            assert client.tasks() == []
        thread.join()
    with Client(url, patience=0.5) as client, pytest.raises(HarnessError, match=r"127\.0\.0\.1"):
        client.tasks()
