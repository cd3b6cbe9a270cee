"""Targets that break in every way in which a target can."""

from __future__ import annotations

import os
import signal

import msgspec

from fuzz.choices import Choices
from fuzz.target import Target


class Number(msgspec.Struct, frozen=True):
    """Any number."""

    value: int


def _make(c: Choices) -> Number:
    return Number(c.integer(0, 255))


def _holds(case: Number) -> bool:
    return case.value % 2 == 0


def _raises(case: Number) -> bool:
    assert case.value < 100, "a hundred is too much"
    return True


def _is_killed(case: Number) -> bool:
    """As a process that runs over its stack or out of memory: nothing in it can handle that."""
    if case.value >= 100:
        os.kill(os.getpid(), signal.SIGKILL)
    return True


def _hangs(case: Number) -> bool:
    while case.value >= 100:
        pass
    return True


TARGETS = {
    "holds": Target(case=Number, make=_make, check=_holds, share=50),
    "raises": Target(case=Number, make=_make, check=_raises, share=50),
    "killed": Target(case=Number, make=_make, check=_is_killed, share=50),
    "hangs": Target(case=Number, make=_make, check=_hangs, share=50, timeout=1),
}
