"""The Checks, in the order in which they are asked: cheapest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtlbench.checks import formal, intent, lint, ports, safety, simulation, syntax, synthesis
from rtlbench.checks.base import Check, Work
from rtlbench.checks.lint import ensure_linted
from rtlbench.checks.units import ensure_netlists

CHECKS: dict[str, Check] = {
    module.CHECK.name: module.CHECK
    for module in (syntax, safety, ports, lint, synthesis, intent, simulation, formal)
}
"""The one ordered registry of Checks."""

SHARED: dict[str, Callable[[Sequence[Work]], None]] = {
    "ports": ensure_netlists,
    "lint": ensure_linted,
}
"""What one call of a tool makes for candidates of several Specs at once, by the first Check that
uses it. A Check makes by itself what it does not find."""
