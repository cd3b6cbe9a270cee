"""The ways of being wrong: a file a group, one registry."""

from __future__ import annotations

from rtlbench.mutation.design import Operator
from rtlbench.mutation.operators import interface, numbers, statements

_IN_TURN = (
    Operator("enable-dropped", statements.enable_dropped),
    Operator("enable-inverted", statements.enable_inverted),
    Operator("branches-swapped", statements.branches_swapped),
    Operator("priority-swapped", statements.priority_swapped),
    Operator("else-missing", statements.else_missing),
    Operator("default-missing", statements.default_missing),
    Operator("case-missing", statements.case_missing),
    Operator("reset-kind", interface.reset_kind),
    Operator("reset-polarity", interface.reset_polarity),
    Operator("reset-value", interface.reset_value),
    Operator("reset-forgotten", interface.reset_forgotten),
    Operator("off-by-one-limit", numbers.off_by_one_limit),
    Operator("off-by-one-index", numbers.off_by_one_index),
    Operator("wrap-missing", numbers.wrap_missing),
    Operator("wrap-wrong", numbers.wrap_wrong),
    Operator("step-wrong", numbers.step_wrong),
    Operator("blocking", statements.blocking),
    Operator("assignment-missing", statements.assignment_missing),
    Operator("value-kept", statements.wrong_source),
    Operator("width-wrong", numbers.width_wrong),
    Operator("bits-reordered", numbers.bits_reordered),
    Operator("shift-reversed", numbers.shift_reversed),
    Operator("port-stuck", interface.port_stuck),
    Operator("ports-swapped", interface.ports_swapped),
    Operator("edge-wrong", interface.edge_wrong),
    Operator("output-late", interface.output_late),
    Operator("output-early", interface.output_early),
    Operator("transition-changed", statements.transition_changed),
    Operator("operator-changed", numbers.operator_changed),
    Operator("negation-missing", numbers.negation_missing),
)
OPERATORS: dict[str, Operator] = {operator.name: operator for operator in _IN_TURN}
"""Every operator by its stable name, in the order in which they take turns."""
