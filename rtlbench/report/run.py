"""`rtlbench report`: results folders in, one HTML file out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.gate.matrix import compare_runs, training_of
from rtlbench.gate.policy import read_policy
from rtlbench.gate.runs import refuse_differences
from rtlbench.io.progress import waiting
from rtlbench.pages.page import script_data, write_page
from rtlbench.records.verdict import Verdict
from rtlbench.report.answers import code_by_hash, tasks_of
from rtlbench.report.contents import RunPage, categories, causes, headlines, row, steps
from rtlbench.runs.finished import JudgedRun, Key, read_run
from rtlbench.runs.junit import NO_ANSWER
from rtlbench.runs.results import ResultsFolder, Run
from rtlbench.runs.tasks import in_words
from rtlbench.statistics import summarise


def write_report(  # noqa: PLR0913 - what a user may choose, each by its name
    runs: Sequence[tuple[Path, str]],
    out: Path,
    *,
    policy: Path | None = None,
    candidates: Sequence[Path] = (),
    suite: str | None = None,
    allow: Sequence[str] = (),
    models: Path = Path("models"),
) -> RunPage:
    """Write the page of `runs`, folder and name each; the first is shown whole, the others beside.

    Args:
        policy: The rules whose targets stand beside the figures.
        candidates: Where the answers are that the runs judged, beside the runs' own folders.
        suite: The suite's name and folder, where the name alone does not find it.
        allow: What may differ between runs.

    Raises:
        UserError: A run is not finished, runs cannot be compared, or a file cannot be read or
            written.
    """
    mixed = len(runs) == 1  # and is told apart by the table; figures of several are not compared
    read = []
    with waiting("reading", "runs", len(runs)) as phase:
        for folder, name in runs:
            read.append(read_run(folder, name, several_models=mixed))
            phase.advance()
    allowed = [name for run in read[1:] for name in refuse_differences(run, read[0], allow)]
    with waiting("finding the answers' code and the tasks' words"):
        page = _page(
            read,
            allowed,
            asked=read_policy(policy).require if policy is not None else {},
            candidates=candidates,
            suite=suite or read[0].run.config.suite,
            models=models,
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        others = [one.name for one in read[1:]]
        data = script_data({"rows": page.rows, "prompts": page.prompts, "others": others})
        write_page(out, "run", page=page, data=data)
    except OSError as e:
        raise UserError(f"{out}: cannot be written ({e.strerror})") from e
    return page


def _page(  # noqa: PLR0913
    read: Sequence[JudgedRun],
    allowed: Sequence[str],
    *,
    asked: Mapping[str, float],
    candidates: Sequence[Path],
    suite: str,
    models: Path,
) -> RunPage:
    first = read[0]
    run, folder = first.run, Path(first.folder)
    tasks = tasks_of(suite)
    code = code_by_hash(folder, run.config.candidates, candidates, tasks)
    verdicts = sorted(ResultsFolder(folder).verdicts(), key=_place)
    rows = tuple(row(v, _others(v, read[1:]), code.get(v.candidate_hash)) for v in verdicts)
    total = summarise(first.answers.values())
    facts = [training_of(one, models) for one in read]
    compared = compare_runs(read, facts, list(dict.fromkeys(allowed))) if len(read) > 1 else None
    return RunPage(
        name=first.name,
        suite=run.config.suite,
        finished=run.finished or run.started,
        facts=_facts(first),
        tasks=len({task for task, _ in first.given}),
        answers=first.judged,
        unjudged=first.unjudged,
        suite_tasks=len(tasks) or None,
        told="; ".join(_told(run)),
        headlines=headlines(total, asked),
        pass_at=total.pass_at,
        categories=categories(first),
        steps=steps(verdicts, len(first.missing)),
        causes=causes(rows),
        comparison=compared,
        rows=rows,
        prompts={t: tasks[t].prompt for t in dict.fromkeys(r.task for r in rows) if t in tasks},
    )


def _others(verdict: Verdict, others: Sequence[JudgedRun]) -> tuple[str, ...]:
    key = (verdict.spec_id or "", verdict.sample)
    return tuple(_ended(run, key) for run in others)


def _ended(run: JudgedRun, key: Key) -> str:
    if key in run.errors:
        return "error"
    if key not in run.answers or key in run.missing:
        return NO_ANSWER if key in run.missing else ""
    return str(run.answers[key].outcome)


def _told(run: Run) -> list[str]:
    """How many tasks were answered: of each model where there are several."""
    if run.tasks is not None:
        return [in_words(run.tasks)]
    known = ((name, one.tasks) for name, one in run.models.items())
    return [f"{name}: {in_words(tasks)}" for name, tasks in known if tasks is not None]


def _place(verdict: Verdict) -> tuple[str, str, int]:
    return verdict.category or "", verdict.spec_id or "", verdict.sample


def _facts(run: JudgedRun) -> dict[str, str]:
    config = run.run.config
    generator = config.generator
    facts = {
        "answers": generator.name if generator is not None else config.candidates,
        "models": ", ".join(run.run.models),
        "simulator": config.simulator,
        "seed": str(config.seed),
        "isolation": run.run.isolation,
        "tools": ", ".join(f"{name} {version}" for name, version in sorted(config.tools.items())),
        "folder": run.folder,
        "note": run.note,
    }
    facts = {name: value for name, value in facts.items() if value}
    if config.sampling is not None:
        facts["sampling"] = f"temperature {config.sampling.temperature:g}"
    return facts
