"""The page of the experiment on real models, at any point of it; nothing on it is written by hand.

What has not run yet is said to have not; no figure stands for a run that is not finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import structs

from rtlbench.gate.policy import Policy
from rtlbench.gate.text import NONE, figure_name, markdown_table
from rtlbench.runs.finished import JudgedRun
from training.experiments.figures import change_of, sure_mean_of
from training.experiments.further_page import by_category, turns
from training.experiments.page import NOT_YET, percent_of, shown, verdict_of
from training.experiments.plan import BASE, present
from training.experiments.real_outcome import ModelResult, RealArm, pairs_of
from training.experiments.real_plan import RealPlan
from training.experiments.settings import ExperimentSettings
from training.experiments.where import as_of

HEAD = """# The experiment on real models

What filtering and fine-tuning give models that others trained, judged on fresh members of the
families, which no training data were made from, and on public problems that are not ours.
`make experiment-real` does all of it and writes this page after each stage; the plan is `{plan}`.
The toy experiment, with a model that was made here, is [experiment.md](experiment.md).
"""
FIGURES = ("score", "syntax", "synthesis", "all_io_used", "functional")
CHANGES = (("v1", BASE), ("v2", BASE), ("v3", BASE), ("v3_plain", BASE), ("v3_proven", BASE),
           ("v3", "v1"), ("v3", "v2"), ("v2", "v1"), ("v3", "v3_plain"), ("v3_proven", "v3_plain"))
"""Arms beside each other: those that were run are shown."""


def page(plan: RealPlan, results: Sequence[ModelResult], policy: Policy, file: str) -> str:
    """The page.

    Args:
        file: The plan's file as people find it.
    """
    parts = [HEAD.format(plan=file), "## How far it is\n\n" + _state(plan, results)]
    parts += [_model(plan, result, policy) for result in results]
    there = {name for r in results for name in present(r.settings.bench.public)}
    missing = sorted(set(plan.public) - there)
    if missing:
        parts.append(f"Skipped, since not there: {', '.join(f'`{name}`' for name in missing)}.\n")
    return "\n".join(parts)


def _state(plan: RealPlan, results: Sequence[ModelResult]) -> str:
    rows = []
    for result in results:
        runs = [(arm, seed) for arm in result.arms if not arm.same_as
                for seed in result.settings.seeds]  # fmt: skip
        tuned = sum(seed in arm.tuning for arm, seed in runs)
        judged = sum(seed in arm.runs for arm, seed in runs)
        suites = present(result.settings.bench.public)
        public = [(arm, seed, suite) for arm, seed in runs for suite in suites
                  if not plan.public_arms or arm.name in plan.public_arms]
        public += [(result.base, result.settings.seeds[0], suite) for suite in suites]
        asked = sum(seed in arm.public.get(suite, {}) for arm, seed, suite in public)
        before = "yes" if result.base.runs else NOT_YET
        rows.append((
            result.plan.name, f"{result.done} of {result.planned}", before,
            f"{tuned} of {len(runs)}", f"{judged} of {len(runs)}",
            f"{asked} of {len(public)}", f"{result.seconds / 60:.0f}",
        ))  # fmt: skip
    heads = ("model", "stages", "judged before", "runs trained", "runs judged",
             "public suites judged", "minutes, one after another")  # fmt: skip
    return markdown_table(heads, rows) + "\n" + as_of()


def _model(plan: RealPlan, result: ModelResult, policy: Policy) -> str:
    parts = [f"## {result.plan.name}\n\n" + _setup(result)]
    if result.done == 0:
        return parts[0] + "\nNothing of it has run yet.\n"
    sections = (
        ("Training data", _data(result)),
        ("Fine-tuning", _tuning(result)),
        (f"Fresh members of {_named(policy)}", _requirements(result, policy)),
        ("Fresh members of all that were asked", _figures(result)),
        ("Differences", _differences(result)),
        ("The gate", _gates(result, policy)),
        ("Public problems", _public(result, plan.public_arms)),
        *((("Several turns", turns(result, plan.further)),) if plan.further.turns else ()),
        *((("An adapter for each category", by_category(result, plan.further)),)
          if plan.further.specialised else ()),
    )
    return "\n".join([*parts, *(f"### {head}, {result.plan.name}\n\n{text}"
                                for head, text in sections)])  # fmt: skip


def _setup(result: ModelResult) -> str:
    s = result.settings
    run = next((r for a in (result.base, *result.arms) for r in a.runs.values()), None)
    where = ", ".join(s.families or s.categories) or "all categories"
    asked = ", ".join(s.families or s.bench.categories or s.categories) or "all categories"
    count = "one a family" if s.bench.count is None else f"{s.bench.count}"
    lines = [
        f"- Raw records: {s.raw.size:,}, of which {s.raw.answers:,} answers that the model itself "
        f"gave to tasks of the training part; of the others {s.raw.defects:.0%} made wrong; of "
        f"{where}.",
        f"- Recipe `{s.tune.recipe}`" + (f" with {_changes(s)}" if s.tune.changes else "") + ".",
        f"- Benchmark: {count} {'frozen' if s.bench.fresh is None else 'fresh'} tasks of {asked}; "
        f"{_times(s.bench.samples)} each, `{' '.join(s.bench.options)}`.",
        f"- Seeds: {', '.join(map(str, s.seeds))}; the model as it is, is judged with the first.",
    ]
    if s.families:
        lines.append("- **These families alone**, in training and benchmark: the figures are of "
                     "them, not of all that a category may ask.")
    if run is not None:
        tools = ", ".join(f"`{name}` {v}" for name, v in sorted(run.run.config.tools.items()))
        lines.append(f"- Tools: {tools}; isolation: {run.run.isolation}.")
    return "\n".join(lines) + "\n"


def _data(result: ModelResult) -> str:
    heads = ("set", "threshold", "records", "made right", "made wrong", "the model's own",
             "hand-written")  # fmt: skip
    rows = []
    for arm in result.arms:
        threshold = NONE if arm.threshold is None else f"{arm.threshold:g}"
        d = arm.data
        cells = (NOT_YET,) * 5 if d is None else tuple(
            f"{n:,}" for n in (d.records, d.right, d.wrong, d.own, d.other)
        )
        rows.append((arm.title, threshold, *cells))
    same = "".join(
        f"\n**{arm.title}** is the same examples as `{arm.same_as}`, and so the same model: it is "
        "trained once.\n" for arm in result.arms if arm.same_as
    )  # fmt: skip
    return markdown_table(heads, rows) + same


def _tuning(result: ModelResult) -> str:
    rows = []
    for arm in result.arms:
        for seed in result.settings.seeds:
            run = arm.tuning.get(seed)
            if arm.same_as:
                continue
            if run is None or run.result is None:
                rows.append((arm.name, str(seed), *[NOT_YET] * 5))
                continue
            steps, losses = run.result.steps, run.result.losses
            tail = losses[-max(1, len(losses) // 5):]
            rate = steps / max(run.seconds, 1e-9) * 60
            seen = "" if run.examples is None else f"{run.examples.trained:,}"
            rows.append((arm.name, str(seed), seen, f"{steps:,}", f"{run.seconds:,.0f}",
                         f"{rate:.1f}", f"{losses[0].loss:.3f} to "
                         f"{sum(x.loss for x in tail) / len(tail):.3f}"))  # fmt: skip
    heads = ("arm", "seed", "examples to draw from", "steps", "seconds", "steps a minute",
             "loss, first to last fifth")  # fmt: skip
    devices = sorted({t.device for a in result.arms for t in a.tuning.values()})
    told = f"\nOn {'; '.join(devices)}.\n" if devices else ""
    return markdown_table(heads, rows) + told


def _requirements(result: ModelResult, policy: Policy) -> str:
    """The policy's rules of all its categories, each arm's figure with its interval."""
    arms = [a for a in (result.base, *result.arms) if not a.same_as]
    rows = []
    for figure, least in policy.require.items():
        cells = []
        for arm in arms:
            found = sure_mean_of(of_categories(arm.runs.values(), policy), figure)
            met = "" if found.value is None else (", met" if found.value >= least else ", not met")
            cells.append(f"{shown(found)}{met}" if met else _missing(arm))
        rows.append((figure_name(figure), f"{least:g}", *cells))
    heads = ("figure", "at least", *(a.name for a in arms))
    tasks = {len({task for task, _ in run.answers}) for arm in arms
             for run in of_categories(arm.runs.values(), policy)}  # fmt: skip
    note = f"Over {' or '.join(map(str, sorted(tasks))) or 'no'} tasks. " + NOTE
    return markdown_table(heads, rows) + "\n" + note


NOTE = (
    "In brackets the 95% interval, seeds and tasks drawn anew; a rule goes by the figure before "
    "it. `base` is the model as it is.\n"
)


def _figures(result: ModelResult) -> str:
    arms = [a for a in (result.base, *result.arms) if not a.same_as]
    rows = [
        (arm.title, *([shown(sure_mean_of(list(arm.runs.values()), f)) for f in FIGURES]
                      if arm.runs else [_missing(arm)] * len(FIGURES)))
        for arm in arms
    ]
    table = markdown_table(("version", *map(figure_name, FIGURES)), rows)
    names = sorted({j.category or "none" for a in arms for r in a.runs.values()
                    for j in r.answers.values()})  # fmt: skip
    tasks = {n: len({t for a in arms for r in a.runs.values() for (t, _), j in r.answers.items()
                     if (j.category or "none") == n}) for n in names}  # fmt: skip
    categories = [
        (name, str(tasks[name]), *(_value(list(a.runs.values()), "functional", name)
                                   for a in arms))
        for name in names
    ]
    heads = ("functional, by category", "tasks", *(a.name for a in arms))
    return table + ("\n" + markdown_table(heads, categories) if categories else "")


def _differences(result: ModelResult) -> str:
    rows = []
    for name, other in CHANGES:
        one, two = result.arm(name), result.arm(other)
        pairs = pairs_of(one, two) if one is not None and two is not None else []
        if not pairs:
            continue
        for figure in ("score", "all_io_used", "functional"):
            change = change_of([a for a, _ in pairs], [b for _, b in pairs], figure)
            rows.append((f"{name} less {other}", figure_name(figure), shown(change, "+"),
                         str(len(pairs))))  # fmt: skip
    if not rows:
        return "No two of the arms have been judged yet.\n"
    return markdown_table(("arms", "figure", "difference", "seeds"), rows)


def _gates(result: ModelResult, policy: Policy) -> str:
    rows = []
    for name, other in (*CHANGES, ("v1", "v3"), ("v2", "v3")):
        one, two = result.arm(name), result.arm(other)
        pairs = pairs_of(one, two) if one is not None and two is not None else []
        verdicts = "; ".join(verdict_of(a, b, policy) for a, b in pairs)
        if verdicts:
            rows.append((f"{name} over {other}", verdicts))
    if not rows:
        return "No two of the arms have been judged yet.\n"
    return markdown_table(("candidate over baseline", "by seed"), rows)


def _public(result: ModelResult, only: Sequence[str]) -> str:
    suites = present(result.settings.bench.public)
    if not suites:
        return "Skipped: no suite's folder is there.\n"
    rows = []
    for suite in suites:
        for arm in (result.base, *result.arms):
            if arm.same_as:
                continue
            runs = arm.public.get(suite, {})
            for seed, run in runs.items():
                rule = run.run.suite_rule
                rows.append((
                    f"`{suite}`", arm.name, str(seed), str(len({task for task, _ in run.answers})),
                    percent_of(rule.pass_at.get("1") if rule is not None else None),
                    percent_of(run.run.total.pass_at.get("1") if run.run.total else None),
                ))  # fmt: skip
            if not runs and (arm.name == BASE or not only or arm.name in only):
                rows.append((f"`{suite}`", arm.name, NONE, NONE, NOT_YET, NOT_YET))
    heads = ("suite", "arm", "seed", "problems", "pass@1, the suite's rule", "pass@1, ours")
    return markdown_table(heads, rows) + (
        f"\nThe part of each suite that lies here{_options(result)}; `base` is before, the others "
        "after.\n"
    )


def _options(result: ModelResult) -> str:
    words = " ".join(result.settings.bench.public_options)
    return f", with `{words}`" if words else ""


def of_categories(runs: Iterable[JudgedRun], policy: Policy) -> list[JudgedRun]:
    """Runs with the answers of the policy's categories alone."""
    wanted = policy.run.categories
    return [
        structs.replace(run, answers={k: j for k, j in run.answers.items()
                                      if not wanted or j.category in wanted})
        for run in runs
    ]  # fmt: skip


def _named(policy: Policy) -> str:
    return f"the {len(policy.run.categories)} first categories" if policy.run.categories else "all"


def _missing(arm: RealArm) -> str:
    return NONE if arm.runs else NOT_YET


def _value(runs: list[JudgedRun], figure: str, of: str) -> str:
    return shown(sure_mean_of(runs, figure, of)) if runs else NOT_YET


def _changes(settings: ExperimentSettings) -> str:
    """Of the recipe; of two of a word the later counts."""
    last = {change.partition("=")[0]: change for change in settings.tune.changes}
    return ", ".join(f"`{change}`" for change in last.values())


def _times(samples: int) -> str:
    return "one sample" if samples == 1 else f"{samples} samples"
