"""The evidence for a pass, on the harness's side: what it takes to believe a simulation.

Guarantee: a result is believed only if it is whole and sealed by the key of this very run, every
frame was compared in every lane, the golden beside the candidates passed, and the golden's
complement was caught in every frame in which an output counts, from the first of them on. All
else is an error of the harness; nothing that is missing or short can be a pass.

Limit: the simulator's side lives in the process that runs the design. What could read and write
that process's memory could forge a result; the safety Check refuses all forms that call out of
Verilog.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from rtlbench.errors import GoldenError, HarnessError
from rtlbench.simulation.frames import Plan
from rtlbench.simulation.in_simulator import HANDOVER_FILE, SEAL_LENGTH, seal

MAX_RESULT = 64 << 20
"""Bytes; a result of 64 lanes with outputs of thousands of bits is far below."""


class Handover:
    """The open file through which one simulation's result comes.

    Args:
        folder: Where the simulator runs.
        lanes: How many each part of the wrapper has, golden and complement included.
    """

    def __init__(self, folder: Path, *lanes: int) -> None:
        self.key = secrets.token_hex(16).encode()
        self._file = os.open(folder / HANDOVER_FILE, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._given = self.key + b"".join(b" %d" % n for n in lanes)
        os.write(self._file, self._given)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _e: BaseException | None, _at: TracebackType | None
    ) -> None:
        os.close(self._file)

    def received(self) -> bytes | None:
        """What the simulator's side wrote, by whatever name; None where it wrote nothing."""
        handed = os.pread(self._file, min(os.fstat(self._file).st_size, MAX_RESULT), 0)
        return handed if handed and handed != self._given else None


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the simulator's side says of one part, once its seal is found whole."""

    compared: int
    """Frames compared, each in every lane."""
    caught: int
    """Frames in which the golden's complement was found wrong."""
    lanes: int
    mismatches: dict[str, tuple[int, str]]
    """By lane: the frame of the first mismatch, and what was shown."""
    simulator: str

    def of(self, lane: int) -> tuple[int, str] | None:
        """The first mismatch of a lane."""
        return self.mismatches.get(str(lane))


def believed(evidence: Evidence, plan: Plan, lanes: int) -> Evidence:
    """`evidence`, if it is evidence for a part whose last two lanes are golden and complement.

    Raises:
        GoldenError: The golden fails.
        HarnessError: It is not of this run, or not all that the run must give.
    """
    if evidence.lanes != lanes or not all(_is_lane(k, lanes) for k in evidence.mismatches):
        raise HarnessError("the result is not of this run's lanes")
    if evidence.compared != len(plan.frames):
        raise HarnessError(
            f"the simulation compared {evidence.compared} frames, not {len(plan.frames)}"
        )
    if (at := evidence.of(lanes - 2)) is not None:
        raise GoldenError(f"the golden fails in frame {at[0]}, showing {at[1]}")
    _check_complement(evidence, plan, lanes - 1)
    return evidence


def unsealed(handed: bytes, key: bytes, parts: int) -> list[Evidence]:
    """What `handed` says of each part, nothing of it believed yet.

    Raises:
        HarnessError: It is not whole, or not of this run.
    """
    told, body = handed[:SEAL_LENGTH], handed[SEAL_LENGTH:]
    if not secrets.compare_digest(told, seal(key, body)):
        raise HarnessError("the simulator's result is not whole, or not of this run")
    try:
        found = msgspec.json.decode(body, type=list[Evidence])
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise HarnessError(f"the simulator's result cannot be read: {e}") from e
    if len(found) != parts:
        raise HarnessError(f"the simulator's result cannot be read: {len(found)} of {parts} parts")
    return found


def _is_lane(name: str, lanes: int) -> bool:
    return name.isdecimal() and int(name) < lanes


def _check_complement(evidence: Evidence, plan: Plan, complement: int) -> None:
    """A comparison that works finds the complement wrong in exactly the frames that count."""
    at, rows = evidence.of(complement), plan.rows
    if at is None or not rows.counting:
        raise HarnessError("the stimulus cannot tell the golden from its complement")
    if at[0] != rows.first or evidence.caught != rows.counting:
        raise HarnessError(
            f"the golden's complement was caught in {evidence.caught} frames from frame {at[0]} "
            f"on, not in {rows.counting} from {rows.first} on"
        )
