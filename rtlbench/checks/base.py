"""What a Check is, and the working record that Checks share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity
from rtlbench.rtl.extraction import Extraction
from rtlbench.rtl.netlist import Netlist, NetlistFailure
from rtlbench.rtl.preprocessing import Source
from rtlbench.rtl.scan import Scan
from rtlbench.rtl.slang import Elaboration
from rtlbench.rtl.verilator import LintMessage
from rtlbench.simulation.lanes import Job, LaneResult
from rtlbench.simulation.simulators import Simulator

SELF_TESTED = "self_tested"
"""True in the detail of a simulation that passed by a bench which came with the answer itself."""


@dataclass(frozen=True)
class Played:
    """What a candidate did in simulations that it shared with candidates of other Specs."""

    job: Job
    result: LaneResult
    has_starts: bool = False
    """Whether it was simulated from other starts too, as far as it has any."""
    starts: OtherStarts | None = None
    """What came of that; None where it has none."""


class OtherStarts(msgspec.Struct, frozen=True, kw_only=True):
    """What came of starting one answer otherwise (rtlbench.checks.other_starts)."""

    told: str
    """The variables that were started, for people; with their values where a lane went wrong."""
    lane: LaneResult | None
    """The first lane that was not right, or the last; None where the golden fails likewise."""


@dataclass
class Work:
    """One candidate on its way through the Checks; lives inside one call of the Verifier."""

    candidate: Candidate
    extraction: Extraction
    source: Source
    top: str | None
    """The top module's name; where no Spec gives it, the syntax Check finds it."""
    elaboration: Elaboration | None = None
    scan: Scan | None = None
    words: str = ""
    """The instruction that it answers; empty where there is none."""
    text: str = ""
    """What tools may see, set once the safety Check has passed."""
    netlist: Netlist | NetlistFailure | None = None
    messages: list[LintMessage] | None = None
    """Verilator's; None where it could not tell."""
    linted: bool = False
    """Whether Verilator was asked."""
    played: Played | None = None
    """None where the candidate is still to be simulated, beside others of its Spec or alone."""
    results: dict[str, CheckResult] = field(default_factory=dict)

    def passed(self, name: str) -> bool:
        """True when the Check `name` ran and did not fail."""
        result = self.results.get(name)
        return result is not None and result.outcome is Outcome.PASS


@dataclass(frozen=True)
class Context:
    """What a batch of candidates has in common."""

    spec: Spec | None
    worded: bool
    """Whether the candidates answer words: all of a batch do, or none."""
    simulator: Simulator | None
    """None where nothing is to be simulated."""
    golden: Netlist | None
    """The netlist of the Spec's golden, the measure for ports and synthesis."""
    seed: int = 0
    formal: bool = False
    """Whether to compare with the golden formally."""
    formal_seconds: int = 10
    """CPU seconds for one comparison."""


class Check(Protocol):
    """One question asked of candidates, in batches."""

    name: str
    needs: tuple[str, ...]
    """Checks that must have passed before this one looks."""

    def applies(self, context: Context) -> bool:
        """Whether there is anything to ask at all."""
        ...

    def run(self, works: Sequence[Work], context: Context) -> list[CheckResult]:
        """The answer for each of `works`, in order.

        Raises:
            HarnessError: Nothing can be said of any of them.
        """
        ...


WARNING_COST = 0.25
"""What one warning takes from a Check's value."""


def conclude(
    name: str,
    findings: Sequence[Finding],
    *,
    failed_value: float = 0.0,
    floor: float = 0.5,
    detail: dict[str, str | int | float | bool | None] | None = None,
) -> CheckResult:
    """The result that follows from findings: errors fail, warnings lower the value.

    Args:
        failed_value: What a failed Check keeps; never more than `floor`.
        floor: What any number of warnings leaves, so that mending an error never costs.
    """
    failed = any(f.severity is Severity.ERROR for f in findings)
    warnings = sum(f.severity is Severity.WARNING for f in findings)
    value = failed_value if failed else max(floor, 1.0 - WARNING_COST * warnings)
    outcome = Outcome.FAIL if failed else Outcome.PASS
    return CheckResult(
        name=name, outcome=outcome, value=value, findings=tuple(findings), detail=detail or {}
    )
