"""What the user chose, and what of it a run is known by."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Generator, Sampling
from rtlbench.generate.options import Generation
from rtlbench.runs.results import utc_now

RUNS = "data/runs"
TURNS = 3
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks: a suite's, of a file, or drawn for training."""

    suite: str = "rtlbench"
    names: tuple[str, ...] = ()
    """Only tasks whose `category/id` has one of these in it."""
    categories: tuple[str, ...] = ()
    """Of these only; empty for all."""
    instructions: str | None = None
    """A file of free instructions, instead of the suite's tasks."""
    training: int | None = None
    """The seed of tasks drawn from the families' training part, instead."""
    count: int = 0
    """How many of those."""

    def in_words(self) -> str:
        """What a report calls it."""
        if self.instructions is not None:
            return f"instructions {Path(self.instructions).name}"
        if self.training is not None:
            return f"training {self.training} x {self.count}"
        return f"suite {self.suite.partition('=')[0]}"


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """How far it goes. A larger budget goes on where a smaller one ended."""

    turns: int = TURNS
    tokens: int | None = None
    """Of prompts and answers, all turns together; None for no limit."""
    seconds: float | None = None
    """From the start of the command on; None for no limit."""


class RefineOptions(msgspec.Struct, frozen=True, kw_only=True):
    """One run; see `rtlbench refine --help`."""

    generation: Generation
    choice: Choice = Choice()
    budget: Budget = Budget()
    samples: int = 1
    simulator: str | None = None
    seed: int = 0
    """Of the stimulus in turn 1; each later turn has the next."""
    formal: bool = False
    feedback: bool = True
    """Whether the model is told what is wrong; else it is asked the task again."""
    runs: str = RUNS
    run_id: str = ""
    """Empty for a new one."""
    workers: int | None = None


class RefineConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What must be the same for a run to go on."""

    tasks: str
    task_count: int
    tasks_hash: str
    samples: int
    simulator: str
    seed: int
    formal: bool
    feedback: bool
    generator: Generator
    sampling: Sampling
    tools: dict[str, str]
    weights: dict[str, float]


def run_folder(runs: str, run_id: str) -> Path:
    """The folder of a run; without a `run_id`, of a new one.

    Raises:
        UserError: `run_id` cannot name a folder.
    """
    if run_id and not _RUN_ID.fullmatch(run_id):
        raise UserError(f"--run-id {run_id[:80]!r}: give letters, digits, `.`, `_` and `-`")
    return Path(runs) / (run_id or new_run_id())


def new_run_id() -> str:
    """The time and a few random digits, since two runs may begin in one second."""
    stamp = utc_now().replace(":", "").replace("-", "").replace("+0000", "Z")
    return f"{stamp}-{secrets.token_hex(3)}"
