"""The arms of an experiment: how they are named, and which of them are one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.records.example import Record
from training.experiments.arms import ARMS, DATA, MAIN, chosen_arms, distinct


def test_arms_are_named_one_by_one_or_together() -> None:
    assert [a.name for a in chosen_arms("main")] == list(MAIN)
    assert [a.name for a in chosen_arms("all")] == list(ARMS)
    assert [a.name for a in chosen_arms("gold_100,main,v1")] == ["gold_100", *MAIN]
    with pytest.raises(UserError, match="--arms v9"):
        chosen_arms("main,v9")


def records(*answers: str, score: float = 1.0) -> list[Record]:
    return [Record(instruction="i", output=a, metadata={"score": score}) for a in answers]


def keep(work: Path, stage: str, made: list[Record]) -> None:
    (work / stage).mkdir(parents=True)
    (work / stage / DATA).write_bytes(b"".join(msgspec.json.encode(r) + b"\n" for r in made))


def test_arms_of_the_same_examples_are_trained_once(tmp_path: Path) -> None:
    arms = [ARMS[name] for name in ("v1", "v3", "v3_0.98", "v3_1.0")]
    keep(tmp_path, "raw", records("a", "b", "c"))
    keep(tmp_path, "strict_0.95", records("a", "b"))
    keep(tmp_path, "strict_0.98", records("a", "b", score=0.99))
    keep(tmp_path, "strict_1.0", records("b", "a"))
    trained, same = distinct(arms, tmp_path)
    assert [a.name for a in trained] == ["v1", "v3", "v3_1.0"]
    assert same == {"v3_0.98": "v3"}
