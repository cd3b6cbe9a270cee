"""The tasks themselves on trial: `pytest benchmarks/test_specs.py -n 2`, one case a task.

The golden passes every Check and agrees with its model, do-nothing answers fail, and every mutant
of the golden that behaves differently is killed.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from rtlbench.mutation.validate import ValidationOptions, validate_member
from rtlbench.records.spec import Spec
from rtlbench.runs.options import option
from rtlbench.runs.suite import read_suite


@pytest.mark.slow
def test_member(
    member: Spec, pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> None:
    """Nothing is wrong with the task."""
    options = ValidationOptions(
        mutants=pytestconfig.getoption("--mutants"),
        prove_killed=pytestconfig.getoption("--prove-killed"),
    )
    found = validate_member(member, options, read_suite(option(pytestconfig, "--suite")))
    record_property("mutants", msgspec.json.encode(found.counts).decode())
    if found.faults:
        pytest.fail("\n".join(found.faults), pytrace=False)
