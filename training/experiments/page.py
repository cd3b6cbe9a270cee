"""The page that says what came of the threshold experiment; nothing on it is written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from rtlbench.errors import UserError
from rtlbench.gate.matrix import OVERALL
from rtlbench.gate.policy import Policy
from rtlbench.gate.rules import Requirement, judge_gate
from rtlbench.gate.text import NONE, figure_name, markdown_table
from rtlbench.runs.finished import JudgedRun
from rtlbench.statistics import Figure
from training.experiments.arms import ARMS
from training.experiments.figures import Mean, change_of, mean, mean_of
from training.experiments.outcome import ArmOutcome, ExperimentResult
from training.tiny.run import FAMILIES

HEAD = """# The threshold experiment

Does a small set of right examples make a better model than a large noisy one? One noisy corpus is
filtered at several thresholds, the same base is fine-tuned on each set, and each model is judged on
tasks that no training data were made from. `make experiment` does all of it and writes this page;
the settings are `{settings}`.
"""
NOT_YET = "not yet"
"""Of what has not run."""
CHANGES = (("v3", "v1"), ("v3", "v2"), ("v2", "v1"), ("v3_plain", "v1"), ("v3_plain", "v2"),
           ("v3", "v3_plain"), ("v3", "v2_as_v3"), ("v3_as_v2", "v2"), ("gold_1000", "gold_100"))
"""Arms beside each other: those that were run are shown."""
PAIRS = (("v3", "v1"), ("v1", "v3"), ("v3", "v2"), ("v2", "v3"), ("v3", "v3"),
         ("v3_plain", "v1"), ("v1", "v3_plain"), ("v3_plain", "v2"))
"""Candidate and baseline."""


def page(outcome: ExperimentResult, policy: Policy, settings: str) -> str:
    """The page.

    Args:
        settings: The settings' file as people find it.
    """
    parts = [
        HEAD.format(settings=settings),
        "## Set-up\n\n" + _setup(outcome),
        "## Training data\n\n" + _data(outcome),
        "## Figures\n\n" + _figures(outcome),
        "## Categories\n\n" + _categories(outcome),
        "## Differences\n\n" + _differences(outcome),
        "## Requirements\n\n" + requirements(outcome, policy),
        "## The gate\n\n" + gates(outcome, policy),
        "## Time\n\n" + _time(outcome),
    ]
    return "\n".join(parts)


def _setup(outcome: ExperimentResult) -> str:
    settings, run = outcome.settings, outcome.base.runs[0]
    tools = ", ".join(f"`{name}` {v}" for name, v in sorted(run.run.config.tools.items()))
    answers = sorted({len(r.answers) for arm in outcome.arms for r in arm.runs})
    tasks = len({task for task, _ in run.answers})
    sampling = run.run.config.sampling
    drawn = "" if sampling is None else (
        f", temperature {sampling.temperature:g}, top-p {sampling.top_p:g}"
    )
    lines = [
        f"- Raw corpus: {settings.raw.size:,} examples, {settings.raw.defects:.0%} of them made "
        f"wrong, of {', '.join(settings.families or settings.categories) or 'all categories'}.",
        f"- Base: {_base(outcome)}.",
        f"- Benchmark: {tasks} {'frozen' if settings.bench.fresh is None else 'fresh'} tasks, "
        f"{settings.bench.samples} samples each{drawn}; "
        f"{' or '.join(f'{n:,}' for n in answers)} judged answers a run.",
        f"- Seeds: {', '.join(map(str, settings.seeds))}; each is a fine-tuning and a drawing of "
        "answers of its own. The base is judged with the first.",
        f"- Tools: {tools}; isolation: {run.run.isolation}.",
    ]
    return "\n".join(lines) + "\n"


def _base(outcome: ExperimentResult) -> str:
    made = outcome.made_from
    if made is None:
        return f"`{Path(outcome.settings.base.model).name}`"
    wrong = outcome.settings.raw.defects if made.data != FAMILIES else made.recipe.data.defects
    return (
        f"{made.parameters:,} parameters, trained from nothing on {made.examples:,} other "
        f"examples, {wrong:.0%} of them made wrong"
    )


def _data(outcome: ExperimentResult) -> str:
    heads = ("set", "threshold", "examples", "right", "learnt from", "minutes a fine-tuning")
    rows = []
    for arm in outcome.arms:
        if arm.data is None:
            continue
        right = f"{arm.data.right / max(1, arm.data.records):.1%}"
        rows.append((arm.title, _threshold(arm), f"{arm.data.records:,}", right,
                     f"{arm.data.trained:,}", _minutes([arm])))
    note = '"Right" are examples without a known defect; "learnt from" those short enough.\n'
    return markdown_table(heads, rows) + "\n" + note + _same(outcome)


def _same(outcome: ExperimentResult) -> str:
    """Which arms turned out to be others."""
    return "".join(
        f"\n**{ARMS[name].title}** is the same examples as **{ARMS[other].title}**, and so the "
        "same model: it was trained once.\n"
        for name, other in outcome.same.items()
    )


def _figures(outcome: ExperimentResult) -> str:
    heads = ("version", "examples", "threshold", *map(figure_name, OVERALL))
    rows = []
    for arm in (outcome.base, *outcome.arms):
        examples = NONE if arm.data is None else f"{arm.data.trained:,}"
        cells = [shown(mean_of(arm.runs, figure)) for figure in OVERALL]
        rows.append((arm.title, examples, _threshold(arm), *cells))
    note = (
        "Means over the seeds; in brackets the 95% interval, seeds and tasks drawn anew. Each task "
        "counts the same.\n"
    )
    return markdown_table(heads, rows) + "\n" + note


def _categories(outcome: ExperimentResult) -> str:
    names = categories(outcome)
    tables = []
    for figure in ("score", "functional"):
        rows = [
            (arm.title, *(shown(mean_of(arm.runs, figure, name)) for name in names))
            for arm in (outcome.base, *outcome.arms)
        ]
        tables.append(markdown_table((figure_name(figure), *names), rows))
    return "\n".join(tables)


def _differences(outcome: ExperimentResult) -> str:
    rows = []
    for name, other in CHANGES:
        one, two = outcome.arm(name), outcome.arm(other)
        if one is None or two is None:
            continue
        for figure in ("score", "all_io_used", "functional"):
            change = change_of(one.runs, two.runs, figure)
            seeds = ", ".join(f"{s:+.3f}" for s in change.seeds)
            rows.append((f"{name} less {other}", figure_name(figure), shown(change, "+"), seeds))
    if not rows:
        return "Too few arms were run.\n"
    return markdown_table(("arms", "figure", "difference", "by seed"), rows)


def _time(outcome: ExperimentResult) -> str:
    main = outcome.main_busy
    alone = "" if main is None else f", those of V1, V2 and V3 alone {main / 60:.0f} minutes"
    return (
        f"The stages took {outcome.busy / 60:.0f} minutes, two at a time{alone}; one after another "
        f"{outcome.seconds / 60:.0f} minutes. "
        f"A fine-tuning took {_minutes(outcome.arms)} minutes on one thread.\n"
    )


def _minutes(arms: Sequence[ArmOutcome]) -> str:
    """A mean fine-tuning's."""
    seconds = [t.seconds for arm in arms for t in arm.tuning]
    return f"{fmean(seconds) / 60:.1f}" if seconds else NONE


def categories(outcome: ExperimentResult) -> Sequence[str]:
    """The categories of the tasks that were judged."""
    every = {j.category or "none" for arm in outcome.arms for r in arm.runs
             for j in r.answers.values()}
    return sorted(every)


def shown(mean: Mean, sign: str = "") -> str:
    """A mean with its interval."""
    if mean.value is None or mean.low is None or mean.high is None:
        return NONE
    return f"{mean.value:{sign}.3f} ({mean.low:{sign}.2f} to {mean.high:{sign}.2f})"


def percent_of(figure: Figure | None) -> str:
    """A share with its interval."""
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return NONE
    return f"{figure.value:.1%} ({figure.low:.1%} to {figure.high:.1%})"


def _threshold(arm: ArmOutcome) -> str:
    return NONE if arm.threshold is None else f"{arm.threshold:g}"


def requirements(outcome: ExperimentResult, policy: Policy) -> str:
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


def gates(outcome: ExperimentResult, policy: Policy) -> str:
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
    return [verdict_of(a, b, policy) for a, b in zip(one.runs, two.runs, strict=True)]


def verdict_of(candidate: JudgedRun, baseline: JudgedRun, policy: Policy) -> str:
    """The gate's verdict in a few words."""
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
