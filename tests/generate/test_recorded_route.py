"""`generate`, then `bench --candidates`: as much is on record as where `bench` itself asks, and
`compare` refuses on the same grounds."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
Run = Callable[..., Any]


@pytest.fixture
def given(small_suite: Any, tmp_path: Path) -> list[Any]:
    """A program that refuses nobody, asked two samples a task of a small suite."""
    answers = tmp_path / "answers.py"
    answers.write_text("print('module m; endmodule')")
    asked = ["--model", f"cmd:{sys.executable} {answers}"]
    return [small_suite.option, *asked, "--samples", 2]


@pytest.fixture
def recorded(rtlbench: Run, given: list[Any], small_suite: Any, tmp_path: Path) -> Run:
    """Generates and judges in two steps; gives the folder of results."""

    def go(name: str, *args: object) -> Path:
        out, results = tmp_path / f"{name}.jsonl", tmp_path / name
        ran = rtlbench("generate", *given, *args, "--out", out)
        assert ran.returncode == 0, ran.stderr
        return judge(out, results)

    def judge(out: Path, results: Path) -> Path:
        ran = rtlbench("bench", small_suite.option, "--candidates", out, "--results", results,
                       "-n", 1)  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return results

    go.judge = judge  # type: ignore[attr-defined]
    return go


def run_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return found


def test_both_routes_record_the_same_and_may_be_compared(
    rtlbench: Run, given: list[Any], recorded: Run, tmp_path: Path
) -> None:
    system = tmp_path / "system.txt"
    system.write_text("Be brief.")
    one = recorded("one", "--system", system)
    ran = rtlbench("bench", *given, "--system", system, "--results", tmp_path / "two", "-n", 1)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    first, second = run_of(one), run_of(tmp_path / "two")
    for name in ("generator", "sampling", "wording"):
        assert first["config"][name] == second["config"][name]
    assert first["config"]["wording"]["system"] == "Be brief."
    assert first["usage"] == second["usage"]
    assert first["usage"]["answers"] == first["usage"]["requests"] == 10
    assert first["sampled_with"] == second["sampled_with"]
    compared = rtlbench("compare", one, tmp_path / "two", "--allow", "samples")
    assert compared.returncode == 0, compared.stderr


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (["--system"], "wording.hash"),
        (["--few-shot", 0, "--template"], "wording.hash"),
        (["--temperature", 0.1], "sampling.temperature"),
        (["--stop", "endmodule"], "sampling.stop"),
    ],
)
def test_another_way_to_ask_is_refused(
    rtlbench: Run, recorded: Run, tmp_path: Path, args: list[Any], named: str
) -> None:
    if args[-1] in ("--system", "--template"):
        (tmp_path / "words").write_text("Be brief. {{ task.prompt }}")
        args = [*args, tmp_path / "words"]
    one, two = recorded("one"), recorded("two", *args)
    compared = rtlbench("compare", one, two)
    assert compared.returncode == 2
    assert named in compared.stderr


def test_lines_alone_tell_that_the_words_were_others(
    rtlbench: Run, recorded: Run, tmp_path: Path
) -> None:
    system = tmp_path / "system.txt"
    system.write_text("Be brief.")
    one, two = recorded("one"), recorded("two", "--system", system)
    alone = tmp_path / "elsewhere" / "copy.jsonl"
    alone.parent.mkdir()
    alone.write_bytes((tmp_path / "two.jsonl").read_bytes())
    bare = recorded.judge(alone, tmp_path / "bare")  # type: ignore[attr-defined]
    assert run_of(bare)["config"]["wording"]["hash"] == run_of(two)["config"]["wording"]["hash"]
    refused = rtlbench("compare", one, bare)
    assert (refused.returncode, "wording.hash" in refused.stderr) == (2, True), refused.stderr
    assert rtlbench("compare", two, bare).returncode == 0
    foreign = tmp_path / "elsewhere" / "copy.asked.json"
    foreign.write_bytes((tmp_path / "one.asked.json").read_bytes())
    again = recorded.judge(alone, tmp_path / "again")  # type: ignore[attr-defined]
    assert run_of(again)["config"]["wording"]["system"] == "", "another file's record is not taken"
    assert run_of(again)["config"]["wording"]["hash"] == run_of(two)["config"]["wording"]["hash"]


def test_tokens_and_refusals_are_summed_up(
    rtlbench: Run, small_suite: Any, write_answers: Any, answer_kinds: Any, tmp_path: Path
) -> None:
    first, second, third, *_ = small_suite.specs
    who = {"generator": {"source": "openai", "model": "m"},
           "sampling": {"temperature": 1, "top_p": 1, "max_tokens": 9, "seed": 0}}  # fmt: skip

    def line(spec: Any, **more: Any) -> dict[str, Any]:
        right = answer_kinds["right"](spec)
        return {**who, "spec_id": spec.id, "sample": 0, "completion": right["rtl"], "model": "m",
                "prompt_tokens": 10, **more}  # fmt: skip

    path = write_answers(
        line(first, completion_tokens=5, cost=0.5, finish_reason="length"),
        line(second, completion_tokens=7, finish_reason="stop"),
        line(third, completion="", ended="refused", why="no"),
    )
    failed = line(third, completion="", ended="failed", why="down") | {"sample": 1}
    path.with_name("answers.failed.jsonl").write_text(json.dumps(failed) + "\n")
    ran = rtlbench("bench", small_suite.option, "--candidates", path, "--results", tmp_path / "r",
                   "-n", 1)  # fmt: skip
    usage = run_of(tmp_path / "r")["usage"]
    assert (usage["answers"], usage["refused"], usage["failed"]) == (2, 1, 1)
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["cost"]) == (40, 12, 0.5)
    assert usage["finish_reasons"] == {"length": 1, "stop": 1}
    assert "1 not answered (refused), 1 not answered (failed)" in ran.stdout, ran.stdout
