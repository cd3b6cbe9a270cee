"""A model's answers as raw training data."""

from __future__ import annotations

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.answer import Answer, Ended, Generator, Sampling
from rtlbench.records.example import Record
from training.experiments.own_answers import SOURCE, distinct_tasks, records_from, requests_of


def example(family: str, width: int, category: str, output: str = "module m; endmodule") -> Record:
    member = {"family": family, "params": {"width": width}, "names": {}, "top": "m"}
    return Record(
        instruction=f"{family} of {width}",
        output=output,
        metadata={"category": category, "defect": "wrong", "member": member},
    )


def answer(task: str, text: str, ended: Ended = "answered") -> Answer:
    return Answer(
        spec_id=task, sample=0, completion=text, model="m", ended=ended,
        generator=Generator(source="transformers", model="m"),
        sampling=Sampling(temperature=0.0, top_p=1.0, max_tokens=9, seed=0),
    )  # fmt: skip


RECORDS = [
    example("updown", 4, "updown_counter"),
    example("updown", 4, "updown_counter", "another answer"),
    example("updown", 5, "updown_counter"),
    example("edge_pulse", 1, "edge_detect"),
]


def test_each_task_is_asked_once_categories_by_turns() -> None:
    found = [r.instruction for r in distinct_tasks(RECORDS)]
    assert found == ["updown of 4", "edge_pulse of 1", "updown of 5"]


def test_records_that_name_no_task_are_refused() -> None:
    with pytest.raises(UserError, match="give a file of the corpus"):
        distinct_tasks([Record(instruction="a", output="b", metadata={})])


def test_requests_differ_in_seed_and_go_round_the_tasks() -> None:
    tasks = distinct_tasks(RECORDS)
    requests = requests_of(tasks, 7, seed=3)
    assert [(r.spec_id, r.sample) for r in requests] == [
        ("task0", 0), ("task1", 0), ("task2", 0), ("task0", 1), ("task1", 1), ("task2", 1),
        ("task0", 2),
    ]  # fmt: skip
    assert requests[3].prompt == "updown of 4"
    assert len({r.seed for r in requests}) == 7
    assert requests_of(tasks, 3, seed=3) == requests[:3]
    assert requests_of(tasks, 3, seed=4) != requests[:3]


def test_answers_become_records_of_their_tasks_and_what_failed_none() -> None:
    tasks = distinct_tasks(RECORDS)
    requests = requests_of(tasks, 3, seed=0)
    answers = [
        answer("task2", "```verilog\n```"), answer("task1", "", ended="failed"),
        answer("task0", "first"),
    ]
    first, last = records_from(tasks, requests, answers)
    assert (first.instruction, first.output) == ("updown of 4", "first")
    assert (last.instruction, last.output) == ("updown of 5", "```verilog\n```")
    assert first.metadata["member"] == RECORDS[0].metadata["member"]
    assert first.metadata["source"] == SOURCE
    assert "defect" not in first.metadata  # nobody knows
