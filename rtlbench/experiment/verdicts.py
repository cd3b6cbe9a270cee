"""What a policy and the gate say of each arm, for the page."""

from __future__ import annotations

from rtlbench.errors import UserError
from rtlbench.experiment.figures import mean
from rtlbench.experiment.outcome import ArmOutcome, Outcome
from rtlbench.gate.matrix_text import NONE, markdown_table
from rtlbench.gate.policy import Policy
from rtlbench.gate.rules import Requirement, judge_gate
from rtlbench.gate.runs import JudgedRun
from rtlbench.gate.table import figure_name

PAIRS = (("v3", "v1"), ("v1", "v3"), ("v3", "v2"), ("v2", "v3"), ("v3", "v3"),
         ("v3_plain", "v1"), ("v1", "v3_plain"), ("v3_plain", "v2"))
"""Candidate and baseline."""


def requirements(outcome: Outcome, policy: Policy) -> str:
    """Each rule's figure by arm, the mean over seeds, and how many seeds meet it."""
    arms = [outcome.base, *outcome.arms]
    try:
        met = [[judge_gate(policy, run, None).requirements for run in a.runs] for a in arms]
    except UserError as e:
        return f"Not judged: {e}\n"
    rows = []
    for k, rule in enumerate(met[0][0]):
        cells = [_cell([by_seed[k] for by_seed in of_arm]) for of_arm in met]
        name = f"{figure_name(rule.figure)}, {rule.of}"
        rows.append((name, f"{rule.least:g}", *cells))
    heads = ("rule", "at least", *(a.name for a in arms))
    note = "Means over the seeds, and in how many of them the rule is met.\n"
    return markdown_table(heads, rows) + "\n" + note


def gates(outcome: Outcome, policy: Policy) -> str:
    """What the gate says of one arm over another, seed by seed."""
    rows = []
    for name, other in PAIRS:
        one, two = outcome.arm(name), outcome.arm(other)
        if one is not None and two is not None:
            rows.append((f"{name} over {other}", *_verdicts(one, two, policy)))
    if not rows:
        return "Too few arms were run.\n"
    seeds = [f"seed {s}" for s in outcome.settings.seeds]
    return markdown_table(("candidate over baseline", *seeds), rows)


def _cell(rules: list[Requirement]) -> str:
    values = [r.value for r in rules if r.value is not None]
    if not values:
        return NONE
    met = sum(r.passed for r in rules)
    found = mean([{"": v} for v in values])
    return f"{found.value or 0.0:.3f} ({met} of {len(rules)})"


def _verdicts(one: ArmOutcome, two: ArmOutcome, policy: Policy) -> list[str]:
    return [_verdict(a, b, policy) for a, b in zip(one.runs, two.runs, strict=True)]


def _verdict(candidate: JudgedRun, baseline: JudgedRun, policy: Policy) -> str:
    try:
        report = judge_gate(policy, candidate, baseline)
    except UserError as e:
        return f"not judged: {e}"
    missed = sum(not r.passed for r in report.requirements)
    told = {v: sum(c.verdict == v for c in report.changes) for v in ("worse", "better")}
    counts = [f"requirements missed: {missed}"] if missed else []
    counts += [f"figures {verdict}: {n}" for verdict, n in told.items() if n]
    word = "pass" if report.passed else "fail"
    return f"{word} ({', '.join(counts) or 'no difference'})"
