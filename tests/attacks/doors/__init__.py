"""The attacks that come in by the front doors: files and folders given to commands."""

from __future__ import annotations

from importlib import import_module

from tests.attacks.doors.door import Door

DOORS = "lines files results caches names records".split()


def doors() -> list[Door]:
    """All of them, in order."""
    return [import_module(f"tests.attacks.doors.{name}").DOOR for name in DOORS]
