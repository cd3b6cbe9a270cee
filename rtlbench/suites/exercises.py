"""Reader of exercises: work on code that is there, on members of our own families.

A line of the file says which member of which family is meant, and what is asked; golden, reference
model and ports are the family's, so an exercise is judged as every task is. `rtlbench exercises`
writes such files (rtlbench.refine.exercises).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from jinja2 import TemplateError

from rtlbench.errors import HarnessError, UserError
from rtlbench.io.untrusted import one_line
from rtlbench.records.spec import Difficulty, ParamValue, Spec
from rtlbench.suites.families import Family, Member, family_folders, read_family
from rtlbench.suites.rendering import family_specs

ExerciseKind: TypeAlias = Literal["complete", "modify", "mend", "find"]
SUITE = "exercises"
MAX_LINE = 1 << 20
"""Bytes."""
_UNFIT = (UserError, HarnessError, TemplateError, ValueError, ArithmeticError, LookupError)


class Exercise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line."""

    id: str
    kind: ExerciseKind
    prompt: str
    given: str
    """The code that is to be worked on, as it stands in the prompt."""
    family: str
    params: dict[str, ParamValue]
    names: dict[str, str]
    """Of ports, by the family's word for them."""
    top: str
    difficulty: Difficulty = "medium"


def read_exercises(path: Path | None) -> tuple[Spec, ...]:
    """The exercises of a file, in order.

    Raises:
        UserError: It cannot be read, or a line is no exercise, or has the id of another.
    """
    if path is None or not path.is_file():
        raise UserError(f"--suite {SUITE} needs a file: --suite {SUITE}=FILE.jsonl")
    found: dict[str, Spec] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        where = f"{path}:{number}"
        exercise = _line(where, line)
        if exercise.id in found:
            raise UserError(f"{where}: {exercise.id} is there already; give each its own id")
        try:
            found[exercise.id] = spec_of(exercise)
        except UserError as e:
            raise UserError(f"{where}: {e}") from e
    return tuple(found.values())


def _line(where: str, line: bytes) -> Exercise:
    try:
        if len(line) > MAX_LINE:
            raise msgspec.DecodeError(f"longer than {MAX_LINE >> 20} MiB")
        return msgspec.json.decode(line, type=Exercise)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise UserError(f"{where}: no exercise ({one_line(str(e))}); see docs/exercises.md") from e


def spec_of(exercise: Exercise) -> Spec:
    """The task.

    Raises:
        UserError: There is no such member.
    """
    _, spec = member_of(exercise)
    return msgspec.structs.replace(
        spec, id=exercise.id, prompt=exercise.prompt, suite=SUITE,
        title=f"{exercise.kind}: {spec.title}",
    )  # fmt: skip


def member_of(exercise: Exercise) -> tuple[Member, Spec]:
    """The member that is meant, and its own task.

    Raises:
        UserError: There is no such member.
    """
    member = Member(
        id="exercise", difficulty=exercise.difficulty, phrasing="", params=exercise.params,
        names=exercise.names, top=exercise.top,
    )  # fmt: skip
    found = fitting(folder_of(exercise.family), member)
    if found is None:
        raise UserError(f"the family {exercise.family} has no such member")
    return found


def folder_of(family: str) -> Path:
    """The folder of a family.

    Raises:
        UserError: There is none of that name.
    """
    found = next((f for f in family_folders() if f.name == family), None)
    if found is None:
        raise UserError(f"there is no family {family[:80]!r}")
    return found


def fitting(folder: Path, member: Member) -> tuple[Member, Spec] | None:
    """The member in the first phrasing that fits it, and its task; None where it makes no sense."""
    family: Family = read_family(folder)
    for phrasing in family.phrasings:
        worded = msgspec.structs.replace(member, phrasing=phrasing.style)
        try:
            return worded, family_specs(folder, family, [worded])[0]
        except _UNFIT:
            continue
    return None
