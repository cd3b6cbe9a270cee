"""The Checks, in the order in which they are asked: cheapest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtlbench.checks import formal, intent, lint, ports, safety, simulation, syntax, synthesis
from rtlbench.checks.base import Check, Context, Work
from rtlbench.checks.lint import ensure_linted
from rtlbench.checks.together import play_together
from rtlbench.rtl.renaming import ensure_netlists

CHECKS: dict[str, Check] = {
    module.CHECK.name: module.CHECK
    for module in (syntax, safety, ports, lint, synthesis, intent, simulation, formal)
}
"""The one ordered registry of Checks."""

Groups = Sequence[tuple[Context, Sequence[Work]]]
"""Candidates by what those of one Spec have in common."""


def _of_all(ensure: Callable[[Sequence[Work]], None]) -> Callable[[Groups], None]:
    return lambda groups: ensure([w for _, works in groups for w in works])


SHARED: dict[str, Callable[[Groups], None]] = {
    "ports": _of_all(ensure_netlists),
    "lint": _of_all(ensure_linted),
    "simulation": play_together,
}
"""What one call of a tool makes for candidates of several Specs at once, by the first Check that
uses it. A Check makes by itself what it does not find."""
