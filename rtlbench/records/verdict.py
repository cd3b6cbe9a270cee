"""What the harness says of a Candidate: Outcome, Finding, CheckResult, Verdict."""

from __future__ import annotations

import enum
from typing import Literal, TypeAlias

import msgspec

SCHEMA_VERSION = 1

Detail: TypeAlias = dict[str, str | int | float | bool | None]
FormalVerdict: TypeAlias = Literal["proved", "bounded", "different"]
SuiteWord: TypeAlias = Literal["pass", "fail", "compile", "timeout"]


class Outcome(enum.StrEnum):
    """How a Check or a whole Verdict ended.

    Only `PASS`, `FAIL` and `TIMEOUT` speak of the candidate. `ERROR` says that the harness
    could not tell; it counts neither as a fail nor as a pass.
    """

    PASS = "pass"
    FAIL = "fail"
    TIMEOUT = "timeout"
    ERROR = "error"


class Severity(enum.StrEnum):
    """How much a Finding weighs: errors fail a Check, warnings lower its value."""

    ERROR = "error"
    WARNING = "warning"


class Finding(msgspec.Struct, frozen=True):
    """One thing a Check has to say, placed in the candidate's text."""

    rule: str
    """`check.what`, e.g. `ports.unused-input`; stable, for counting."""
    severity: Severity
    message: str
    line: int | None = None
    """1-based line of the extracted RTL."""
    column: int | None = None
    """1-based."""


class TraceRow(msgspec.Struct, frozen=True):
    """Inputs applied and outputs expected in one frame of a simulation."""

    cycle: int
    inputs: dict[str, int]
    expected: dict[str, str]
    """Outputs by port, as binary digits; `-` where anything is right."""
    got: dict[str, str] | None = None
    """What was shown, for the frame of the mismatch; x and z as they were."""


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of one Check.

    `value` in [0, 1] is what the score uses: 1 clean, 0 failed, between for warnings.
    """

    name: str
    outcome: Outcome
    value: float
    findings: tuple[Finding, ...] = ()
    detail: Detail = {}
    """Facts worth keeping: cell counts, comparisons made, the simulator's name."""
    decided: bool = True
    """False where the Check can say nothing of this candidate, and says why in `detail`: it then
    counts neither in the score nor in the outcome."""
    trace: tuple[TraceRow, ...] = ()
    """The rows that lead to the first mismatch, the mismatch last."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """All that is said of one Candidate."""

    spec_id: str | None
    sample: int
    model: str
    outcome: Outcome
    score: float
    """In [0, 1]; 0.0 with outcome `error`, which speaks of the harness and is not averaged."""
    syntax_valid: bool
    synthesizes: bool | None
    """None where an earlier Check kept the tools from opening it, or the harness failed."""
    all_io_used: bool | None
    functional: bool | None
    """None where nothing could judge function."""
    formal: FormalVerdict | None = None
    formal_depth: int | None = None
    """Clock cycles, where `formal` is `bounded`."""
    suite_rule: SuiteWord | None = None
    """What the suite's own rule says; None where it was not asked, or not run."""
    suite_told: str = ""
    """The line by which it says so."""
    checks: dict[str, CheckResult]
    findings: tuple[Finding, ...]
    """All Checks' findings, in order."""
    category: str | None = None
    suite: str | None = None
    candidate_hash: str = ""
    """SHA-256 of the candidate's text as given."""
    key: str = ""
    """What a resumed run goes by: candidate, sample, Spec and configuration, hashed."""
    extraction: str = ""
    """How the RTL was found in the answer."""
    truncated: bool = False
    """True where the limit on tokens cut the answer off, as whoever generated it says."""
    isolation: str = ""
    weights: dict[str, float] = {}
    """The weight of each Check that went into the score."""
    schema_version: int = SCHEMA_VERSION

    @property
    def is_for_good(self) -> bool:
        """Whether asking again would say the same: no Check ended because a tool broke."""
        broken = any(c.outcome is Outcome.ERROR and c.decided for c in self.checks.values())
        return self.outcome is not Outcome.ERROR and not broken
