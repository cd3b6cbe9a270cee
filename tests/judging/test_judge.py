"""Judging from Python: the command's Verdicts, in batches, by workers that may die."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from rtlbench import Candidate, Judge, Outcome, UserError, Verdict
from tests.conftest import Command
from tests.support import CLASSIC, sync_counter

SPEC = sync_counter()
RIGHT = SPEC.golden
WRONG = RIGHT.replace("+ 1'b1", "+ 2'd2")
TEXTS = (RIGHT, WRONG, CLASSIC, "no Verilog", "initial $finish;", f"```verilog\n{RIGHT}```")


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """One Judge for all: that is what it is for."""
    with Judge(linger=0.05) as made:
        yield made


def apart(text: str, count: int, mark: str) -> list[str]:
    """The same circuit, each time another text."""
    return [f"{text}// {mark} {k}\n" for k in range(count)]


def test_verdicts_are_the_commands(judge: Judge, command: Command, tmp_path: Path) -> None:
    files = [tmp_path / f"{k}.sv" for k in range(len(TEXTS))]
    for file, text in zip(files, TEXTS, strict=True):
        file.write_text(text)
    ran = command("verify", "--spec", SPEC.id, "--json", *files)
    answers = [
        Candidate(text=t, sample=k, model=str(f), origin=str(f))
        for k, (t, f) in enumerate(zip(TEXTS, files, strict=True))
    ]
    verdicts = judge.judge(SPEC.id, answers)
    assert json.loads(msgspec.json.encode(verdicts)) == json.loads(ran.stdout)
    assert [v.outcome for v in verdicts] == ["pass", "fail", "fail", "fail", "fail", "pass"]


def test_one_answer_gives_one_verdict_and_a_list_gives_a_list(judge: Judge) -> None:
    assert isinstance(judge.judge(SPEC, WRONG), Verdict)
    assert [v.sample for v in judge.judge(SPEC, [WRONG, WRONG, RIGHT])] == [0, 1, 2]
    assert judge.judge(SPEC, []) == []
    words = Candidate(text=CLASSIC, instruction="8-bit counter with enable")
    static = judge.judge(None, words)
    assert static.functional is None
    assert "ports.unused-input" in {f.rule for f in static.findings}


def test_what_is_judged_again_is_remembered_with_its_own_number(judge: Judge) -> None:
    text = f"{RIGHT}// remembered\n"
    first = judge.judge(SPEC, text)
    batches = judge.pool.batches.total()
    again = judge.judge(SPEC, Candidate(text=text, sample=7, model="m", finish_reason="length"))
    assert judge.pool.batches.total() == batches
    assert (again.sample, again.model, again.truncated) == (7, "m", True)
    assert again.key != first.key
    same = msgspec.structs.replace(again, sample=0, model="unknown", key=first.key, truncated=False)
    assert same == first


def test_calls_at_the_same_time_share_batches(judge: Judge) -> None:
    async def all_at_once() -> list[Verdict]:
        calls = (judge.judge_async(SPEC, t) for t in apart(RIGHT, 12, "async"))
        return await asyncio.gather(*calls)

    batches = judge.pool.batches.total()
    assert {v.outcome for v in asyncio.run(all_at_once())} == {Outcome.PASS}
    assert judge.pool.batches.total() - batches < 12


def test_a_killed_worker_costs_a_rerun(judge: Judge) -> None:
    restarts = judge.pool.restarts
    killed: list[int] = []

    def kill() -> None:
        while not killed:
            time.sleep(0.1)
            for pid in judge.pool.pids:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    judge.judge(SPEC, f"{RIGHT}// a worker is there\n")
    killer = threading.Thread(target=kill)
    killer.start()
    texts = [t for pair in zip(apart(RIGHT, 6, "k"), apart(WRONG, 6, "k"), strict=True)
             for t in pair]
    verdicts = judge.judge(SPEC, texts)
    killer.join()
    assert [v.outcome for v in verdicts] == [Outcome.PASS, Outcome.FAIL] * 6
    assert judge.pool.restarts > restarts


def test_what_kills_its_worker_every_time_is_an_error_of_its_own() -> None:
    with Judge(workers=1) as judge:
        judge.judge(SPEC, f"{RIGHT}// there\n")
        stop = threading.Event()

        def kill() -> None:
            while not stop.wait(0.02):
                for pid in judge.pool.pids:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            found = judge.judge(SPEC, f"{RIGHT}// deadly\n")
        finally:
            stop.set()
            killer.join()
        assert found.outcome is Outcome.ERROR
        assert "the process that judged it ended" in str(found.checks["syntax"].detail["reason"])
        assert judge.judge(SPEC, f"{RIGHT}// deadly\n").outcome is Outcome.PASS


def test_mistakes_are_told(judge: Judge) -> None:
    with pytest.raises(UserError, match="did you mean updown_w4_sync"):
        judge.judge("updown_w4", RIGHT)
    with pytest.raises(UserError, match="no simulator 'vcs'"):
        Judge(simulator="vcs")
    with Judge(suite="nothing") as other, pytest.raises(UserError, match="no suite 'nothing'"):
        other.judge(SPEC.id, RIGHT)
    with Judge(isolation="all of it") as other, pytest.raises(UserError, match="no isolation"):
        other.judge(SPEC, RIGHT)
    with pytest.raises(RuntimeError, match="closed"):
        other.judge(SPEC, RIGHT)


def test_close_judges_what_was_asked_for() -> None:
    judge = Judge(workers=1)
    asked = judge.submit([SPEC] * 2, [Candidate(text=t) for t in (RIGHT, WRONG)])
    judge.close()
    assert [a.result(0).outcome for a in asked] == [Outcome.PASS, Outcome.FAIL]
    assert judge.pool.pids == []
