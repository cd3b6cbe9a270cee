"""The Judge: answers to tasks in, Verdicts out, for programs. Workers outlive the calls."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from functools import cached_property, lru_cache
from threading import Lock
from typing import Self, TypeAlias, overload

from msgspec.structs import replace

from rtlbench.judging.arrivals import Ask
from rtlbench.judging.pool import JudgingPool
from rtlbench.judging.worker import Setup
from rtlbench.records.candidate import CUT_OFF, Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.runs.suite import find_spec, read_suite
from rtlbench.sandbox.level import wish
from rtlbench.simulation.simulators import choose_simulator
from rtlbench.verifier import Config, Verifier

TaskGiven: TypeAlias = "str | Spec | None"
"""The id of a task of the Judge's suite, or the task; None where the answer's own instruction is
all there is: then only the static Checks are asked."""
AnswerGiven: TypeAlias = str | Candidate
"""A model's whole answer or plain RTL; a Candidate says more of it."""
Answers: TypeAlias = list[str] | list[Candidate] | list[str | Candidate] | tuple[AnswerGiven, ...]


class Judge:
    """Judges answers in processes of its own, as `rtlbench verify` and `bench` do.

    Args:
        workers: Processes, started as they are needed (default: one a core).
        suite: Whose tasks go by their id: `NAME`, `NAME=FOLDER` or, for fresh members,
            `rtlbench@SEED`.
        simulator: `icarus` or `verilator` (default: Icarus where it is installed).
        seed: Of the stimulus.
        formal: Whether to compare with the golden formally, too.
        second_look: Whether what passes is compared formally for a second: a difference fails it.
        isolation: `default` (the best there is), `strict` or `none`.
        linger: Seconds that a first answer waits for others to share its simulation.
        remembered: So many Verdicts are kept: the same answer to the same task, judged again in
            this process, costs nothing. 0 keeps none.

    Raises:
        UserError: A tool is missing, or there is no such suite or simulator.
    """

    def __init__(  # noqa: PLR0913 - what a user may choose, each by its name
        self,
        *,
        workers: int | None = None,
        suite: str = "rtlbench",
        simulator: str | None = None,
        seed: int = 0,
        formal: bool = False,
        second_look: bool = False,
        isolation: str | None = None,
        linger: float = 0.005,
        remembered: int = 1024,
    ) -> None:
        config = Config(
            simulator=choose_simulator(simulator), seed=seed, formal=formal, second_look=second_look
        )
        self._verifier = Verifier(config)
        setup = Setup(config=config, isolation=isolation or wish())
        count = workers or len(os.sched_getaffinity(0))
        self._pool = JudgingPool(setup, count, linger)
        self._suite = suite
        self._known: dict[str, Spec] = {}
        self._memory = _Memory(remembered)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Judge what was asked for, then end the workers; the Judge judges no more."""
        self._pool.close()

    @property
    def pool(self) -> JudgingPool:
        """The workers."""
        return self._pool

    @cached_property
    def specs(self) -> tuple[Spec, ...]:
        """The tasks that go by their id."""
        return read_suite(self._suite)

    @overload
    def judge(self, task: TaskGiven, answers: AnswerGiven) -> Verdict: ...

    @overload
    def judge(self, task: TaskGiven, answers: Answers) -> list[Verdict]: ...

    def judge(self, task: TaskGiven, answers: AnswerGiven | Answers) -> Verdict | list[Verdict]:
        """The Verdict of one answer, or of each of several, in order.

        Raises:
            UserError: There is no such task, or something is missing that judging needs.
        """
        given = _listed(answers)
        asked = self.submit([task] * len(given), given)
        try:
            verdicts = [a.result() for a in asked]
        except BaseException:
            for a in asked:
                a.cancel()
            raise
        return verdicts[0] if isinstance(answers, str | Candidate) else verdicts

    @overload
    async def judge_async(self, task: TaskGiven, answers: AnswerGiven) -> Verdict: ...

    @overload
    async def judge_async(self, task: TaskGiven, answers: Answers) -> list[Verdict]: ...

    async def judge_async(
        self, task: TaskGiven, answers: AnswerGiven | Answers
    ) -> Verdict | list[Verdict]:
        """As `judge`; calls that run at the same time are judged together."""
        given = _listed(answers)
        asked = await asyncio.to_thread(self.submit, [task] * len(given), given)
        verdicts = list(await asyncio.gather(*map(asyncio.wrap_future, asked)))
        return verdicts[0] if isinstance(answers, str | Candidate) else verdicts

    def judge_each(self, tasks: Sequence[TaskGiven], answers: Sequence[Candidate]) -> list[Verdict]:
        """The Verdict of each answer to the task at its place; all are judged together.

        Raises:
            UserError: There is no such task, or something is missing that judging needs.
        """
        return [a.result() for a in self.submit(tasks, answers)]

    def submit(
        self, tasks: Sequence[TaskGiven], answers: Sequence[Candidate]
    ) -> list[Future[Verdict]]:
        """The futures of the Verdicts of each answer to the task at its place.

        Raises:
            UserError: There is no such task; nothing is judged.
        """
        asks = []
        for task, candidate in zip(tasks, answers, strict=True):
            spec = self._spec(task) if isinstance(task, str) else task
            asks.append(Ask((spec, candidate), spec.digest() if spec is not None else ""))
        new = [ask for ask in asks if not self._recall(ask)]
        if new:
            self._pool.add(new)
        return [ask.verdict for ask in asks]

    def _spec(self, task: str) -> Spec:
        if task not in self._known:
            self._known[task] = find_spec(self.specs, task)
        return self._known[task]

    def _recall(self, ask: Ask) -> bool:
        """Whether its Verdict is known; if not, it will be."""
        spec, candidate = ask.pair
        anonymous = Candidate(text=candidate.text, instruction=candidate.instruction)
        text = self._verifier.key(spec, anonymous)
        known = self._memory.get(text)
        if known is None:
            ask.verdict.add_done_callback(lambda made: self._memory.keep(text, made))
            return False
        ask.verdict.set_result(
            replace(
                known,
                spec_id=spec.id if spec is not None else candidate.spec_id,
                sample=candidate.sample,
                model=candidate.model,
                key=self._verifier.key(spec, candidate),
                truncated=candidate.finish_reason == CUT_OFF,
            )
        )
        return True


class _Memory:
    """The last Verdicts, by what was judged; only those that speak of the answer for good."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, Verdict] = OrderedDict()
        self._lock = Lock()

    def get(self, text: str) -> Verdict | None:
        with self._lock:
            if text in self._kept:
                self._kept.move_to_end(text)
            return self._kept.get(text)

    def keep(self, text: str, made: Future[Verdict]) -> None:
        if made.cancelled() or made.exception() is not None:
            return
        verdict = made.result()
        if verdict.outcome is Outcome.TIMEOUT or not verdict.is_for_good:
            return  # another time it may be told
        with self._lock:
            self._kept[text] = verdict
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def _listed(answers: AnswerGiven | Answers) -> list[Candidate]:
    """One Candidate an answer, numbered where they are plain text."""
    given = [answers] if isinstance(answers, str | Candidate) else list(answers)
    return [
        Candidate(text=a, sample=k) if isinstance(a, str) else a for k, a in enumerate(given)
    ]


