"""Gate: whether the night's model may be published, by the library's gate and a policy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.gate.policy import Policy, read_policy
from rtlbench.gate.rules import Change, GateReport, Requirement, judge_gate
from rtlbench.gate.runs import JudgedRun, read_run, refuse_differences
from rtlbench.gate.text import figure_name, gate_table
from rtlbench.io.atomic import write_record
from rtlbench.nightly.benchmark import CANDIDATE, LAST
from rtlbench.nightly.night import Ended, Night
from rtlbench.nightly.settings import project_file

TOLD = 3
"""Reasons that are told in the line of the stage."""


class NightGate(msgspec.Struct, frozen=True, kw_only=True):
    """gate.json of a night."""

    passed: bool
    reasons: tuple[str, ...]
    """Each rule that was not met."""
    reports: dict[str, GateReport]
    """By baseline."""


def gate(night: Night) -> Ended:
    """Judge the night's results, and write gate.json.

    Raises:
        UserError: That cannot be said: a run is not fit to be judged, or two cannot be compared.
    """
    results = night.state.result("benchmark").get("results")
    if not results:
        return Ended(message="no model tonight: nothing to let through")
    policy = _policy(night)
    candidate = _run(night, results[CANDIDATE], CANDIDATE)
    reports: dict[str, GateReport] = {}
    for name, folder in results.items():
        if name != CANDIDATE:
            before = _run(night, folder, name)
            refuse_differences(candidate, before, ())
            reports[name] = judge_gate(_beside(policy, name), candidate, before)
    reasons = tuple(dict.fromkeys(r for n, report in reports.items() for r in _missed(n, report)))
    passed = all(report.passed for report in reports.values()) and bool(reports)
    write_record(night.paths.gate, NightGate(passed=passed, reasons=reasons, reports=reports))
    message = "pass" if passed else f"fail: {_shortly(reasons)}"
    return Ended(message=message, result={"passed": passed, "reasons": list(reasons)})


def plan_gate(night: Night) -> list[str]:
    """What would be done."""
    policy = _policy(night)
    lines = [f"by {_policy_file(night)}:"]
    lines += [f"  {figure_name(f)}, all: at least {v:g}" for f, v in policy.require.items()]
    for category, rules in policy.category.items():
        lines += [f"  {figure_name(f)}, {category}: at least {v:g}" for f, v in rules.items()]
    for figure, least in policy.weakest_category.items():
        lines.append(f"  {figure_name(figure)}, weakest category: at least {least:g}")
    beside = ", ".join(map(figure_name, policy.baseline.figures))
    lines.append(f"  {beside}: of no category worse than either baseline's, beyond chance")
    for figure in policy.baseline.not_below:
        lines.append(f"  {figure_name(figure)}, all: not below the last nightly's")
    return lines


def reports_of(night: Night) -> list[str]:
    """What the gate said, beside each baseline, as text."""
    said = msgspec.json.decode(night.paths.gate.read_bytes(), type=NightGate)
    return [gate_table(report) for report in said.reports.values()]


def _run(night: Night, folder: str, name: str) -> JudgedRun:
    """A finished run; in reports its folder is the one below the root."""
    return msgspec.structs.replace(read_run(night.paths.placed(folder), name), folder=folder)


def _policy_file(night: Night) -> Path:
    return project_file(night.paths.root, night.settings.policy)


def _policy(night: Night) -> Policy:
    return read_policy(_policy_file(night))


def _beside(policy: Policy, name: str) -> Policy:
    """The policy beside one baseline: only the last nightly's figures are a floor."""
    if name == LAST:
        return policy
    baseline = msgspec.structs.replace(policy.baseline, not_below=())
    return msgspec.structs.replace(policy, baseline=baseline)


def _shortly(reasons: Sequence[str]) -> str:
    """For a line: those of all tasks first, and how many more."""
    first = sorted(reasons, key=lambda reason: ", all: " not in reason)[:TOLD]
    more = len(reasons) - len(first)
    return "; ".join(first) + (f"; and {more} more in gate.json" if more else "")


def _missed(name: str, report: GateReport) -> list[str]:
    told = [_required(r) for r in report.requirements if not r.passed]
    return [*told, *(_changed(name, c) for c in report.changes if not c.passed)]


def _required(rule: Requirement) -> str:
    value = "nothing to count" if rule.value is None else f"{rule.value:.3f}"
    return f"{figure_name(rule.figure)}, {rule.of}: {value}, at least {rule.least:g} is asked for"


def _changed(name: str, change: Change) -> str:
    by = change.difference.value
    amount = "" if by is None else f" by {abs(by):.3f}"
    than = f"{change.verdict} than {name}{amount}, p {change.p_worse:.4f}"
    return f"{figure_name(change.figure)}, {change.of}: {than}"
