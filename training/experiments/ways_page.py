"""The page of the experiment on four ways, at any point of it; nothing on it is written by hand.

What has not run yet is said to have not; no figure stands for a run that is not finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from rtlbench.gate.text import figure_name, markdown_table
from training.experiments.figures import change_of, sure_mean_of
from training.experiments.page import NOT_YET, shown
from training.experiments.plan import BASE, bench_stage, tune_stage
from training.experiments.settings import place_in_project
from training.experiments.ways_outcome import WayOutcome, WaysOutcome
from training.experiments.ways_plan import (
    DPO,
    GRPO,
    NEGATIVES,
    SFT,
    WaysPlan,
    pool_stage,
    steps_of,
    ways_of,
)
from training.experiments.where import as_of

HEAD = """# Four ways of learning from verdicts

A small model that has learnt from examples half of which were wrong answers tasks, and the Verifier
judges its answers. What is that worth, and do the wrong answers teach, too? Four ways have one
budget; each model is judged on fresh members of the families, which no training saw. `make
experiment-ways` does all of it and writes this page after each stage; the plan is `{plan}`.
"""
WAYS = {
    SFT: "the right answers are learnt, as `training/sft.py` learns any example",
    NEGATIVES: "beside them, for each wrong answer that has a right one to the same task: the "
    "task, the wrong answer and what the Verifier found in it as the question, the right one as "
    "the answer (the `mend` of [exercises](exercises.md)); the benchmark asks no such question",
    DPO: "the same wrong and right answers as pairs, by `training/dpo.py`; the base is the "
    "reference",
    GRPO: "`training/grpo.py` with the `shaped` reward; the model answers as it has learnt so "
    "far, and families that are always or never solved are asked less",
}
FIGURES = ("all_io_used", "functional", "score", "syntax", "synthesis")
CHANGES = ((SFT, BASE), (NEGATIVES, BASE), (DPO, BASE), (GRPO, BASE), (NEGATIVES, SFT), (DPO, SFT),
           (GRPO, SFT), (GRPO, DPO))
"""Ways beside each other: those that were run are shown."""


def page(plan: WaysPlan, outcome: WaysOutcome, file: Path, root: Path) -> str:
    """The page.

    Args:
        file: The plan.
        root: The project's folder.
    """
    parts = [
        HEAD.format(plan=place_in_project(file, root)),
        _state(plan, outcome),
        "## Figures\n\n" + _figures(outcome),
        "## Differences\n\n" + _differences(outcome),
        "## Set-up\n\n" + _setup(plan, outcome, root),
        "## What there was to learn from\n\n" + _pools(plan, outcome),
        "## Time\n\n" + _time(plan, outcome),
        "## Commands\n\n" + _commands(plan, file, root),
    ]
    return "\n".join(parts)


def _state(plan: WaysPlan, outcome: WaysOutcome) -> str:
    done = sum(len(w.runs) for w in outcome.ways)
    planned = len(outcome.ways) * len(plan.seeds)
    return (
        f"{as_of()}{len(outcome.seconds)} of {outcome.planned} stages are done, "
        f"{done} of {planned} runs judged.\n"
    )


def _figures(outcome: WaysOutcome) -> str:
    rows = []
    for way in (outcome.base, *outcome.ways):
        runs = list(way.runs.values())
        cells = [shown(sure_mean_of(runs, f)) if runs else NOT_YET for f in FIGURES]
        seeds = sure_mean_of(runs, "functional").seeds if runs else ()
        by_seed = ", ".join(f"{value:.3f}" for value in seeds)
        rows.append((way.title, *cells, by_seed))
    heads = ("learnt by", *map(figure_name, FIGURES), "functional by seed")
    note = "Means over the seeds; in brackets the 95% interval, seeds and tasks drawn anew.\n"
    return markdown_table(heads, rows) + "\n" + note


def _differences(outcome: WaysOutcome) -> str:
    rows = []
    for name, other in CHANGES:
        one, two = outcome.way(name), outcome.way(other)
        seeds = [] if one is None or two is None else [s for s in one.runs if s in two.runs]
        if one is None or two is None or not seeds:
            continue
        for figure in ("all_io_used", "functional"):
            change = change_of([one.runs[s] for s in seeds], [two.runs[s] for s in seeds], figure)
            rows.append((f"`{name}` less `{other}`", figure_name(figure), shown(change, "+"),
                         ", ".join(f"{s:+.3f}" for s in change.seeds)))  # fmt: skip
    if not rows:
        return "No two of them have been judged yet.\n"
    return markdown_table(("ways", "figure", "difference", "by seed"), rows)


def _setup(plan: WaysPlan, outcome: WaysOutcome, root: Path) -> str:
    budget, run = plan.budget, next(iter(outcome.base.runs.values()), None)
    lines = [
        f"- **One budget**: {budget.judged:,} answers, judged, to {budget.tasks} tasks of the "
        f"training part, {budget.answers} to each; and {budget.judged:,} sequences that a gradient "
        "is taken of (a pair is two). Not minutes: what else runs on a machine changes those, and "
        "answers and verdicts cost each way the same.",
        "- SFT and DPO learn from the base's own answers, asked once for each seed; GRPO's answers "
        "are its own, and come while it learns.",
        *(f"- `{way}`: {WAYS[way]}. {_recipe(plan, way, root)}" for way in ways_of(plan)),
        "- Learning rates are the recipes' own where nothing else is said; none was searched for.",
        f"- Families: {', '.join(plan.families)}.",
        f"- Benchmark: {_asked(plan)}.",
        f"- Seeds: {', '.join(map(str, plan.seeds))}; each draws tasks, answers, the order of what "
        "is learnt, and the benchmark's answers.",
    ]
    if run is not None:
        tools = ", ".join(f"`{name}` {v}" for name, v in sorted(run.run.config.tools.items()))
        lines.append(f"- Tools: {tools}; isolation: {run.run.isolation}.")
    return "\n".join(lines) + "\n"


def _recipe(plan: WaysPlan, way: str, root: Path) -> str:
    tune = plan.ways[way]
    changes = "".join(f", `{change}`" for change in tune.changes)
    return f"{steps_of(plan, way, root)} steps by `{tune.recipe}`{changes}."


def _asked(plan: WaysPlan) -> str:
    bench = plan.bench
    kind = "frozen" if bench.fresh is None else f"fresh (seed {bench.fresh})"
    count = "all" if bench.count is None else f"{bench.count}"
    return f"{count} {kind} tasks, {bench.samples} samples each, `{' '.join(bench.options)}`"


def _pools(plan: WaysPlan, outcome: WaysOutcome) -> str:
    rows = []
    for seed in plan.seeds:
        found = outcome.pools.get(seed)
        cells = [NOT_YET] * 5 if found is None else [
            f"{n:,}" for n in (found.answers, found.right, found.wrong, found.unjudged, found.pairs)
        ]
        rows.append((str(seed), *cells))
    heads = ("seed", "the base's answers", "right", "wrong", "not judged", "pairs, and mends")
    note = (
        '"Not judged" are answers to tasks whose golden is not right, and those of which the '
        "harness could not tell. A wrong answer to a task without a right one makes no pair.\n"
    )
    return markdown_table(heads, rows) + "\n" + note


def _time(plan: WaysPlan, outcome: WaysOutcome) -> str:
    def minutes(names: Sequence[str]) -> str:
        found = [outcome.seconds[n] / 60 for n in names if n in outcome.seconds]
        return f"{fmean(found):.1f}" if found else NOT_YET

    rows = [("the base's answers, judged", minutes([pool_stage(s) for s in plan.seeds]), "")]
    for way in (outcome.base, *outcome.ways):
        learnt = [tune_stage(way.name, s) for s in plan.seeds]
        asked = [bench_stage(way.name, s) for s in plan.seeds]
        rows.append((way.title, "" if way.name == BASE else minutes(learnt), minutes(asked)))
    note = (
        "Mean minutes of a stage by the clock, several at a time, with whatever else ran on the "
        "machine: they say little of the ways. A stage that is done stays as it is when the code "
        "moves on: the commit above is that of the page.\n"
    )
    return markdown_table(("what", "minutes to learn", "to judge"), rows) + "\n" + note + _steps(
        outcome.ways
    )


def _steps(ways: Sequence[WayOutcome]) -> str:
    told = [
        f"`{w.name}` {', '.join(str(t.result.steps) for t in w.tuning.values() if t.result)}"
        for w in ways if w.tuning
    ]  # fmt: skip
    return f"Steps that were taken, by seed: {'; '.join(told)}.\n" if told else ""


def _commands(plan: WaysPlan, file: Path, root: Path) -> str:
    script = f"python training/experiments/ways.py {place_in_project(file, root)}"
    made = f"python training/tiny/train.py {plan.base.recipe} --out FOLDER\n"
    return (
        "```\n"
        "make experiment-ways\n"
        f"{script} --list     # the stages\n"
        f"{script} --base FOLDER     # a base that is there already\n"
        f"{made if plan.base.recipe else ''}"
        "```\n"
    )
