"""The tasks of a judging service, and a scorer that has it judge.

Nothing is judged here: tasks, verdicts and their explanations are the service's.
"""

from __future__ import annotations

import os
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import TaskState, generate

from rtlbench import Client
from rtlbench.errors import HarnessError
from rtlbench.io.explain import cause, explain
from rtlbench.records.candidate import CUT_OFF, Candidate
from rtlbench.records.verdict import Outcome, Verdict

DEFAULT_URL = "http://127.0.0.1:8765"


@task
def rtlbench(
    url: str | None = None, token_file: str | None = None, category: str | None = None
) -> Task:
    """The tasks that a judging service has.

    Args:
        url: Where it is; default: RTLBENCH_JUDGE_URL, or this machine.
        token_file: A file with its token; default: RTLBENCH_JUDGE_TOKEN.
        category: Take the tasks of this category only.

    Raises:
        HarnessError: The service cannot be reached.
        ValueError: There is no such category.
    """
    with client(url, token_file) as judge:
        every = judge.tasks()
    chosen = [t for t in every if category in (None, t.category)]
    if not chosen:
        known = ", ".join(sorted({t.category for t in every}))
        raise ValueError(f"no category {category!r}; there are {known}")
    return Task(
        dataset=MemoryDataset(
            [
                Sample(
                    id=t.id, input=t.prompt, metadata={"category": t.category, "digest": t.digest}
                )
                for t in chosen
            ],
            name="rtlbench",
        ),
        solver=generate(),
        scorer=verdict(url, token_file),
    )


@scorer(metrics={"*": [mean(), stderr()]})
def verdict(url: str | None = None, token_file: str | None = None) -> Scorer:
    """What the judging service says of an answer."""
    judge = client(url, token_file)

    async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001 - the shape asked for
        found = await judge.judge_async(str(state.sample_id), answer(state))
        if found.outcome is Outcome.ERROR:
            raise HarnessError(f"not judged: {cause(found)}")
        return Score(
            value=values(found),
            answer=state.output.completion,
            explanation=explain(found),
            metadata={"findings": [f"{f.rule}: {f.message}" for f in found.findings]},
        )

    return score


def values(found: Verdict) -> dict[str, float]:
    """A verdict's figures, each in [0, 1]."""
    return {
        "functional": float(found.functional is True),
        "passed": float(found.outcome is Outcome.PASS),
        "score": found.score,
    }


def answer(state: TaskState) -> Candidate:
    """What the model said, cut off or not."""
    output = state.output
    return Candidate(
        text=output.completion,
        spec_id=str(state.sample_id),
        sample=state.epoch - 1,
        model=str(state.model),
        finish_reason=CUT_OFF if output.stop_reason == "max_tokens" else None,
    )


def client(url: str | None, token_file: str | None) -> Client:
    """The service's client."""
    token = Path(token_file).read_text().strip() if token_file else None
    return Client(
        url or os.environ.get("RTLBENCH_JUDGE_URL") or DEFAULT_URL,
        token=token or os.environ.get("RTLBENCH_JUDGE_TOKEN"),
    )
