"""The trace of a refinement: the events of each judged answer, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

from rtlbench.records.verdict import CheckResult, Severity, Verdict
from rtlbench.refine.attempts import Attempt
from rtlbench.refine.feedback import mismatch_table
from rtlbench.refine.tasks import Task
from rtlbench.scoring import SELF_TESTED
from rtlbench.traces.trace_file import (
    CHECK_STAGES,
    GENERATION,
    PASS,
    REFINEMENT,
    SPEC,
    BrokenEvent,
    Event,
    TraceWriter,
    read_events,
)

Seen = tuple[Any, ...]
"""What an event is known by: stage, task, sample, turn and status."""


class RefineTrace:
    """The trace of a run; what it holds already is not written again.

    Raises:
        UserError: It cannot be read or written.
    """

    def __init__(self, writer: TraceWriter) -> None:
        self._writer = writer
        self._tasks: dict[str, dict[str, Any]] = {}
        events = read_events(writer.path) if writer.path.is_file() else iter(())
        self._seen = {_seen(e) for e in events if not isinstance(e, BrokenEvent)}

    def specs(self, tasks: Iterable[Task]) -> None:
        """Write the tasks.

        Raises:
            UserError: They cannot be written.
        """
        self._append(
            self._writer.new_event(
                SPEC, PASS, task=task.id, category=task.file.category, **self._task_files(task)
            )
            for task in tasks
        )

    def attempts(self, attempts: Sequence[Attempt]) -> None:
        """Write the events of judged answers; the `Refinement` event is the last of each.

        Raises:
            UserError: They cannot be written.
        """
        self._append(event for attempt in attempts for event in self._events(attempt))

    def _append(self, events: Iterable[Event]) -> None:
        fresh = [e for e in events if _seen(e) not in self._seen]
        self._writer.append(fresh)
        self._seen.update(map(_seen, fresh))

    def _events(self, attempt: Attempt) -> Iterator[Event]:
        verdict = attempt.verdict
        place = {"task": attempt.task.id, "sample": attempt.answer.sample, "turn": attempt.turn}
        whole = {"stage": REFINEMENT, "status": verdict.outcome.value, **place}
        if _key(whole) in self._seen:
            return
        event, files = self._writer.new_event, self._files(attempt)
        answer = attempt.answer
        yield event(
            GENERATION, PASS, **place, **files, model=answer.model, seed=answer.seed,
            prompt_sha256=answer.prompt_hash, finish_reason=answer.finish_reason,
            prompt_tokens=answer.prompt_tokens, completion_tokens=answer.completion_tokens,
        )  # fmt: skip
        for name, result in verdict.checks.items():
            more = self._simulation(verdict, result, files) if name == "simulation" else {}
            yield event(
                CHECK_STAGES[name], result.outcome.value, **place, **more,
                value=result.value, rules=_rules(result), decided=result.decided,
            )  # fmt: skip
        rules = sorted({f.rule for f in verdict.findings if f.severity is Severity.ERROR})
        yield event(
            REFINEMENT, verdict.outcome.value, **place, **files, score=verdict.score,
            functional=verdict.functional, formal=verdict.formal, rules=rules,
            feedback=attempt.feedback() or None,
        )  # fmt: skip

    def _files(self, attempt: Attempt) -> dict[str, Any]:
        """The answer's RTL and the task's files, for an event to name."""
        rtl = self._file("rtl", ".sv", attempt.rtl)
        return {"rtl_file": rtl[0], "rtl_sha256": rtl[1], **self._task_files(attempt.task)}

    def _task_files(self, task: Task) -> dict[str, Any]:
        if task.id not in self._tasks:
            spec = self._file("specs", ".json", task.file.encoded().decode())
            testbench: tuple[str | None, str | None] = (None, None)
            if task.file.testbench is not None:
                testbench = self._file("testbenches", ".v", task.file.testbench)
            self._tasks[task.id] = {
                "spec_hash": task.file.digest(),
                "spec_path": spec[0],
                "spec_sha256": spec[1],
                "testbench_file": testbench[0],
                "testbench_sha256": testbench[1],
            }
        return self._tasks[task.id]

    def _file(self, kind: str, suffix: str, text: str) -> tuple[str, str]:
        """Path and hash of a file that is there from now on."""
        data = text.encode("utf-8", "backslashreplace")
        return self._writer.artefact(kind, suffix, data), sha256(data).hexdigest()

    def _simulation(
        self, verdict: Verdict, result: CheckResult, files: dict[str, Any]
    ) -> dict[str, Any]:
        artefact = self._writer.artefact
        return {
            **files,
            "simulation_compile_log": artefact("logs", ".log", compile_log(verdict)),
            "simulation_log": artefact("logs", ".log", simulation_log(result)),
            "self_tested": bool(result.detail.get(SELF_TESTED)) or None,
        }


def compile_log(verdict: Verdict) -> str:
    """What the tools that read the code said of it, a line a message; empty where nothing."""
    results = [r for n, r in verdict.checks.items() if n in ("syntax", "lint")]
    return "".join(
        f"rtl.sv:{f.line or 0}:{f.column or 0}: {f.severity.value}: {f.message} [{f.rule}]\n"
        for result in results
        for f in result.findings
    )


def simulation_log(result: CheckResult) -> str:
    """How the simulation ended, what it rests on, and the first mismatch."""
    lines = [f"simulation: {result.outcome.value}"]
    lines += [f"{name}: {value}" for name, value in result.detail.items()]
    lines += [f"{f.severity.value}: {f.message} [{f.rule}]" for f in result.findings]
    return "\n".join([*lines, *mismatch_table(result.trace)]) + "\n"


def _rules(result: CheckResult) -> list[str]:
    return sorted({f.rule for f in result.findings})


def _seen(event: Event) -> Seen:
    return _key({"stage": event.stage, **event.payload})


def _key(fields: dict[str, Any]) -> Seen:
    return tuple(str(fields.get(n)) for n in ("stage", "task", "sample", "turn", "status"))
