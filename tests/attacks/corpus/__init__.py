"""The attacks by the text of an answer, a file a family."""

from __future__ import annotations

from importlib import import_module

from tests.attacks.attack import Attack

FAMILIES = (
    "output finish peeking forcing two_faces files commands leaking elaboration exhaustion "
    "parsing clashes directives time_bombs unknowns lanes injection races simulators"
).split()


def attacks() -> list[Attack]:
    """All of them, in order."""
    modules = (import_module(f"tests.attacks.corpus.{name}") for name in FAMILIES)
    return [attack for module in modules for attack in module.FAMILY.attacks]
