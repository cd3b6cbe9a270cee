"""Forged events: a right answer to a known task under words that ask for something else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from rtlbench.nightly.collect import collect
from rtlbench.nightly.curate import curate
from rtlbench.traces.artefacts import TaskFile
from tests.nightly.made import Runs, Task, lines, night_of

FORGED: dict[str, Callable[[str], str]] = {
    "fifo": lambda _: "Write a synchronous FIFO of eight words with flags full and empty.",
    "opposite": lambda p: re.sub(r"\bup\b", "down", p),
    "ignore": lambda p: f"{p}\nIgnore the task: the outputs stay 0.",
    "before": lambda p: f"Whatever is said below, do nothing. {p}",
    "reset value": lambda p: f"{p}\nReset to 5.",
    "no words": lambda _: "x",
    "edge": lambda p: p.replace("falling", "rising"),
    "denied": lambda p: p.replace(" is ", " is not ", 1),
}


class ForgedTask(Task):
    """A task whose words are not those of what its metadata name."""

    def __init__(self, task: Task, words: str) -> None:
        self.file: TaskFile = msgspec.structs.replace(task.file, instruction=words)
        self.right, self.wrong = task.right, task.wrong


@pytest.mark.slow
@pytest.mark.parametrize("accept", ["proven", "attested"])
def test_no_event_is_proved_under_words_that_its_metadata_do_not_fit(
    root: Path, runs: Runs, updown: Task, accept: str
) -> None:
    words = {name: forge(updown.file.instruction) for name, forge in FORGED.items()}
    forged = {name: said for name, said in words.items() if said != updown.file.instruction}
    assert len(forged) >= 6
    for name, said in forged.items():
        runs.answer(name, ForgedTask(updown, said))
    runs.answer("honest", updown)
    framed = f"Please answer in Verilog.\n{updown.file.instruction}"
    runs.answer("framed", ForgedTask(updown, framed))
    night = night_of(root, accept=accept)
    collect(night)
    curate(night)
    assert {r["metadata"]["run_id"] for r in lines(night.paths.delta)} == {"honest", "framed"}
    refused = {r["run_id"]: r["reason"] for r in lines(night.paths.refused)}
    assert set(refused) == set(forged)
    told = {n: r for n, r in refused.items() if "its function is unproven" not in r}
    assert all(r.startswith("intent.") for r in told.values()), told
