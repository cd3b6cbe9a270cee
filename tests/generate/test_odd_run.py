"""An endpoint that misbehaves in many ways: each way ends as it should, and a whole suite of them,
with kills and Ctrl-C in between, loses nothing, asks nothing twice and shows no key."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rtlbench.runs.suite import read_suite
from tests.generate.odd.__main__ import DOCS, MARK, met
from tests.generate.odd.server import OddEndpoint, serving
from tests.generate.odd.ways import ENDURED, KEY, WAYS, plan

SEED = 1
LONGEST = 240.0
"""Seconds for a run to get as far as it should."""


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_each_way_ends_as_it_should_and_as_many_requests_are_recorded_as_came(name: str) -> None:
    ended, recorded, counted = met(name)
    assert (ended, recorded) == (WAYS[name].ends, counted)


def test_there_are_at_least_forty_ways_and_the_docs_have_them_all() -> None:
    told = DOCS.read_text().partition(MARK)[2]
    assert len(WAYS) >= 40
    assert [line.split("`")[1] for line in told.splitlines() if line.startswith("| `")] == [*WAYS]


def command(endpoint: OddEndpoint, folder: Path, *args: object) -> subprocess.Popen[str]:
    script = Path(sysconfig.get_path("scripts")) / "rtlbench"
    words: Sequence[object] = [
        sys.executable, script, "generate", "--model", "openai:odd", "--base-url", endpoint.url,
        "--request-timeout", 2, "--out", folder / "answers.jsonl", *args,
    ]  # fmt: skip
    return subprocess.Popen(
        [str(w) for w in words],
        env={**os.environ, "OPENAI_API_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_requests(endpoint: OddEndpoint, count: int, process: subprocess.Popen[str]) -> None:
    begun = time.monotonic()
    while len(endpoint.ids) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() - begun < LONGEST
        time.sleep(0.02)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(x) for x in path.read_text().splitlines()]


@pytest.mark.slow
def test_a_whole_suite_with_three_kills_is_accounted_for(tmp_path: Path) -> None:
    specs = read_suite("rtlbench")
    met_by = plan(SEED, [s.prompt for s in specs])
    assert set(met_by.values()) == set(ENDURED)
    ended_early: list[int] = []
    with serving(met_by, delay=0.05) as endpoint:
        for count in (60, 150, 240):
            process = command(endpoint, tmp_path, "--concurrency", 8)
            wait_for_requests(endpoint, count, process)
            process.kill()
            process.communicate()
            ended_early.append(len(endpoint.ids))
            time.sleep(0.2)  # what was on its way still comes in
        process = command(endpoint, tmp_path, "--concurrency", 8)
        out, err = process.communicate(timeout=LONGEST)
        assert process.returncode == 1, out + err
    whole, failed = (lines(tmp_path / f"answers{n}.jsonl") for n in ("", ".failed"))
    ended = {x["spec_id"]: x["ended"] for x in [*whole, *failed]}
    assert len(whole) + len(failed) == len(ended) == len(specs)
    assert ended == {s.id: WAYS[met_by[s.prompt]].ends for s in specs}
    assert Counter(ended.values())["failed"] == len(failed)
    noted = [x["id"] for x in lines(tmp_path / "answers.requests.jsonl")]
    sys.stdout.write(f"kills after {ended_early}; noted {len(noted)}, came {len(endpoint.ids)}\n")
    assert len(set(noted)) == len(noted)
    assert Counter(noted) == Counter(endpoint.ids)
    for path in tmp_path.iterdir():
        assert KEY.encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_the_first_ctrl_c_waits_for_what_is_under_way(tmp_path: Path) -> None:
    with serving({}, delay=1.0) as endpoint:
        process = command(endpoint, tmp_path, "--concurrency", 4, "--request-timeout", 60)
        wait_for_requests(endpoint, 3, process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LONGEST)
        assert process.returncode == 130, err
        assert "stopping when what is under way has come in" in err
        there = len(lines(tmp_path / "answers.jsonl"))
        assert there == len(endpoint.ids) >= 3
        assert f"stopped with {there} of 277 answers" in err
        assert "the same command goes on" in err


@pytest.mark.slow
def test_the_second_ctrl_c_ends_at_once_and_the_same_command_goes_on(tmp_path: Path) -> None:
    with serving({}, delay=8.0) as endpoint:
        process = command(endpoint, tmp_path, "--request-timeout", 60)
        wait_for_requests(endpoint, 1, process)
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)
        _, err = process.communicate(timeout=5)
        assert process.returncode == 130, err
        assert "ended at once" in err
        endpoint.delay = 0.0
        again = command(endpoint, tmp_path, "--category", "arbiter")
        out, err = again.communicate(timeout=LONGEST)
        assert again.returncode == 0, err
        assert "requests" in out


@pytest.mark.slow
def test_a_busy_endpoint_is_asked_by_fewer_and_another_address_goes_on(tmp_path: Path) -> None:
    specs = read_suite("rtlbench")[:60]
    with serving({s.prompt: "busy-wait" for s in specs}, delay=0.05) as endpoint:
        process = command(endpoint, tmp_path, "--concurrency", 16, "--category", specs[0].category)
        assert process.communicate(timeout=LONGEST)[1] == ""
        assert endpoint.most_at_once <= 16
    with serving({}) as elsewhere:
        process = command(elsewhere, tmp_path, "--category", specs[0].category, "--samples", 2)
        _, err = process.communicate(timeout=LONGEST)
        assert process.returncode == 0, err
        assert f"note: earlier answers came from {endpoint.url}" in err
        found = Counter(x["generator"]["base_url"] for x in lines(tmp_path / "answers.jsonl"))
        assert found[elsewhere.url] == found[endpoint.url] == len(elsewhere.ids)


@pytest.mark.slow
def test_patience_with_a_busy_endpoint_is_a_matter_of_time(tmp_path: Path) -> None:
    spec = next(s for s in read_suite("rtlbench") if s.category == "arbiter")
    with serving({spec.prompt: "busy-long"}) as endpoint:
        process = command(endpoint, tmp_path, "--category", "arbiter", "--patience", 0)
        _, err = process.communicate(timeout=LONGEST)
        assert process.returncode == 1, err
        assert endpoint.tries[spec.prompt] == 1
        (failed,) = lines(tmp_path / "answers.failed.jsonl")
        assert "takes no more requests" in failed["why"]
        process = command(endpoint, tmp_path, "--category", "arbiter")
        _, err = process.communicate(timeout=LONGEST)
        assert process.returncode == 0, err
        assert endpoint.tries[spec.prompt] >= 13


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_while_judging_loses_nothing_and_more_samples_go_on(
    workers: int, tmp_path: Path, small_suite: Any, rtlbench: Any
) -> None:
    results = tmp_path / "r"
    args = ["bench", small_suite.option, "--model", "openai:odd", "--concurrency", 2,
            "--results", results, "-n", workers]  # fmt: skip
    script = Path(sysconfig.get_path("scripts")) / "rtlbench"
    with serving({}, delay=2.0) as endpoint:
        process = subprocess.Popen(
            [sys.executable, script, *map(str, args), "--base-url", endpoint.url, "--samples", "4"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        wait_for_requests(endpoint, 3, process)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=LONGEST)
        assert process.returncode == 130, out + err
        assert "stopping when what a model was asked has come in" in err
        assert len(lines(results / "answers.jsonl")) == len(endpoint.ids) < 20
        endpoint.delay = 0.0
        first = rtlbench(*args, "--base-url", endpoint.url, "--samples", 4)
        assert (first.returncode, len(endpoint.ids)) == (0, 20), first.stdout + first.stderr
    with serving({}) as elsewhere:
        more = rtlbench(*args, "--base-url", elsewhere.url, "--samples", 5)
        assert more.returncode == 0, more.stdout + more.stderr
        assert len(elsewhere.ids) == 5
        assert f"note: earlier answers came from {endpoint.url}" in more.stdout
        assert "25 requests" in more.stdout
        fewer = rtlbench(*args, "--base-url", elsewhere.url, "--samples", 2)
        assert (fewer.returncode, "samples: 5 before, 2 now" in fewer.stderr) == (2, True)
