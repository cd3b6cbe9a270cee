"""`rtlbench generate` with a local model: what is recorded, what a seed promises, going on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.generate.answer import Answer
from tests.generate.conftest import Lines, make_model

pytestmark = pytest.mark.slow

Run = Callable[..., Any]
Said = Callable[[Lines], Mapping[tuple[str, int], str]]
Read = Callable[[Path], Lines]


@pytest.fixture
def given(model: Path, small_suite: Any) -> list[Any]:
    """Short answers to the five specs of a small suite."""
    return ["generate", "--model", model, small_suite.option, "--max-tokens", 12]


def test_every_answer_says_how_it_was_made(
    command: Run, given: list[Any], small_suite: Any, tmp_path: Path, lines_of: Read
) -> None:
    out = tmp_path / "answers.jsonl"
    ran = command(*given, "--samples", 2, "--temperature", 0.7, "--sampling-seed", 5, "--out", out)
    assert ran.returncode == 0, ran.stderr
    lines = lines_of(out)
    wanted = {(s.id, k) for s in small_suite.specs for k in (0, 1)}
    assert {(x["spec_id"], x["sample"]) for x in lines} == wanted
    first = msgspec.convert(lines[0], Answer)
    assert (first.model, first.generator.source) == ("random-rtl", "transformers")
    assert len(first.generator.revision) == 64
    assert msgspec.to_builtins(first.sampling) == {
        "temperature": 0.7, "top_p": 0.95, "max_tokens": 12, "seed": 5,
        "stop": (), "extra_body": "", "omitted": (),
    }  # fmt: skip
    assert len({x["seed"] for x in lines}) == len(lines)
    for line in lines:
        assert line["prompt_tokens"] > 100
        cut = line["finish_reason"] == "length"
        assert line["completion_tokens"] == 12 if cut else line["completion_tokens"] <= 12
    assert f"{len(lines)} answers in {out}; new: {len(lines)} answers" in ran.stdout


def test_an_answer_does_not_depend_on_what_is_in_its_batch(
    command: Run, given: list[Any], tmp_path: Path, lines_of: Read, said: Said
) -> None:
    alone, together, other = tmp_path / "1.jsonl", tmp_path / "8.jsonl", tmp_path / "9.jsonl"
    assert command(*given, "--batch-size", 1, "--out", alone).returncode == 0
    assert command(*given, "--batch-size", 9, "--samples", 3, "--out", together).returncode == 0
    assert command(*given, "--sampling-seed", 1, "--out", other).returncode == 0
    one, many = said(lines_of(alone)), said(lines_of(together))
    assert one == {key: many[key] for key in one}
    assert len(set(many.values())) > 5, "samples are drawn apart"
    assert said(lines_of(other)) != one


def test_temperature_0_is_greedy(
    command: Run, given: list[Any], tmp_path: Path, lines_of: Read, said: Said
) -> None:
    out = tmp_path / "answers.jsonl"
    greedy = [*given, "--temperature", 0, "--samples", 2, "--sampling-seed", 3, "--out", out]
    assert command(*greedy).returncode == 0
    found = said(lines_of(out))
    assert all(found[spec, 0] == found[spec, 1] for spec, _ in found)


def test_an_adapter_and_4_bit_weights_answer_and_are_recorded(
    command: Run, given: list[Any], adapter: Path, tmp_path: Path, lines_of: Read
) -> None:
    plain, tuned = tmp_path / "plain.jsonl", tmp_path / "tuned.jsonl"
    greedy = [*given, "--temperature", 0]
    assert command(*greedy, "--out", plain).returncode == 0
    ran = command(*greedy, "--adapter", adapter, "--load-in-4bit", "--out", tuned)
    assert ran.returncode == 0, ran.stderr
    line = lines_of(tuned)[0]
    assert (line["model"], line["adapter"]) == ("random-rtl+odd", "odd")
    assert line["generator"]["four_bit"] is True
    assert line["generator"]["adapter_revision"]
    told = [{x["spec_id"]: x["completion"] for x in lines_of(path)} for path in (plain, tuned)]
    assert told[0] != told[1]


def test_a_task_that_leaves_no_room_for_an_answer_is_cut_off(
    command: Run, given: list[Any], tmp_path: Path, lines_of: Read
) -> None:
    given[2] = make_model(tmp_path / "short", context=64)
    out = tmp_path / "answers.jsonl"
    ran = command(*given, "--out", out)
    assert ran.returncode == 0, ran.stderr
    assert {(x["completion"], x["finish_reason"]) for x in lines_of(out)} == {("", "length")}


def test_only_what_is_missing_is_generated_and_a_torn_line_again(
    command: Run, given: list[Any], tmp_path: Path
) -> None:
    out = tmp_path / "answers.jsonl"
    assert command(*given, "--out", out).returncode == 0
    complete = out.read_bytes()
    out.write_bytes(complete[:-40])
    ran = command(*given, "--out", out)
    assert ran.returncode == 0, ran.stderr
    assert "new: 1 answer," in ran.stdout
    again = out.read_bytes()
    assert [x.split(b'"seconds"')[0] for x in again.splitlines()] == [
        x.split(b'"seconds"')[0] for x in complete.splitlines()
    ]
    assert out.with_name("answers.torn").read_bytes() == complete.splitlines(True)[-1][:-40] + b"\n"
    assert "new: 0 answers" in command(*given, "--out", out).stdout


def test_after_kill_9_nothing_is_lost_and_nothing_made_twice(
    command: Run, given: list[Any], tmp_path: Path, lines_of: Read
) -> None:
    out = tmp_path / "answers.jsonl"
    script = str(Path(sysconfig.get_path("scripts")) / "rtlbench")
    args = [*given, "--batch-size", 1, "--samples", 4, "--out", out]
    with subprocess.Popen([sys.executable, script, *map(str, args)]) as child:
        deadline = time.monotonic() + 120
        while not (out.is_file() and out.stat().st_size):
            assert time.monotonic() < deadline, "nothing was generated"
            time.sleep(0.01)
        os.kill(child.pid, signal.SIGKILL)
    before = out.read_bytes()
    whole = before[: before.rfind(b"\n") + 1]
    assert 0 < whole.count(b"\n") < 20, "it was not killed in mid-run"
    assert command(*args).returncode == 0
    assert out.read_bytes().startswith(whole)
    keys = [(x["spec_id"], x["sample"]) for x in lines_of(out)]
    assert len(keys) == len(set(keys)) == 20


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--temperature", "0.1"], "temperature: 0.8 before, 0.1 now"),
        (["--load-in-4bit"], "four_bit: False before, True now"),
        (["--temperature", "-1"], "--temperature: -1.0 makes no sense"),
        (["--top-p", "0"], "--top-p: 0.0 makes no sense"),
        (["--category", "nope"], "no category 'nope'; there are updown_counter"),
        (["--model", "./nowhere"], "./nowhere: there is no such folder"),
        (["--adapter", "/"], "/: holds no adapter (adapter_config.json is missing)"),
        (["--model", "openai:"], "--model openai:: name the endpoint's model"),
    ],
)
def test_a_mistake_is_one_message(
    command: Run, given: list[Any], tmp_path: Path, args: list[str], told: str
) -> None:
    out = tmp_path / "answers.jsonl"
    sampling = {"temperature": 0.8, "top_p": 0.95, "max_tokens": 12, "seed": 0}
    generator = msgspec.to_builtins(_described(given[2]))
    line = {"spec_id": "updown_w4_sync", "sample": 0, "completion": "", "model": "random-rtl",
            "sampling": sampling, "generator": generator}  # fmt: skip
    out.write_bytes(msgspec.json.encode(line) + b"\n")
    ran = command(*given, "--out", out, *args)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def _described(model: Path) -> Any:
    from rtlbench.generate.source import Generation, describe

    return describe(Generation(model=str(model)))
