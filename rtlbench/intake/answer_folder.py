"""Answers as a folder of Verilog files, one an answer.

Where the task and the sample stand differs from tool to tool; so each part of a path is asked
whether it names a task, nearest to the file first, and what is left of the others says the sample
and the model:

    ID.v, ID_sample03.sv         all in one
    ID/0.v, ID/ID_sample01.sv    a folder a task (EvalPlus, VerilogEval's build folders)
    t1/ID.v, _MODEL/t1/ID.v      a folder a sample (RTLLM)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rtlbench.errors import UserError
from rtlbench.intake.task_names import TaskNames

ENDINGS = (".v", ".sv")
MAX_FILE = 16 << 20
"""Bytes; no answer is as long."""
_WORD = r"(?:sample|try|attempt|epoch|run|s|t|n|v)?[._-]?(?P<number>\d{1,6})"
_NUMBERED = re.compile(rf"(?P<name>.+?)[._-]{_WORD}")
_NUMBER = re.compile(rf"(?:.*[._-])?{_WORD}")
_NOT_ANSWERS = ("_test", "_ref", "_tb", "_testbench", "_verified")
"""What ends so behind a task's id is the suite's own file."""
_PLAIN_PLACES = frozenset({"build", "out", "output", "outputs", "answers", "rtl", "src", "verilog"})

Record = dict[str, Any]


def records_in(folder: Path, tasks: TaskNames) -> Iterator[tuple[str, Record | str]]:
    """Each file's path, and a record of the answer in it or why it is none.

    Raises:
        UserError: There is no Verilog file.
    """
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
    if not files:
        raise UserError(f"{folder}: no .v or .sv file below it{_nearest(folder)}")
    alone = Counter(
        f.parent for f in files if not _is_the_suites(f) and not _NUMBER.fullmatch(f.stem)
        and tasks.named(f.stem) is None and tasks.named(f.parent.name) is not None
    )  # fmt: skip
    for file in files:
        if not _is_the_suites(file):
            yield str(file), _record(folder, file, tasks, alone[file.parent])


def _record(folder: Path, file: Path, tasks: TaskNames, alone: int) -> Record | str:
    *above, stem = (*file.relative_to(folder).parts[:-1], file.stem)
    if alone > 1 and _split(stem, tasks) is None and not _NUMBER.fullmatch(stem):
        return f"{alone} files without a number lie in one task's folder; put an answer in one file"
    named = _split(stem, tasks)
    rest = list(above)
    if named is None and above:
        joined = tasks.named(f"{above[-1]}/{stem}")
        named = (joined[0], None) if joined else None
    if named is None:
        place = next((k for k in reversed(range(len(rest))) if tasks.named(rest[k])), None)
        if place is None:
            return f"unknown spec {stem[:80]!r}; name files or folders by the tasks' ids"
        found = tasks.named(rest[place])
        assert found is not None
        number = _NUMBER.fullmatch(stem)
        named = (found[0], int(number["number"]) if number else None)
    task, sample = named
    rest = [p for p in rest if _says_the_model(p, task, tasks)]
    if sample is None and rest and (number := _NUMBER.fullmatch(rest[-1])):
        sample = int(number["number"])
        rest.pop()
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_FILE).decode("utf-8", "replace")
    except OSError as e:
        return f"cannot be read ({e.strerror})"
    model = "/".join(p.lstrip("_") for p in rest)
    return {"spec_id": task, "sample": sample, "rtl": text, **({"model": model} if model else {})}


def _split(stem: str, tasks: TaskNames) -> tuple[str, int | None] | None:
    """The task that a file's name names, and the sample behind it."""
    for name in (stem, stem.replace("__", "/"), stem.replace("_", "/", 1)):
        if found := tasks.named(name):
            return found
    numbered = _NUMBERED.fullmatch(stem)
    found = tasks.named(numbered["name"]) if numbered else None
    return (found[0], int(numbered["number"])) if numbered and found else None


def _says_the_model(part: str, task: str, tasks: TaskNames) -> bool:
    found = tasks.named(part)
    is_task = found is not None and found[0] == task
    return not is_task and part.lower() not in _PLAIN_PLACES | tasks.categories


def _is_the_suites(file: Path) -> bool:
    return file.stem.lower().endswith(_NOT_ANSWERS) or file.stem in ("testbench", "tb")


def _nearest(folder: Path) -> str:
    """A file there that could be meant."""
    kinds = (".jsonl", ".json", ".eval", ".gz", ".zst", ".csv", ".parquet")
    near = sorted(p for p in folder.rglob("*") if p.suffix.lower() in kinds and p.is_file())
    if near:
        return f"; nearest is {near[0]}: give the file itself"
    return "; see docs/answers.md for the layouts"
