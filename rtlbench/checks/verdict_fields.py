"""What a candidate's results say, in the words of a Verdict."""

from __future__ import annotations

import msgspec

from rtlbench.checks.base import SELF_TESTED
from rtlbench.records.verdict import CheckResult, FormalVerdict, Outcome


def formal(results: dict[str, CheckResult]) -> FormalVerdict | None:
    """What the formal Check found, as long as it is sure of it."""
    result = results.get("formal")
    told = result.detail.get("verdict") if result is not None else None
    known = result is not None and result.outcome is not Outcome.ERROR
    return msgspec.convert(told, FormalVerdict | None) if known else None


def formal_depth(results: dict[str, CheckResult]) -> int | None:
    """Steps from reset that its proof went, where it is a bounded one."""
    depth = results["formal"].detail.get("depth") if "formal" in results else None
    return depth if isinstance(depth, int) else None


def functional(results: dict[str, CheckResult]) -> bool | None:
    """As `flag`, but None for a pass by a bench that came with the answer: it proves nothing."""
    simulation = results.get("simulation")
    if simulation is not None and simulation.detail.get(SELF_TESTED):
        return None
    return flag(results, "simulation")


def flag(results: dict[str, CheckResult], name: str) -> bool | None:
    """True for a pass, None where the harness could not tell, else False."""
    result = results.get(name)
    if result is None:
        return None if any(r.outcome is Outcome.ERROR for r in results.values()) else False
    return None if result.outcome is Outcome.ERROR else result.outcome is Outcome.PASS
