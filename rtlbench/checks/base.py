"""What a Check is, and the working record that Checks share."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from rtlbench.errors import HarnessError, UserError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Detail, Finding, Outcome, Severity
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.extraction import Extraction
from rtlbench.rtl.netlist import Netlist, NetlistFailure
from rtlbench.rtl.preprocessing import Source
from rtlbench.rtl.renaming import renamed
from rtlbench.rtl.scan import Scan
from rtlbench.rtl.slang import Elaboration
from rtlbench.rtl.yosys import netlists
from rtlbench.simulation.simulators import Simulator

if TYPE_CHECKING:
    from rtlbench.checks.suite_rule import SuiteVerdict


@dataclass(frozen=True)
class Context:
    """What candidates that answer one Spec have in common."""

    spec: Spec | None
    worded: bool
    """Whether the candidates answer words: all do, or none."""
    simulator: Simulator | None
    """None where nothing is to be simulated."""
    golden: Netlist | None
    """The netlist of the Spec's golden, the measure for ports and synthesis."""
    seed: int = 0
    formal: bool = False
    """Whether to compare with the golden formally."""
    formal_seconds: int = 10
    """CPU seconds for one comparison."""
    broken: bool = False
    """True where the harness broke over the Spec: then nothing is asked."""


@dataclass(frozen=True)
class Cleared:
    """What tools may see of a candidate that has passed the safety Check."""

    text: str
    scan: Scan
    """Of exactly that text."""


@dataclass
class Work:
    """One candidate on its way through the Checks; lives inside one call of the Verifier."""

    candidate: Candidate
    extraction: Extraction
    source: Source
    context: Context
    words: str = ""
    """The instruction that it answers; empty where there is none."""
    elaboration: Elaboration | None = None
    cleared: Cleared | None = None
    netlist: Netlist | NetlistFailure | None = None
    by_netlist: bool = False
    """Whether the netlist is simulated for the text, which the simulator does not compile."""
    results: dict[str, CheckResult] = field(default_factory=dict)
    suite: SuiteVerdict | None = None
    """What the suite's own rule says, where it was asked."""

    @property
    def top(self) -> str | None:
        """The top module's name; where no Spec gives it, the syntax Check finds it."""
        if self.elaboration is not None and self.elaboration.top is not None:
            return str(self.elaboration.top.name)
        return self.context.spec.top if self.context.spec is not None else None

    def passed(self, name: str) -> bool:
        """True when the Check `name` ran and did not fail."""
        result = self.results.get(name)
        return result is not None and result.outcome is Outcome.PASS

    def unit(self, prefix: str) -> Unit:
        """What tools may see, with every module renamed to `prefix` and a number."""
        assert self.cleared is not None
        assert self.top is not None
        return renamed(self.cleared.text, self.cleared.scan, self.top, prefix)


class Check(Protocol):
    """One question asked of candidates, in batches."""

    name: str
    needs: tuple[str, ...]
    """Checks that must have passed before this one looks."""

    def applies(self, context: Context) -> bool:  # noqa: ARG002 - for those that override it
        """Whether there is anything to ask at all; there is, where a Check does not say."""
        return True

    def run(self, works: Sequence[Work]) -> list[CheckResult]:
        """The answer for each of `works`, of whatever Specs, in order.

        Raises:
            HarnessError: Nothing can be said of any of them.
        """
        ...


def ensure_netlists(works: Sequence[Work]) -> None:
    """Give every one of `works` its netlist, in one pass of Yosys."""
    missing = [w for w in works if w.netlist is None]
    units = [w.unit(f"unit{k}_") for k, w in enumerate(missing)]
    for work, netlist in zip(missing, netlists(units), strict=True):
        work.netlist = netlist


def one_by_one(
    name: str, works: Sequence[Work], judge: Callable[[Work], CheckResult]
) -> list[CheckResult]:
    """The result of each of `works`, judged alone: where that breaks, an error of that one."""
    results = []
    for work in works:
        try:
            results.append(judge(work))
        except UserError:
            raise
        except Exception as e:  # noqa: BLE001 - any bug of ours is an error, never a fail
            results.append(error_of(name, e))
    return results


def error_of(name: str, error: Exception) -> CheckResult:
    """What is said of a candidate over which the harness broke."""
    told = str(error) if isinstance(error, HarnessError) else "".join(
        traceback.format_exception(error)
    )
    return CheckResult(
        name=name, outcome=Outcome.ERROR, value=0.0, detail={"reason": told[-2000:]}
    )


WARNING_COST = 0.25
"""What one warning takes from a Check's value."""


def conclude(
    name: str,
    findings: Sequence[Finding],
    *,
    failed_value: float = 0.0,
    floor: float = 0.5,
    detail: Detail | None = None,
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
