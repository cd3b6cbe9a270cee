"""Workers that outlive calls: answers in, a Verdict for each out.

Guarantee: each answer gets one Verdict. A worker that dies, by whatever cause, costs the answers
that it had a rerun in smaller batches; one over which workers die while it is alone gets the
outcome `error`.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from weakref import WeakSet

from rtlbench.checks.base import error_of
from rtlbench.errors import HarnessError, UserError
from rtlbench.judging.arrivals import LEAST_SHARE, Arrivals, Ask
from rtlbench.judging.process import WorkerDiedError, WorkerProcess
from rtlbench.judging.worker import Setup, WorkerReply
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.verifier import Verifier

LEAVE_SECONDS = 2.0
"""What a process that ends waits for its workers; those that have nothing to do end at once."""
DEATHS = 3
"""So often an answer may cost a worker that judges it alone, and a worker may fail to start."""


class JudgingPool:
    """Processes that judge, started as they are needed.

    Args:
        workers: The most there are at a time.
        linger: Seconds that a first answer waits for others to share its simulation.
    """

    def __init__(self, setup: Setup, workers: int, linger: float) -> None:
        self.setup, self.workers = setup, workers
        self._verifier = Verifier(setup.config)
        self._arrivals = Arrivals(linger)
        self._threads: list[threading.Thread] = []
        self._running: dict[int, WorkerProcess] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._owner = os.getpid()
        _OPEN.add(self)
        self.isolation = ""
        """What is in force around the workers' tools, once one was started."""
        self.restarts = 0
        """Workers that died and were replaced."""
        self.batches: Counter[int] = Counter()
        """Batches that were judged, by their size."""

    @property
    def waiting(self) -> int:
        """Answers that no worker has yet."""
        return len(self._arrivals)

    @property
    def pids(self) -> list[int]:
        """The processes of the workers that live."""
        return [process.pid for process in list(self._running.values())]

    def add(self, asks: Sequence[Ask]) -> None:
        """Have these judged; their futures get the Verdicts, or the UserError that keeps from it.

        Raises:
            RuntimeError: It is closed.
        """
        self._arrivals.add(asks)
        wanted = -(-len(asks) // LEAST_SHARE) - self._arrivals.takers
        self.start(len(self._threads) + max(0, wanted))

    def start(self, count: int) -> None:
        """Have at least so many workers, as far as there may be."""
        with self._lock:
            while not self._closed and len(self._threads) < min(count, self.workers):
                thread = threading.Thread(target=self._serve, daemon=True, name="rtlbench-judging")
                self._threads.append(thread)
                thread.start()

    def close(self) -> None:
        """Judge what was added, then end the workers."""
        with self._lock:
            self._closed = True
        self._arrivals.close()
        for thread in list(self._threads):
            thread.join()
        self._refuse(HarnessError("the Judge was closed before it could start a worker"))

    def leave(self) -> None:
        """End the workers as far as they end soon: this process does, and waits for no Verdict."""
        if self._owner != os.getpid():
            return  # a fork's: its threads are not here
        with self._lock:
            self._closed = True
        self._refuse(HarnessError("the process has ended"))
        self._arrivals.close()
        until = time.monotonic() + LEAVE_SECONDS
        for thread in list(self._threads):
            thread.join(max(0.0, until - time.monotonic()))

    def _serve(self) -> None:
        """One worker after another, as they die, until there is no more to judge."""
        stillborn = 0
        try:
            while stillborn < DEATHS:
                stillborn += 1
                with suppress(WorkerDiedError):
                    process = WorkerProcess(self.setup)
                    stillborn = 0
                    self._serve_by(process)
                    return
                self.restarts += 1
            self._refuse(HarnessError("workers end before they can judge: see `rtlbench doctor`"))
        except UserError as e:
            self._refuse(e)
        finally:
            with self._lock:
                self._threads.remove(threading.current_thread())
            if self.waiting:
                self.start(1)

    def _serve_by(self, process: WorkerProcess) -> None:
        me = threading.get_ident()
        self._running[me], self.isolation = process, process.isolation
        try:
            while (asks := self._arrivals.take()) is not None:
                self._judge(process, asks)
        finally:
            del self._running[me]
        process.close()

    def _refuse(self, error: Exception) -> None:
        for ask in self._arrivals.drain():
            if _is_wanted(ask):
                ask.verdict.set_exception(error)

    def _judge(self, process: WorkerProcess, asks: Sequence[Ask]) -> None:
        wanted = [ask for ask in asks if _is_wanted(ask)]
        if not wanted:
            return
        try:
            reply = process.judge([ask.pair for ask in wanted])
        except WorkerDiedError as e:
            self._again(wanted, str(e))
            raise
        with self._lock:
            self.batches[len(wanted)] += 1
        self._settle(wanted, reply)

    def _settle(self, asks: Sequence[Ask], reply: WorkerReply) -> None:
        if reply.refusal:
            for ask in asks:
                ask.verdict.set_exception(UserError(reply.refusal))
        elif reply.broken:
            for ask in asks:
                ask.verdict.set_result(self._errored(ask, reply.broken))
        else:
            for ask, verdict in zip(asks, reply.verdicts, strict=True):
                ask.verdict.set_result(verdict)

    def _again(self, asks: Sequence[Ask], how: str) -> None:
        """Have those judged again that a worker died over, in smaller company."""
        for ask in asks:
            ask.deaths += len(asks) == 1
            ask.company = max(1, len(asks) // 2)
        self._arrivals.put_back([ask for ask in asks if ask.deaths < DEATHS])
        for ask in asks:
            if ask.deaths >= DEATHS:
                ask.verdict.set_result(self._errored(ask, f"{how}, {DEATHS} times"))

    def _errored(self, ask: Ask, reason: str) -> Verdict:
        """The Verdict of what the harness could not judge."""
        spec, candidate = ask.pair
        return Verdict(
            spec_id=spec.id if spec is not None else candidate.spec_id,
            sample=candidate.sample,
            model=candidate.model,
            outcome=Outcome.ERROR,
            score=0.0,
            syntax_valid=False,
            synthesizes=None,
            all_io_used=None,
            functional=None,
            checks={"syntax": error_of("syntax", HarnessError(reason))},
            findings=(),
            category=spec.category if spec is not None else None,
            suite=spec.suite if spec is not None else None,
            candidate_hash=candidate.digest(),
            key=self._verifier.key(spec, candidate),
        )


def _is_wanted(ask: Ask) -> bool:
    """Whether someone still waits for it; from now on it cannot be called off."""
    ask.begun = ask.begun or ask.verdict.set_running_or_notify_cancel()
    return ask.begun


_OPEN: WeakSet[JudgingPool] = WeakSet()


@atexit.register
def _leave_all() -> None:
    """A thread that waits when the interpreter ends holds all that its module has imported, and
    pyslang's bindings then tell of each class, in dozens of lines."""
    for pool in list(_OPEN):
        pool.leave()
