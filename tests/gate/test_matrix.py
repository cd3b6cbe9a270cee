"""The matrix of several runs: what it says of each, and in which words."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rtlbench.gate.matrix import Cell, Column, Comparison, Training, compare_runs, training_of
from rtlbench.gate.text import matrix_markdown, matrix_table
from rtlbench.generate.adapters import folder_revision
from rtlbench.generate.answer import Generator
from rtlbench.runs.finished import JudgedRun
from tests.gate.made import CONFIG, RUN, answers_of, run_of

LOW = answers_of([[0.5] * 5] * 12, "fsm") | answers_of([[1.0] * 5] * 12, "edge_detect")
HIGH = answers_of([[1.0] * 5] * 12, "fsm") | answers_of([[1.0] * 5] * 12, "edge_detect")


def compared(*runs: JudgedRun) -> Comparison:
    return compare_runs(runs, [Training()] * len(runs))


def cell(column: Column, figure: str, of: str = "all") -> Cell:
    return next(c for c in column.cells if (c.figure, c.of) == (figure, of))


def test_a_run_has_the_figures_of_its_answers_and_of_each_category() -> None:
    column = compared(run_of(LOW)).runs[0]
    assert cell(column, "score").value.value == pytest.approx(0.75)
    assert cell(column, "functional").value.value == pytest.approx(0.5)
    assert cell(column, "pass@5").value.value == pytest.approx(0.5)
    assert cell(column, "score", "fsm").value.value == pytest.approx(0.5)
    assert cell(column, "score", "edge_detect").value.value == 1.0
    assert {c.change for c in column.cells} == {None}


def test_what_differs_from_the_first_beyond_chance_is_marked() -> None:
    other = compared(run_of(LOW, name="v1"), run_of(HIGH, name="v3")).runs[1]
    better = cell(other, "score", "fsm")
    assert better.is_significant
    assert better.change is not None
    assert better.change.value == pytest.approx(0.5)
    assert not cell(other, "score", "edge_detect").is_significant
    back = compared(run_of(HIGH, name="v3"), run_of(LOW, name="v1")).runs[1]
    assert cell(back, "score", "fsm").p == better.p


def test_the_same_run_twice_differs_in_nothing() -> None:
    other = compared(run_of(LOW), run_of(LOW)).runs[1]
    assert not any(c.is_significant for c in other.cells)


def test_the_text_has_a_column_a_run_and_a_mark(tmp_path: Path) -> None:
    found = compare_runs(
        [run_of(LOW, name="v1"), run_of(HIGH, name="v3")],
        [Training(examples=2347), Training(examples=200, least_score=0.95)],
    )
    lines = {line.split("  ")[0]: line for line in matrix_table(found).splitlines()}
    assert lines["examples"].split() == ["examples", "2,347", "200"]
    assert lines["least score"].split()[2:] == ["-", "0.950"]
    assert lines["fsm"].endswith("1.000 (0.76-1.00) +")
    assert not lines["edge_detect"].endswith("+")
    markdown = matrix_markdown(found).splitlines()
    assert markdown[0].startswith("| version | examples | least score | answers | score |")
    assert markdown[3].startswith("| v3 | 200 | 0.950 | 120 | 1.000 (0.86-1.00) + |")
    assert "| version | edge_detect | fsm |" in markdown


def test_a_category_that_a_run_has_not_is_a_dash() -> None:
    found = compared(run_of(LOW, name="v1"), run_of(answers_of([[1.0]] * 3, "fsm"), name="v3"))
    line = next(x for x in matrix_table(found).splitlines() if x.startswith("edge_detect"))
    assert line.split()[-1] == "-"


def test_training_facts_come_from_the_adapter_that_answered(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "run_v3"
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text("{}")
    generator = Generator(
        source="transformers", model="m", adapter="run_v3", adapter_revision="another"
    )
    assert training_of(answered_by(generator), tmp_path) == Training()
    same = msgspec.structs.replace(generator, adapter_revision=folder_revision(folder))
    assert training_of(answered_by(same), tmp_path) == Training()


def answered_by(generator: Generator) -> JudgedRun:
    config = msgspec.structs.replace(CONFIG, generator=generator)
    return run_of(LOW, run=msgspec.structs.replace(RUN, config=config))
