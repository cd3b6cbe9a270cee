"""Tasks: what a model is asked, and what its answers are judged by.

A file of free instructions is JSONL, in the shapes of docs/dataset.md. What answers a record's
instruction there is not looked at: the model is to answer. A record is held to what a training
record with its words would be: a Spec that it names or whose prompt it has, else the testbench that
it carries, else the static Checks and its own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.checks.record_testbench import refusal, tested_module
from rtlbench.dataset.filter.matching import Matcher, bench_spec
from rtlbench.dataset.layouts import LAYOUTS, to_record
from rtlbench.errors import UserError
from rtlbench.generate.answer import Answer
from rtlbench.generate.recorded import Problem
from rtlbench.intake.field_values import LayoutError
from rtlbench.io.log import bounded_lines
from rtlbench.io.untrusted import from_json, one_line
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Record
from rtlbench.records.spec import Spec
from rtlbench.suites.category import categorise
from rtlbench.traces.artefacts import TaskFile

MAX_LINE = 1 << 20
"""Bytes; no task is as long."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One task of a run."""

    id: str
    """The Spec's, or of a free instruction its place in the file."""
    file: TaskFile
    """As traces name it; its instruction is what the model gets."""
    spec: Spec | None = None
    """What judges function; None where the static Checks alone can."""
    own_words: bool = False
    """Whether answers are held to the instruction, which is not the Spec's prompt."""

    @property
    def category(self) -> str:
        """The task's category; empty where it is not known."""
        return self.file.category or ""

    def candidate(self, answer: Answer) -> Candidate:
        """An answer as the Verifier takes it."""
        return Candidate(
            text=answer.completion,
            instruction=self.file.instruction if self.own_words else "",
            spec_id=self.id,
            sample=answer.sample,
            model=answer.model,
            finish_reason=answer.finish_reason,
        )


def task_of_spec(spec: Spec) -> Task:
    """The task of a suite's Spec."""
    testbench = spec.testbench.text if spec.testbench is not None else None
    file = TaskFile(
        instruction=spec.prompt,
        spec_id=spec.id,
        category=spec.category or None,
        testbench=testbench,
    )
    return Task(id=spec.id, file=file, spec=spec)


def read_tasks(path: Path, specs: Iterable[Spec]) -> tuple[list[Task], list[Problem]]:
    """The tasks of a file, and what of it cannot be used.

    Args:
        specs: The suite whose Specs the records may name.

    Raises:
        UserError: The file cannot be read, or holds no task at all.
    """
    matcher, stem = Matcher(specs), re.sub(r"[^A-Za-z0-9_.-]", "_", path.stem)[:60]
    tasks: list[Task] = []
    problems: list[Problem] = []
    try:
        for number, raw in _lines(path):
            where = f"{path}:{number}"
            try:
                task, doubt = _task(f"{stem}_{number}", _record(raw), matcher)
            except (LayoutError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
                problems.append(Problem(where, f"not a task ({one_line(str(e))}); mend the line"))
                continue
            tasks.append(task)
            if doubt:
                problems.append(Problem(where, doubt))
    except OSError as e:
        raise UserError(f"--instructions {path}: cannot read it ({e.strerror})") from e
    if not tasks:
        first = f"; {problems[0]}" if problems else ""
        raise UserError(f"--instructions {path}: holds no task{first}")
    return tasks, problems


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number, line in enumerate(bounded_lines(file, MAX_LINE), 1):
            if line.data.strip():
                yield number, line.data


def _record(raw: bytes) -> Record:
    if len(raw) > MAX_LINE:
        raise LayoutError(f"it is longer than {MAX_LINE >> 20} MiB")
    given: Any = from_json(raw.removeprefix(b"\xef\xbb\xbf"))
    if isinstance(given, dict):
        given = _with_an_answer(given)
    record = to_record(given)
    if not record.instruction.strip():
        raise LayoutError("the instruction is empty")
    return record


def _with_an_answer(given: dict[str, Any]) -> dict[str, Any]:
    """A record that only asks, in the shape of one that is answered."""
    names = {name.lower() for name in given}
    shapes = [s for s in LAYOUTS if s.instruction in names]
    if not shapes or any(s.output in names for s in shapes):
        return given
    return {**given, shapes[0].output: ""}


def _task(name: str, record: Record, matcher: Matcher) -> tuple[Task, str]:
    """The task that a record makes, and what of the record is left out."""
    unanswered = msgspec.structs.replace(record, output="", testbench=None)
    match = matcher.match(unanswered)
    testbench, doubt = record.testbench, ""
    spec, own_words = match.spec, match.spec is None or match.reworded
    if spec is None and testbench is not None:
        spec, doubt = _bench_spec(record)
        testbench = testbench if spec is not None else None
    category = spec.category if spec is not None and spec.category else _category(record)
    file = TaskFile(
        instruction=record.instruction,
        spec_id=match.spec.id if match.how in ("spec_id", "prompt") and match.spec else None,
        category=category,
        testbench=testbench,
        member=record.metadata.get("member") if match.how == "member" else None,
    )
    return Task(id=name, file=file, spec=spec, own_words=own_words), doubt


def _bench_spec(record: Record) -> tuple[Spec | None, str]:
    """What a record's own testbench judges by; its top is the module that the testbench tests."""
    assert record.testbench is not None
    why = refusal(record.testbench)
    top = None if why else tested_module(record.testbench)
    if top is None:
        why = why or "it does not instantiate exactly one module from outside"
        return None, f"its testbench is not run, since {why}; answers get the static checks only"
    spec = bench_spec(msgspec.structs.replace(record, output=f"module {top}"))
    return (spec, "") if isinstance(spec, Spec) else (None, spec)


def _category(record: Record) -> str:
    given = record.metadata.get("category")
    return given if isinstance(given, str) and given else categorise(record.instruction, "")
