"""The Task: what a model is asked, and what its answers are judged by."""

from __future__ import annotations

import msgspec

from rtlbench.generate.answer import Answer
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.traces.task_file import TaskFile


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
    bench = spec.testbench.text if spec.testbench is not None else None
    file = TaskFile(
        instruction=spec.prompt, spec_id=spec.id, category=spec.category or None, testbench=bench
    )
    return Task(id=spec.id, file=file, spec=spec)
