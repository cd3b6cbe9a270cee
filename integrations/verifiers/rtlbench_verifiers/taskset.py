"""Fresh tasks without end, and rewards that a judging service gives.

Nothing is judged here: verdicts are the service's. Tasks are drawn here, by a seed, and named to
the service by their ids.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import Literal

import verifiers.v1 as vf
from pydantic import Field

from rtlbench import Client
from rtlbench.client.messages import TaskInfo
from rtlbench.errors import HarnessError
from rtlbench.io.explain import cause, explain
from rtlbench.mutation.fresh import streamed
from rtlbench.mutation.mutants import stub_answers
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.rewards import functions
from rtlbench.runs.suite import find_spec, read_suite
from rtlbench.suites.families import family_folders

DEFAULT_URL = "http://127.0.0.1:8765"


class RtlData(vf.TaskData):
    """A task as it stands in traces."""

    category: str
    url: str
    """Of the service that judges."""


class RtlTaskConfig(vf.TaskConfig):
    """`--env.taskset.task.*`"""

    reward: Literal["sparse", "shaped"] = "sparse"


class RtlTask(vf.Task[RtlData, vf.State, RtlTaskConfig]):
    """One answer to one task."""

    @vf.reward
    async def functional(self, trace: vf.Trace) -> float:
        """Whether the answer is right, or how far it is on the way."""
        found = await self.verdict(trace)
        worth = getattr(functions, self.config.reward)(found)
        if worth is None:
            raise HarnessError(f"not judged: {cause(found)}")
        trace.info["explanation"] = explain(found)
        return float(worth)

    @vf.metric
    async def figures(self, trace: vf.Trace) -> dict[str, float]:
        """What `rtlbench bench` counts."""
        found = await self.verdict(trace)
        return {
            "passed": float(found.outcome is Outcome.PASS),
            "score": found.score,
            "all_io_used": float(found.all_io_used is True),
        }

    async def verdict(self, trace: vf.Trace) -> Verdict:
        """What the service says; it remembers what it was asked before."""
        answer = Candidate(text=trace.last_reply, spec_id=self.data.id, model="policy")
        return await client(self.data.url).judge_async(self.data.id, answer)

    async def validate(self, runtime: vf.Runtime) -> bool | None:  # noqa: ARG002 - its shape
        """Whether the golden is right, and stubs with the right interface are not."""
        spec = known(str(self.data.id))
        texts = [spec.golden, *stub_answers(spec).values()]
        golden, *stubs = await client(self.data.url).judge_async(spec, texts)
        return functions.right(golden) and not any(map(functions.right, stubs))


class RtlConfig(vf.TasksetConfig):
    """`--env.taskset.*`"""

    seed: int = 0
    categories: list[str] = Field(default_factory=list)
    """Empty for all."""
    benchmark: bool = False
    """The tasks of the service, once each, instead of fresh ones."""
    url: str = ""
    task: RtlTaskConfig = RtlTaskConfig()


class RtlTaskset(vf.Taskset[RtlTask, RtlConfig]):
    """Tasks without end, families in turn."""

    INFINITE = True

    def load(self) -> Iterator[RtlTask]:
        """The tasks."""
        url = self.config.url or os.environ.get("RTLBENCH_JUDGE_URL") or DEFAULT_URL
        for t in self._benchmark(url) if self.config.benchmark else self._fresh():
            data = RtlData(id=t.id, name=t.id, prompt=t.prompt, category=t.category, url=url)
            yield RtlTask(data, self.config.task)

    def _benchmark(self, url: str) -> Iterator[TaskInfo]:
        wanted = self.config.categories
        return (t for t in client(url).tasks() if not wanted or t.category in wanted)

    def _fresh(self) -> Iterator[Spec]:
        wanted = self.config.categories
        folders = [f for f in family_folders() if not wanted or f.parent.name in wanted]
        if not folders:
            raise ValueError(f"no family of the categories {wanted}")
        for number in count():
            for folder in folders:
                spec = streamed(folder, self.config.seed, number)
                if spec is not None:
                    yield spec


@lru_cache(maxsize=4)
def client(url: str) -> Client:
    """The service's client."""
    return Client(url, token=os.environ.get("RTLBENCH_JUDGE_TOKEN"))


def known(name: str) -> Spec:
    """The task of an id, with its golden."""
    return find_spec(read_suite("rtlbench"), name)
