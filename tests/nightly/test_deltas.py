"""What a night learns of the nights before it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from rtlbench.nightly.night import Night, write_state
from rtlbench.nightly.train import gather
from rtlbench.records.example import Record
from tests.nightly.made import night_of


def made(root: Path, date: str, outcome: str | None, *tasks: str) -> Night:
    """A night with a record for each task, that says which night it is of."""
    night = night_of(root, date)
    write_state(night.paths, msgspec.structs.replace(night.state, outcome=outcome))
    records = [
        Record(instruction=task, output=date, metadata={"spec_hash": task}) for task in tasks
    ]
    night.paths.delta.write_bytes(b"".join(msgspec.json.encode(r) + b"\n" for r in records))
    return night


def found(night: Night) -> dict[str, str]:
    """Which night's answer to each task is learnt."""
    return {r.instruction: r.output for r in gather(night.paths).records}


def test_earlier_records_are_learnt_again_and_of_each_task_the_newest(root: Path) -> None:
    made(root, "2026-01-01", "published", "a", "b")
    made(root, "2026-01-02", "published", "b", "c")
    tonight = made(root, "2026-01-03", None, "c", "d")
    assert found(tonight) == {"a": "2026-01-01", "b": "2026-01-02", "c": "2026-01-03",
                              "d": "2026-01-03"}  # fmt: skip
    assert len(gather(tonight.paths).new) == 2


def test_what_was_too_little_to_train_on_counts_as_new(root: Path) -> None:
    made(root, "2026-01-01", "skipped", "a")
    made(root, "2026-01-02", "published", "b")
    made(root, "2026-01-03", "skipped", "c")
    tonight = made(root, "2026-01-04", None, "d")
    assert set(found(tonight)) == {"a", "b", "c", "d"}
    new = [r.instruction for r in gather(tonight.paths).new]
    assert new == ["d", "c"], "the first was learnt by the night that was published"


def test_an_answer_that_is_sent_again_to_the_letter_is_not_new(root: Path) -> None:
    first = made(root, "2026-01-01", "published", "a", "b")
    tonight = made(root, "2026-01-02", None, "c")
    with tonight.paths.delta.open("ab") as file:
        file.write(first.paths.delta.read_bytes())
    deltas = gather(tonight.paths)
    assert [r.instruction for r in deltas.new] == ["c"]
    assert len(deltas.records) == 3


def test_a_refused_model_is_no_refused_data_and_no_reason_to_train_the_same_again(
    root: Path,
) -> None:
    made(root, "2026-01-01", "published", "a")
    made(root, "2026-01-02", "archived", "b", "c")
    tonight = made(root, "2026-01-03", None, "d")
    deltas = gather(tonight.paths)
    assert set(found(tonight)) == {"a", "b", "c", "d"}
    assert {r.instruction for r in deltas.new} == {"b", "c", "d"}
    assert deltas.untried == 1


def test_nights_that_are_unfinished_or_later_are_left_out(root: Path) -> None:
    made(root, "2026-01-02", None, "b")
    made(root, "2026-01-04", "published", "c")
    tonight = made(root, "2026-01-03", None, "d")
    assert found(tonight) == {"d": "2026-01-03"}
    assert gather(tonight.paths).nights == ("2026-01-03",)
