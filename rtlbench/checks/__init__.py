"""The Checks, in the order in which they are asked, cheapest first: each of all candidates
together, and of fewer where that breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

import msgspec

from rtlbench.checks import formal, intent, lint, ports, safety, simulation, syntax, synthesis
from rtlbench.checks.base import Check, Work, error_of
from rtlbench.errors import UserError
from rtlbench.extensions import CHECKS_VARIABLE, found, load
from rtlbench.io.untrusted import one_line, printable
from rtlbench.records.verdict import CheckResult
from rtlbench.rtl.batches import BrokenBatch, in_batches

CHECKS: dict[str, Check] = {
    module.CHECK.name: module.CHECK
    for module in (syntax, safety, ports, lint, synthesis, intent, simulation, formal)
}
"""The one ordered registry of Checks."""


@lru_cache(maxsize=8)
def checks_with(further: tuple[str, ...] = ()) -> dict[str, Check]:
    """Our Checks and after them those of other packages that are named.

    Raises:
        UserError: There is none of that name, or it is no Check.
    """
    return CHECKS | {name: _further(name) for name in further}


def _further(name: str) -> Check:
    there = found("checks")
    if name in CHECKS or name not in there:
        known = ", ".join(there) or "none: no package here has one"
        raise UserError(f"{CHECKS_VARIABLE}: no further Check {name!r}; there are {known}")
    made = load("checks", name)
    check: Check = made() if isinstance(made, type) else made
    if check.name != name or not callable(getattr(check, "run", None)):
        raise UserError(f"{CHECKS_VARIABLE}: {name!r} is no Check of that name (docs/extending.md)")
    return check


def ask_all(works: Sequence[Work], checks: Mapping[str, Check] = CHECKS) -> None:
    """Ask every Check that applies of all `works`, of whatever Specs; they keep what it says."""
    for check in checks.values():
        asked = [w for w in works if _is_open(w, check)]
        results = in_batches(asked, partial(_ask, check), partial(_broken_over, check))
        for work, result in zip(asked, results, strict=True):
            work.results[check.name] = _tamed(result)


def _is_open(work: Work, check: Check) -> bool:
    ready = not work.context.broken and all(work.passed(n) for n in check.needs)
    return ready and check.applies(work.context)


def _ask(check: Check, works: Sequence[Work]) -> list[CheckResult] | BrokenBatch[Exception]:
    try:
        return check.run(works)
    except UserError:
        raise
    except Exception as e:  # noqa: BLE001 - any bug of ours is an error, never a fail
        return BrokenBatch(e)


def _broken_over(check: Check, _: Work, error: Exception) -> CheckResult:
    return error_of(check.name, error)


def _tamed(result: CheckResult) -> CheckResult:
    """`result` with what it quotes of a candidate fit to be shown anywhere."""
    findings = tuple(
        msgspec.structs.replace(f, message=one_line(f.message)) for f in result.findings
    )
    detail = {k: printable(v) if isinstance(v, str) else v for k, v in result.detail.items()}
    return msgspec.structs.replace(result, findings=findings, detail=detail)
