"""One worker as its pool sees it: a process that is started, asked and let go of."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import weakref
from collections.abc import Sequence
from multiprocessing.connection import Connection

from rtlbench.errors import UserError
from rtlbench.judging.worker import Setup, TaskCandidate, WorkerReply

START_SECONDS = 120.0
BATCH_SECONDS = 3600.0
"""The tools have limits of their own; a worker that is silent for longer is taken for dead."""
STOP_SECONDS = 10.0
# Not multiprocessing's way, which runs the caller's own script again in every process.
PROGRAM = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from rtlbench.judging.worker import main; main(int(sys.argv[1]))"
)


class WorkerDiedError(Exception):
    """The process ended, or fell silent, before it had answered."""


class WorkerProcess:
    """A process that judges, set up and ready.

    Raises:
        UserError: It cannot judge as asked, and why.
        WorkerDiedError: It did not come to life.
    """

    def __init__(self, setup: Setup) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.set_inheritable(True)
            self._process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(theirs.fileno()), *sys.path],
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno() if _is_open(sys.stderr) else subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # an interrupt at the terminal is the caller's to handle
            )
        self._pool = Connection(ours.detach())
        self.close = weakref.finalize(self, _close, self._pool, self._process, os.getpid())
        self.close.atexit = False  # it ends with this process by itself
        reply = self._answer(setup, START_SECONDS)
        self.isolation = reply.isolation
        """What is in force around its tools."""
        if reply.refusal:
            self.close()
            raise UserError(reply.refusal)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def judge(self, pairs: Sequence[TaskCandidate]) -> WorkerReply:
        """What comes of a batch.

        Raises:
            WorkerDiedError: It is gone; nothing is known of any of them.
        """
        return self._answer(list(pairs), BATCH_SECONDS)

    def _answer(self, told: Setup | list[TaskCandidate], seconds: float) -> WorkerReply:
        try:
            self._pool.send(told)
            if self._pool.poll(seconds):
                reply: WorkerReply = self._pool.recv()
                return reply
        except Exception:  # noqa: BLE001 - whatever it is, it is no answer
            pass
        self._process.kill()
        self.close()
        raise WorkerDiedError(f"the process that judged it ended ({self._process.returncode})")


def _is_open(stream: object) -> bool:
    try:
        return stream.fileno() >= 0  # type: ignore[attr-defined,no-any-return]
    except (AttributeError, OSError, ValueError):
        return False


def _close(pool: Connection, process: subprocess.Popen[bytes], owner: int) -> None:
    """Let go of a worker, which then ends; in a forked child, of what was inherited only."""
    pool.close()
    if owner != os.getpid():
        process.returncode = 0  # not ours to wait for
        return
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
