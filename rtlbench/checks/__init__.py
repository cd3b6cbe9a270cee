"""The Checks, in the order in which they are asked: cheapest first."""

from __future__ import annotations

from rtlbench.checks import formal, intent, lint, ports, safety, simulation, syntax, synthesis
from rtlbench.checks.base import Check

CHECKS: dict[str, Check] = {
    module.CHECK.name: module.CHECK
    for module in (syntax, safety, ports, lint, synthesis, intent, simulation, formal)
}
"""The one ordered registry of Checks."""
