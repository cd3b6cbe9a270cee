"""Thirty nights as an operator has them, and what is left of them, counted from the files."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nightly.endpoints import Webhook, webhook
from tests.nightly.machine import Machine
from tests.nightly.recount import Recount
from tests.nightly.test_job import may_mount

SEED = int(os.environ.get("MONTH_SEED", "26"))
KILLS = 10
REAL = (1, 13, 25)
QUIET = (3, 4, 17, 22, 23, 28, 29)
REFUSED = (6, 19, 24)
DEAD = range(8, 13)
FULL = {7: 12_000, 20: 100_000}
"""Nights on which the disk is full, and how many bytes are left: in collecting, and later."""
WRONG_POLICY, SET_BACK, EXCLUDED, ROLLED_BACK = 14, 16, 18, 21


def day(number: int) -> str:
    return f"2026-03-{number:02d}"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[tuple[Machine, Webhook]]:
    with webhook() as (port, told):
        made = Machine(tmp_path, SEED, f"json://127.0.0.1:{port}/")
        yield made, told
        made.disk.close()


@pytest.mark.slow
@pytest.mark.skipif(not may_mount(), reason="mounting in a user namespace is not permitted here")
def test_thirty_nights_lose_nothing_and_say_what_is_true(
    machine: tuple[Machine, Webhook],
) -> None:
    at, told = machine
    plain = [n for n in range(2, 31) if n not in (*REAL, *QUIET, *FULL, *DEAD, WRONG_POLICY)]
    chosen = {*random.Random(SEED).sample(plain, 6), *plain[-2:]}
    for number in range(1, 31):
        night(at, number, kills=number in chosen)
    at.keep([t["title"] for t in told.taken])
    assert at.kills == KILLS
    Recount(at, [t["title"] for t in told.taken], [day(n) for n in QUIET]).all()


def night(at: Machine, number: int, *, kills: bool) -> None:
    """One night, with what befalls it."""
    date = day(number)
    if number not in QUIET:
        at.news(date, 2 if number in REAL else 1, poison=number % 7 == 5)
    quality = None if number in REAL else 2 if number in REFUSED else 5 + number // 5
    expected = 0 if number in QUIET or quality != 2 else 1
    if number in DEAD:
        with at.dead():
            code, said = at.job(date, quality=quality)
        assert code == 3, said
        return
    if number in FULL:
        with at.disk.full(FULL[number]):
            code, said = at.job(date, quality=quality)
        assert code == 2, said
        assert "No space left on device" in said or "disk" in said, said
    if number == WRONG_POLICY:
        code, said = at.job(date, "--policy", "nowhere.toml", quality=quality)
        assert code == 2, said
        return
    if number == SET_BACK:
        code, said = at.job("2026-02-20", quality=quality)
        assert code == 2, said
        assert "is the machine's clock right?" in said
    for how in ("step", "time") if kills else ():
        if at.kills < KILLS:
            at.job(date, quality=quality, kill=how)
    code, said = at.job(date, quality=quality)
    assert code == expected, f"{date}: {said}"
    if number == EXCLUDED:
        at.decide("exclude", date, "--why", "a broken simulator")
    if number == ROLLED_BACK:
        at.decide("rollback", "--why", "loops on fifos")
