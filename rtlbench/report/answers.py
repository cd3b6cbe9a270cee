"""What was asked and what was answered, for people to look at: Verdicts hold neither.

Guarantee: an answer is shown for a Verdict only where its hash is the Verdict's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.generate.background import ANSWERS
from rtlbench.generate.recorded import CandidateFile
from rtlbench.intake.task_names import TaskNames
from rtlbench.io.shipped import shipped_answers
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.rtl.extraction import extract
from rtlbench.runs.suite import read_suite


def tasks_of(suite: str) -> dict[str, Spec]:
    """The Specs of a suite by id; none where it cannot be read here, by its name alone."""
    try:
        return {spec.id: spec for spec in read_suite(suite)}
    except UserError:
        return {}


def code_by_hash(
    folder: Path, recorded: str, given: Sequence[Path], tasks: Mapping[str, Spec]
) -> dict[str, str]:
    """The RTL that was judged, by the hash of its answer, on the answer's own lines.

    Args:
        folder: The run's, which holds the answers where the run itself asked a model.
        recorded: The name of the file that the run was given.
        given: Files of answers to look into as well.

    Raises:
        UserError: One of `given` cannot be read.
    """
    places = [*given]
    if (folder / ANSWERS).is_file():
        places.append(folder / ANSWERS)
    if recorded == shipped_answers().name:
        places.append(shipped_answers())
    found: dict[str, str] = {}
    for place in places:
        answers = CandidateFile(place, TaskNames(tasks.values()))
        for spec_id in answers.places:
            spec = tasks[spec_id]
            found |= {c.digest(): _code(c, spec) for c in answers.answers(spec_id)}
    return found


def _code(candidate: Candidate, spec: Spec) -> str:
    return extract(candidate.text, spec.top, spec.prompt).rtl.strip("\n")
