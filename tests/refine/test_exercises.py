"""Exercises: what is given is wrong, what is asked can be done, and they are judged as ever."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rtlbench import Judge, Outcome, UserError, read_suite
from rtlbench.mutation.fresh import part_of
from rtlbench.suites.exercises import Exercise, ExerciseKind, read_exercises
from tests.support import sync_counter

Command = Callable[..., subprocess.CompletedProcess[str]]
KINDS: list[ExerciseKind] = ["complete", "modify", "mend", "find"]


def line(**changes: Any) -> dict[str, Any]:
    """An exercise on a counter that counts the wrong way."""
    spec = sync_counter()
    return {
        "params": {"width": 4, "reset": "sync", "reset_value": 0, "wrap_flag": False},
        "names": {p.id: p.name for p in spec.ports},
        "id": "find_1", "kind": "find", "prompt": f"{spec.prompt}\nMend it.", "given": "module m;",
        "family": spec.family, "top": spec.top, **changes,
    }  # fmt: skip


def written(path: Path, *lines: Any) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return path


def test_an_exercise_is_the_member_with_other_words(tmp_path: Path) -> None:
    (spec,) = read_suite(f"exercises={written(tmp_path / 'e.jsonl', line())}")
    plain = sync_counter()
    assert (spec.id, spec.suite, spec.category) == ("find_1", "exercises", plain.category)
    assert spec.prompt.endswith("Mend it.")
    assert spec.title == f"find: {plain.title}"
    assert (spec.golden, spec.ports) == (plain.golden, plain.ports)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"family": "no"}, "there is no family 'no'"),
        ({"params": {"width": 4}}, "has no such member"),
        ({"kind": "guess"}, "no exercise"),
        ({"reference": "/tmp"}, "no exercise"),
        ({"id": "find_2"}, "find_2 is there already"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    path = written(tmp_path / "e.jsonl", line(id="find_2"), line(**changes))
    with pytest.raises(UserError, match=r"e\.jsonl:2: ") as raised:
        read_exercises(path)
    assert told in str(raised.value)


def test_without_a_file_that_is_said(tmp_path: Path) -> None:
    for suite in ("exercises", f"exercises={tmp_path}"):
        with pytest.raises(UserError, match="needs a file"):
            read_suite(suite)


def test_what_the_benchmark_asks_is_no_training_data(rtlbench: Command, tmp_path: Path) -> None:
    for options, told in (
        (["--records", tmp_path / "r.jsonl"], "nothing to train on"),
        (["--training", 1], "say by --size how many"),
    ):
        done = rtlbench("exercises", "--out", tmp_path / "e.jsonl", *options)
        assert done.returncode == 2
        assert told in done.stderr
    assert not list(tmp_path.glob("*.jsonl"))


@pytest.mark.slow
def test_exercises_are_made_judged_and_learnt_from(rtlbench: Command, tmp_path: Path) -> None:
    tasks, records = tmp_path / "tasks.jsonl", tmp_path / "records.jsonl"
    made = rtlbench("exercises", "--training", 5, "--size", 8, "--out", tasks,
                    "--records", records, "-n", 1)  # fmt: skip
    assert made.returncode == 0, made.stderr
    exercises = [Exercise(**json.loads(text)) for text in tasks.read_text().splitlines()]
    specs = read_suite(f"exercises={tasks}")
    kinds = [e.kind for e in exercises]
    assert (len(kinds), set(kinds)) == (8, set(KINDS))
    assert f"({', '.join(f'{kinds.count(k)} {k}' for k in KINDS)})" in made.stdout
    assert {part_of(e.family, e.params) for e in exercises} == {"training"}
    assert all(e.given.strip() in e.prompt for e in exercises)
    assert all(("What was found:" in e.prompt) == (e.kind == "mend") for e in exercises)
    with Judge(workers=1) as judge:
        for spec, exercise in zip(specs, exercises, strict=True):
            given, golden = judge.judge(spec, [exercise.given, spec.golden])
            assert golden.outcome is Outcome.PASS, golden.findings
            assert given.outcome is not Outcome.PASS
    answers = written(tmp_path / "answers.jsonl", *(
        {"spec_id": s.id, "rtl": s.golden if k % 2 else e.given}
        for k, (s, e) in enumerate(zip(specs, exercises, strict=True))
    ))  # fmt: skip
    ran = rtlbench("bench", "--suite", f"exercises={tasks}", "--candidates", answers,
                   "--results", tmp_path / "results", "-n", 1)  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    total = json.loads((tmp_path / "results" / "run.json").read_text())["total"]
    assert total["outcomes"]["pass"] == 4
    assert total["answers"] == 8
    ran = rtlbench("filter", records, "--trust-metadata", "--out", tmp_path / "kept.jsonl",
                   "-n", 1, "--cache", "none")  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    kept = [json.loads(text) for text in (tmp_path / "kept.jsonl").read_text().splitlines()]
    assert [k["metadata"]["exercise"] for k in kept] == kinds
