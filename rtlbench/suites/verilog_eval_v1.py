"""Reader of VerilogEval v1: `VerilogEval_Human.jsonl` or `VerilogEval_Machine.jsonl`, a problem a
line, and beside it `VerilogDescription_*.jsonl` with the words.

The prompt is the suite's own: the detailed description, and the header from which the answer goes
on. The reference is the canonical solution, and the judge; the bench gives the stimulus.

Where a folder has both files, which share their problems, Human is read; name the other file itself
to have that.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.cache import kept
from rtlbench.records.spec import Spec, Testbench
from rtlbench.suites.interface import digest_of_texts, ports_of, with_roles
from rtlbench.suites.native import read_text

T = TypeVar("T")
PROBLEMS, WORDS = "VerilogEval_", "VerilogDescription_"
TOP = "top_module"


class Problem(msgspec.Struct, frozen=True):
    """A line of the problems' file."""

    task_id: str
    prompt: str
    canonical_solution: str
    test: str


class Description(msgspec.Struct, frozen=True):
    """A line of the descriptions' file."""

    task_id: str
    detail_description: str


def read_verilog_eval_v1(folder: Path | None) -> tuple[Spec, ...]:
    """The problems of the file, or of the first such file below the folder, in its order.

    Raises:
        UserError: There is no such file, or a line of it, or of its descriptions, is broken.
    """
    if folder is None:
        raise UserError("--suite verilog-eval-v1 needs its folder: --suite verilog-eval-v1=FOLDER")
    file = folder if folder.is_file() else next(iter(problem_files(folder)), None)
    if file is None:
        raise UserError(f"--suite verilog-eval-v1={folder}: no {PROBLEMS}*.jsonl below that folder")
    kind = file.stem.removeprefix(PROBLEMS).lower()
    problems = _lines(file, Problem)
    words = _words(file)
    texts = [kind, read_text(file), *words.values()]
    return kept(
        digest_of_texts(texts),
        lambda: with_roles([_spec(p, kind, words.get(p.task_id, "")) for p in problems]),
        "public",
    )


def problem_files(folder: Path) -> list[Path]:
    """The files of problems below a folder, Human's first."""
    return sorted(folder.rglob(f"{PROBLEMS}*.jsonl"))


def _words(file: Path) -> dict[str, str]:
    """The descriptions that belong to a file of problems, by task."""
    name = file.name.replace(PROBLEMS, WORDS)
    found = next(iter(sorted(file.parent.rglob(name))), None) if name != file.name else None
    if found is None:
        raise UserError(f"{file}: {name} must lie beside it: it holds the words")
    return {d.task_id: d.detail_description for d in _lines(found, Description)}


def _lines(file: Path, form: type[T]) -> list[T]:
    found: list[T] = []
    for number, line in enumerate(read_text(file).splitlines(), 1):
        if line.strip():
            try:
                found.append(msgspec.json.decode(line, type=form))
            except msgspec.DecodeError as e:
                raise UserError(f"{file}:{number}: not of VerilogEval v1 ({e})") from e
    return found


def _spec(problem: Problem, kind: str, words: str) -> Spec:
    golden = f"{problem.prompt}\n{problem.canonical_solution}\n"
    ports = ports_of(golden, TOP)
    title = problem.task_id.replace("_", " ")
    if not ports:
        title += " (its reference does not elaborate: ports are not compared)"
    return Spec(
        id=problem.task_id,
        category=kind or "verilog_eval",
        family=problem.task_id,
        difficulty="medium",
        title=title,
        prompt=f"{words.strip()}\n{problem.prompt}",
        top=TOP,
        ports=ports,
        golden=golden,
        testbench=Testbench(text=problem.test, compares=True),
        suite="verilog-eval-v1",
    )
