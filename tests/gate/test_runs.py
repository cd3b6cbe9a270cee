"""Which runs are read, and which two are compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.gate.runs import refuse_differences
from rtlbench.records.verdict import Outcome
from rtlbench.runs.finished import read_run
from tests.gate.made import answers_of, folder_of, verdict

ANSWERS = answers_of([[1.0, 0.5]] * 3)


def test_a_finished_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = read_run(folder_of(tmp_path / "r", ANSWERS))
    assert (run.answers, run.unjudged, run.name) == (ANSWERS, 0, "r")


def test_an_answer_not_judged_is_known_and_kept_apart(tmp_path: Path) -> None:
    found = verdict(("fsm9", 0), ANSWERS["fsm0", 0], Outcome.ERROR)
    run = read_run(folder_of(tmp_path / "r", ANSWERS, found))
    assert run.answers == ANSWERS
    assert run.errors == frozenset({("fsm9", 0)})
    assert run.unjudged == 1


@pytest.mark.parametrize("status", ["running", "stopped"])
def test_an_unfinished_run_is_refused(tmp_path: Path, status: str) -> None:
    with pytest.raises(UserError, match=f"the run is {status}, not finished"):
        read_run(folder_of(tmp_path / "r", ANSWERS, status=status))


def test_what_is_no_results_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no run.json there"):
        read_run(tmp_path)


def test_a_run_of_several_models_is_refused(tmp_path: Path) -> None:
    double = verdict(("fsm0", 0), ANSWERS["fsm0", 1])
    another = type(double)(**{**fields(double), "key": "another"})
    path = folder_of(tmp_path / "r", ANSWERS, another)
    with pytest.raises(UserError, match="two answers are sample 0 of fsm0"):
        read_run(path)


def fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


DIFFERENT: list[tuple[dict[str, Any], str]] = [
    ({"suite_hash": "feed"}, "suite_hash"),
    ({"simulator": "verilator"}, "simulator"),
    ({"seed": 1}, "seed"),
    ({"samples": 5}, "samples"),
    ({"formal": True}, "formal"),
    ({"tools": {"yosys": "0.23", "iverilog": "12.0"}}, "tools.iverilog"),
    ({"weights": {"syntax": 0.5}}, "weights.syntax"),
    ({"isolation": "bubblewrap"}, "isolation"),
]


@pytest.mark.parametrize(("change", "name"), DIFFERENT)
def test_runs_that_differ_are_not_compared_and_it_is_said_in_what(
    tmp_path: Path, change: dict[str, Any], name: str
) -> None:
    one = read_run(folder_of(tmp_path / "a", ANSWERS))
    other = read_run(folder_of(tmp_path / "b", ANSWERS, **change))
    with pytest.raises(UserError, match=f"\n  {name}: .* and ") as caught:
        refuse_differences(one, other, ())
    assert str(caught.value).count("\n  ") == 1
    group = name.partition(".")[0]
    if group == "suite_hash":
        with pytest.raises(UserError, match="other tasks"):
            refuse_differences(one, other, [group])
    else:
        assert f"--allow {group}" in str(caught.value)
        assert refuse_differences(one, other, [group]) == [name]
        assert refuse_differences(one, other, [name]) == [name]


def test_every_difference_is_named_at_once(tmp_path: Path) -> None:
    one = read_run(folder_of(tmp_path / "a", ANSWERS))
    other = read_run(folder_of(tmp_path / "b", ANSWERS, seed=1, isolation="bubblewrap"))
    with pytest.raises(UserError, match=r"seed(.|\n)*isolation"):
        refuse_differences(one, other, ())
    with pytest.raises(UserError, match=r"isolation"):
        refuse_differences(one, other, ["seed"])


def test_runs_of_other_samples_are_not_compared(tmp_path: Path) -> None:
    one = read_run(folder_of(tmp_path / "a", ANSWERS))
    other = read_run(folder_of(tmp_path / "b", answers_of([[1.0, 0.5]] * 4)))
    with pytest.raises(UserError, match="answers: 0 that only the first has, 2 that only"):
        refuse_differences(one, other, ())
    assert refuse_differences(one, other, ["answers"]) == ["answers"]


def test_answers_from_other_files_are_what_is_compared(tmp_path: Path) -> None:
    one = read_run(folder_of(tmp_path / "a", ANSWERS))
    other = read_run(folder_of(tmp_path / "b", ANSWERS, candidates="others.jsonl"))
    assert refuse_differences(one, other, ()) == []


def test_an_answer_that_only_one_could_judge_is_no_difference(tmp_path: Path) -> None:
    one = folder_of(tmp_path / "a", ANSWERS)
    broken = dict(ANSWERS)
    open_one = verdict(("fsm0", 0), broken.pop(("fsm0", 0)), Outcome.ERROR)
    other = folder_of(tmp_path / "b", broken, open_one)
    assert refuse_differences(read_run(one), read_run(other), ()) == []
