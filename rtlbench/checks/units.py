"""Candidates' texts as the tools get them: module names apart, lines kept."""

from __future__ import annotations

from collections.abc import Sequence

from rtlbench.checks.base import Work
from rtlbench.errors import HarnessError
from rtlbench.source import prepare
from rtlbench.spec import Spec
from rtlbench.tools.slang import elaborate
from rtlbench.tools.syntax_scan import blank_delays, rename, scan
from rtlbench.tools.yosys import Unit, netlists


def renamed(work: Work, prefix: str) -> Unit:
    """The candidate with every module renamed to `prefix` and a number."""
    assert work.scan is not None
    assert work.top is not None
    text, names = rename(work.text, work.scan, prefix)
    return Unit(text, names[work.top])




def renamed_golden(spec: Spec, prefix: str) -> Unit:
    """The Spec's golden, renamed.

    Raises:
        HarnessError: The golden is not a module that the harness itself would accept.
    """
    source = prepare(spec.golden)
    view = elaborate(source.text, spec.top)
    errors = [view.engine.formatMessage(d) for d in view.errors]
    if source.refusals or errors or view.top is None:
        raise HarnessError(f"{spec.id}: the golden does not elaborate: {errors[:1]}")
    found = scan(view.tree)
    text, names = rename(blank_delays(source.text, found), found, prefix)
    return Unit(text, names[spec.top])


def ensure_netlists(works: Sequence[Work]) -> None:
    """Give every one of `works` its netlist, in one pass of Yosys."""
    missing = [w for w in works if w.netlist is None]
    shared = [w for w in missing if w.scan is not None and not w.scan.other_members]
    units = [renamed(w, f"unit{k}_") for k, w in enumerate(shared)]
    for work, netlist in zip(shared, netlists(units), strict=True):
        work.netlist = netlist
    for work in missing:
        if work.netlist is None:
            work.netlist = netlists([renamed(work, "unit0_")])[0]
