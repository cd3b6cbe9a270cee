"""The ways of being wrong: a file a group, one registry."""

from __future__ import annotations

from rtlbench.mutation.design import Operator
from rtlbench.mutation.operators import assignment, control, numbers, ports, reset

_IN_TURN = (
    Operator("enable-dropped", control.enable_dropped),
    Operator("enable-inverted", control.enable_inverted),
    Operator("branches-swapped", control.branches_swapped),
    Operator("priority-swapped", control.priority_swapped),
    Operator("else-missing", control.else_missing),
    Operator("default-missing", control.default_missing),
    Operator("case-missing", control.case_missing),
    Operator("reset-kind", reset.reset_kind),
    Operator("reset-polarity", reset.reset_polarity),
    Operator("reset-value", reset.reset_value),
    Operator("reset-forgotten", reset.reset_forgotten),
    Operator("off-by-one-limit", numbers.off_by_one_limit),
    Operator("off-by-one-index", numbers.off_by_one_index),
    Operator("wrap-missing", numbers.wrap_missing),
    Operator("wrap-wrong", numbers.wrap_wrong),
    Operator("step-wrong", numbers.step_wrong),
    Operator("blocking", assignment.blocking),
    Operator("assignment-missing", assignment.assignment_missing),
    Operator("value-kept", assignment.wrong_source),
    Operator("width-wrong", numbers.width_wrong),
    Operator("bits-reordered", numbers.bits_reordered),
    Operator("shift-reversed", numbers.shift_reversed),
    Operator("port-stuck", ports.port_stuck),
    Operator("ports-swapped", ports.ports_swapped),
    Operator("edge-wrong", reset.edge_wrong),
    Operator("output-late", ports.output_late),
    Operator("output-early", ports.output_early),
    Operator("transition-changed", assignment.transition_changed),
    Operator("operator-changed", numbers.operator_changed),
    Operator("negation-missing", numbers.negation_missing),
)
OPERATORS: dict[str, Operator] = {operator.name: operator for operator in _IN_TURN}
"""Every operator by its stable name, in the order in which they take turns."""
