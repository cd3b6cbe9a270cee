"""The arms of the threshold experiment: which training data each has."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from training.experiments.draw import records_of

DATA = "data.jsonl"
GOLD = (100, 250, 500, 1000)
MAIN = ("v1", "v2", "v3")


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """One set of training data."""

    name: str
    title: str
    data: str
    """The stage that makes its data.jsonl."""
    threshold: float | None = None
    """The least score that the filter asked for."""


ARMS = {
    arm.name: arm
    for arm in (
        Arm(name="v1", title="V1: unfiltered", data="raw"),
        Arm(name="v2", title="V2: at least 0.7", data="keep_0.7", threshold=0.7),
        Arm(name="v3", title="V3: at least 0.95, and hand-written ones", data="strict_0.95",
            threshold=0.95),
        Arm(name="v3_plain", title="V3 without the hand-written ones", data="keep_0.95",
            threshold=0.95),
        Arm(name="v3_proven", title="V3, proven alone", data="proven_0.95", threshold=0.95),
        Arm(name="v3_0.98", title="as V3, at least 0.98", data="strict_0.98", threshold=0.98),
        Arm(name="v3_1.0", title="as V3, 1.0", data="strict_1.0", threshold=1.0),
        Arm(name="v3_as_v2", title="at least 0.95, as many as V2", data="as_v2", threshold=0.95),
        Arm(name="v2_as_v3", title="at least 0.7, as many as V3", data="as_v3", threshold=0.7),
        *(Arm(name=f"gold_{n}", title=f"{n} right ones", data=f"gold_{n}", threshold=0.95)
          for n in GOLD),
    )
}  # fmt: skip


def chosen_arms(words: str) -> list[Arm]:
    """The arms that `words` name: `main`, `all`, or names with commas.

    Raises:
        UserError: There is no such arm.
    """
    named: list[str] = []
    for word in words.split(","):
        named += {"main": list(MAIN), "all": list(ARMS)}.get(word, [word])
    if unknown := [n for n in named if n not in ARMS]:
        raise UserError(f"--arms {unknown[0]}: there are main, all, {', '.join(ARMS)}")
    return [ARMS[name] for name in dict.fromkeys(named)]


def distinct(arms: Sequence[Arm], work: Path) -> tuple[list[Arm], dict[str, str]]:
    """Those arms that no arm before them has the same examples as, and for the others which one.

    The same examples in the same order, a base and a seed make the same model: it is trained once.

    Args:
        work: The folder in which the stages of their data are finished.
    """
    first: dict[str, Arm] = {}
    same: dict[str, str] = {}
    for arm in arms:
        earlier = first.setdefault(_examples(work / arm.data / DATA), arm)
        if earlier is not arm:
            same[arm.name] = earlier.name
    return list(first.values()), same


def _examples(path: Path) -> str:
    """A hash of what a model learns from in a file."""
    hashed = hashlib.sha256()
    for record in records_of(path):
        hashed.update(msgspec.json.encode((record.instruction, record.output)) + b"\n")
    return hashed.hexdigest()
