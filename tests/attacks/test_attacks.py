"""Attacks, by family, under default isolation: the quick families each time, one of the others a
day. `make attacks` lets loose all of them, under strict isolation too."""

from __future__ import annotations

import datetime

import pytest

from tests.attacks.corpus import attacks
from tests.attacks.doors import doors
from tests.attacks.run import families, run_all

QUICK = ("early finish", "forged output", "leaking through messages", "caches")
"""Seconds together; each by another way than the rest."""


def family_of_the_day() -> str:
    """One of the others, in turn."""
    others = [f for f in families() if f not in QUICK]
    return others[datetime.datetime.now(datetime.UTC).date().toordinal() % len(others)]


def test_names_are_apart() -> None:
    names = [(a.family, a.name) for a in attacks()]
    names += [(d.name, a.name) for d in doors() for a in d.attempts]
    assert len(set(names)) == len(names) >= 400


@pytest.mark.slow
@pytest.mark.parametrize("family", [*QUICK, ""], ids=[*QUICK, "family of the day"])
def test_no_attack_gets_anywhere(family: str) -> None:
    rows = run_all("default", [family or family_of_the_day()])
    assert [w for row in rows for w in row.wrongs()] == []
