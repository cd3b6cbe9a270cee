"""Asking the Checks: each of all candidates together, and of each alone where that breaks."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from rtlbench.checks import CHECKS, SHARED, Groups
from rtlbench.checks.base import Check, Context, Work
from rtlbench.errors import HarnessError, UserError
from rtlbench.io.untrusted import one_line, printable
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import CheckResult, Outcome


@dataclass(frozen=True)
class Group:
    """Candidates that have all in common which a Check may ask about."""

    spec: Spec | None
    works: list[Work]
    context: Context | None
    """None where the harness broke over it, and nothing is asked."""
    asked: list[str]
    """Names of the Checks."""


def ask_all(groups: Sequence[Group]) -> None:
    """Ask every Check of every group, and keep what it says in the works."""
    for name, check in CHECKS.items():
        asked = [
            (g.context, works)
            for g in groups
            if g.context is not None and name in g.asked
            and (works := [w for w in g.works if _is_open(w, check)])
        ]
        if len(asked) > 1:
            _share(name, asked)
        for context, works in asked:
            _ask(check, works, context)


def _share(name: str, groups: Groups) -> None:
    """Make at once what the Check needs of its tool; where that breaks, it makes it again."""
    try:
        if name in SHARED:
            SHARED[name](groups)
    except UserError:
        raise
    except Exception:  # noqa: BLE001 - whose fault it is shows when the Check asks each alone
        return


def _is_open(work: Work, check: Check) -> bool:
    return all(work.passed(n) for n in check.needs)


def _ask(check: Check, works: Sequence[Work], context: Context) -> None:
    """Ask `check` of all `works`; where the harness breaks, of each alone."""
    try:
        results = check.run(works, context)
    except UserError:
        raise
    except Exception as e:  # noqa: BLE001 - any bug of ours is an error, never a fail
        if len(works) > 1:
            for work in works:
                _ask(check, [work], context)
            return
        results = [error_of(check.name, e)]
    for work, result in zip(works, results, strict=True):
        work.results[check.name] = _tamed(result)


def _tamed(result: CheckResult) -> CheckResult:
    """`result` with what it quotes of a candidate fit to be shown anywhere."""
    findings = tuple(
        msgspec.structs.replace(f, message=one_line(f.message)) for f in result.findings
    )
    detail = {k: printable(v) if isinstance(v, str) else v for k, v in result.detail.items()}
    return msgspec.structs.replace(result, findings=findings, detail=detail)


def error_of(name: str, error: Exception) -> CheckResult:
    told = str(error) if isinstance(error, HarnessError) else "".join(
        traceback.format_exception(error)
    )
    detail: dict[str, str | int | float | bool | None] = {"reason": told[-2000:]}
    return CheckResult(name=name, outcome=Outcome.ERROR, value=0.0, detail=detail)
