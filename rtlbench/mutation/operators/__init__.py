"""The ways of being wrong: a file a group, one registry."""

from __future__ import annotations

from rtlbench.mutation.mutant import Operator
from rtlbench.mutation.operators import (
    arithmetic,
    assignment,
    clocking,
    control,
    limits,
    output,
    ports,
    reset,
    shape,
    state,
)

_GROUPS = (
    control, reset, limits, assignment, shape, ports, clocking, output, state, arithmetic,
)  # fmt: skip
OPERATORS: dict[str, Operator] = {
    operator.name: operator for group in _GROUPS for operator in group.OPERATORS
}
"""Every operator by its stable name."""
