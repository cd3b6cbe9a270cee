"""Tasks out of files, and what is asked about them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.refine.answers import CUT, MAX_REPEATED, Wrong, first_request, next_request
from rtlbench.refine.tasks import read_tasks, task_of_spec
from rtlbench.traces.artefacts import TaskFile
from tests.support import sync_counter

SPEC = sync_counter()


def tasks_file(folder: Path, *lines: object) -> Path:
    path = folder / "tasks.jsonl"
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
    return path


def test_shapes_with_and_without_an_answer(tmp_path: Path) -> None:
    path = tasks_file(
        tmp_path,
        {"instruction": "A.", "output": "module m; endmodule"},
        {"prompt": "B."},
        {"problem": "C.", "metadata": {"category": "fsm"}},
        {"messages": [{"role": "user", "content": "D."}, {"role": "assistant", "content": "x"}]},
        "",
        {"instruction": "E.", "input": "and more"},
    )
    tasks, problems = read_tasks(path, [SPEC])
    assert problems == []
    words = [t.file.instruction for t in tasks]
    assert words == ["A.", "B.", "C.", "D.", "E.\n\nand more"]
    assert [t.id for t in tasks] == [f"tasks_{k}" for k in (1, 2, 3, 4, 6)]
    assert all(t.spec is None and t.own_words for t in tasks)
    assert tasks[2].category == "fsm"


def test_a_task_of_the_suite_is_held_to_its_reference(tmp_path: Path) -> None:
    path = tasks_file(
        tmp_path,
        {"instruction": SPEC.prompt},
        {"instruction": f"Please: {SPEC.prompt}", "metadata": {"spec_id": SPEC.id}},
        {"instruction": "Other words.", "metadata": {"spec_id": SPEC.id}},
    )
    (same, other, none), _ = read_tasks(path, [SPEC])
    assert (none.spec, none.file.spec_id, none.own_words) == (None, None, True)
    assert (same.spec, same.own_words) == (SPEC, False)
    assert (other.spec, other.own_words) == (SPEC, True)
    assert same.file.spec_id == other.file.spec_id == SPEC.id


@pytest.mark.parametrize(
    ("bench", "why"),
    [
        ('module tb; initial $readmemh("x", m); endmodule', "it uses $readmemh"),
        ('module tb; initial $display("PASS"); endmodule', "exactly one module"),
    ],
)
def test_a_testbench_that_is_not_run_is_told_of(tmp_path: Path, bench: str, why: str) -> None:
    (task,), (problem,) = read_tasks(
        tasks_file(tmp_path, {"instruction": "A.", "testbench": bench}), [SPEC]
    )
    assert task.spec is None
    assert task.file.testbench is None
    assert why in str(problem)


def test_broken_lines_stop_nothing(tmp_path: Path) -> None:
    path = tasks_file(
        tmp_path, "{", '{"instruction": " "}', "[1]", "x" * ((1 << 20) + 5), {"instruction": "A."}
    )
    tasks, problems = read_tasks(path, [SPEC])
    assert [t.id for t in tasks] == ["tasks_5"]
    assert [p.where for p in problems] == [f"{path}:{k}" for k in (1, 2, 3, 4)]
    with pytest.raises(UserError, match="holds no task"):
        read_tasks(tasks_file(tmp_path, "{"), [SPEC])


# What is asked.

TASK = task_of_spec(SPEC)


def test_the_first_turn_asks_what_a_benchmark_asks() -> None:
    request = first_request(TASK, 1, 7)
    assert (request.prompt, request.conversation, request.turn) == (SPEC.prompt, (), 1)
    assert request.category == SPEC.category


def test_a_later_turn_repeats_task_answer_and_findings() -> None:
    wrong = Wrong(turn=1, answer="module m; endmodule", feedback="Not right.")
    request = next_request(TASK, 0, 7, wrong)
    contents = [m.content for m in request.conversation]
    assert contents[:2] == [SPEC.prompt, "module m; endmodule"]
    assert contents[2].startswith("Not right.")
    assert all(c in request.prompt for c in contents)
    assert request.turn == 2
    third = next_request(TASK, 0, 7, Wrong(turn=2, answer="x", feedback="y"))
    assert len({first_request(TASK, 0, 7).seed, request.seed, third.seed}) == 3


def test_a_prompt_does_not_grow_with_the_answer() -> None:
    long = next_request(TASK, 0, 7, Wrong(turn=1, answer="x" * 10**6, feedback="y"))
    assert len(long.conversation[1].content) == MAX_REPEATED + len(CUT)
    assert len(long.prompt) < MAX_REPEATED + len(SPEC.prompt) + 500
    empty = next_request(TASK, 0, 7, Wrong(turn=1, answer=" \n", feedback="y"))
    assert empty.conversation[1].content == "(no answer)"


def test_a_suites_task_names_its_spec() -> None:
    assert TASK.file == TaskFile(
        instruction=SPEC.prompt, spec_id=SPEC.id, category=SPEC.category
    )