@overload
def judge(task: TaskGiven, answers: AnswerGiven) -> Verdict: ...


@overload
def judge(task: TaskGiven, answers: Answers) -> list[Verdict]: ...


def judge(task: TaskGiven, answers: AnswerGiven | Answers) -> Verdict | list[Verdict]:
    """The Verdict of one answer to a task, or of each of several, in order.

    The first call starts workers, which wait for further calls until the process ends.

    Args:
        task: The id of a task (`rtlbench specs list`), a Spec, or None for a Candidate with an
            instruction of its own.
        answers: One answer or a list; text (RTL, or a model's whole answer) or Candidates.

    Raises:
        UserError: There is no such task, or a tool is missing.
    """
    return shared().judge(task, answers)


@overload
async def judge_async(task: TaskGiven, answers: AnswerGiven) -> Verdict: ...


@overload
async def judge_async(task: TaskGiven, answers: Answers) -> list[Verdict]: ...


async def judge_async(
    task: TaskGiven, answers: AnswerGiven | Answers
) -> Verdict | list[Verdict]:
    """As `judge`; calls that run at the same time are judged together."""
    return await shared().judge_async(task, answers)


def shared() -> Judge:
    """The Judge that all of this process's calls share."""
    return _shared(os.getpid())


@lru_cache(maxsize=1)
def _shared(_process: int) -> Judge:
    """Of this process: one that a fork inherits has no workers."""
    return Judge()
