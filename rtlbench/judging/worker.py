"""The process of a pool that judges: one batch after another, until its pool is gone."""

from __future__ import annotations

import signal
from multiprocessing.connection import Connection
from typing import TypeAlias

import msgspec

from rtlbench.checks.base import error_of
from rtlbench.errors import HarnessError, UserError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict
from rtlbench.sandbox.kernel import end_with_parent
from rtlbench.sandbox.level import choose
from rtlbench.sandbox.sandbox import isolation
from rtlbench.verifier import Config, Verifier

TaskCandidate: TypeAlias = tuple[Spec | None, Candidate]


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What every answer of a pool is judged by."""

    config: Config
    isolation: str


class WorkerReply(msgspec.Struct, frozen=True, kw_only=True):
    """What comes of a batch, or of the set-up, which gives no Verdicts."""

    verdicts: list[Verdict] = []
    refusal: str = ""
    """What the user must mend before anything is judged."""
    broken: str = ""
    """How the harness broke over the batch."""
    isolation: str = ""
    """What is in force around the worker's tools; told once."""


def main(descriptor: int) -> None:
    """Judge what comes over a socket, which closes when the pool is gone."""
    end_with_parent(signal.SIGKILL)
    with Connection(descriptor) as pool:
        try:
            verifier = _set_up(pool.recv())
            pool.send(WorkerReply(isolation=str(isolation())))
        except (UserError, HarnessError) as e:
            pool.send(WorkerReply(refusal=str(e)))
            return
        while (pairs := _received(pool)) is not None:
            pool.send(_judged(verifier, pairs))


def _set_up(setup: Setup) -> Verifier:
    choose(setup.isolation)
    return Verifier(setup.config)


def _received(pool: Connection) -> list[TaskCandidate] | None:
    try:
        pairs: list[TaskCandidate] = pool.recv()
    except EOFError:
        return None
    return pairs


def _judged(verifier: Verifier, pairs: list[TaskCandidate]) -> WorkerReply:
    try:
        return WorkerReply(verdicts=verifier.verify_mixed(pairs))
    except UserError as e:
        return WorkerReply(refusal=str(e))
    except Exception as e:  # noqa: BLE001 - any bug of ours is an error of the answers, never a fail
        return WorkerReply(broken=str(error_of("syntax", e).detail["reason"]))
