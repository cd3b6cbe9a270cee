"""`rtlbench generate`: a model's answers to a suite's tasks, for judging later or elsewhere; and
`rtlbench refine`: a model answers, is told what is wrong, and answers again.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rtlbench.cli import echo_json
from rtlbench.cli.options import (
    isolation_option,
    judging_options,
    model_options,
    option,
    suite_options,
    workers_option,
)
from rtlbench.errors import UserError
from rtlbench.io.counted import many
from rtlbench.io.progress import waiting

if TYPE_CHECKING:
    from rtlbench.generate.source import Generation
    from rtlbench.refine.choice import TaskChoice


@click.command()
@model_options
@suite_options
@click.option("--category", multiple=True, metavar="NAME", help="Only its tasks; may be repeated.")
@click.option("--samples", type=click.IntRange(min=1), default=1, help="Answers a task.")
@click.option("--out", required=True, metavar="FILE", help="Answers, JSONL; what is there stays.")
def generate(
    model: dict[str, Any], suite: str, category: tuple[str, ...], samples: int, out: str
) -> None:
    """Ask a model (--model; default: models/tiny-rtl) for answers to a suite's tasks.

    The same command goes on where it was cut off, and asks again for what failed (exit code 1).
    Ctrl-C waits for what is under way; the second one does not (exit code 130).
    Judge by `rtlbench bench --candidates FILE`.
    """
    from rtlbench.generate.answer import requests_for
    from rtlbench.generate.answers_file import Order
    from rtlbench.generate.answers_file import generate as make
    from rtlbench.generate.course import INTERRUPTED, Course, StoppedError, log_of
    from rtlbench.generate.source import notes_on
    from rtlbench.generate.wording import Words
    from rtlbench.runs.results import usage_in_words
    from rtlbench.runs.suite import chosen, read_suite

    asked = _generation(model)
    every = read_suite(suite)
    specs = chosen(every, categories=category)
    words = Words(asked, every)
    requests = requests_for(specs, samples, asked.sampling_seed, words.conversation)
    for note in notes_on(asked, samples):
        _tell(f"note: {note}")
    begun = time.monotonic()
    course = Course(log_of(Path(out)))
    try:
        with (
            course.stopped_by_signals(_tell),
            waiting("asking", "answers", len(requests)) as phase,
        ):
            phase.look = course.pace
            usage = make(
                Order(generation=asked, requests=requests, path=out, wording=words.record()),
                phase.at,
                lambda note: _tell(f"note: {note}"),
                course,
            )
    except StoppedError as e:
        _tell(str(e))
        sys.exit(INTERRUPTED)
    spent = time.monotonic() - begun
    there = len(requests) - usage.failed
    click.echo(f"{many(there, 'answer')} in {out}; new: {usage_in_words(usage)} ({spent:.1f} s)")
    if usage.failed:
        click.echo("the same command asks again for what failed", err=True)
        sys.exit(1)


@click.command()
@model_options
@option("--suite", default="rtlbench")
@option("--fresh")
@click.option("--instructions", metavar="FILE", help="Free tasks instead: JSONL, `instruction` "
              "and, where there is one, `testbench`.")
@click.option("--training", type=int, metavar="SEED",
              help="Tasks drawn from the families' training part instead; with --count.")
@click.option("--count", type=click.IntRange(min=1), metavar="N",
              help="So many, of --fresh or --training.")
@click.option("-k", "names", multiple=True, metavar="TEXT",
              help="Only tasks with TEXT in `category/id`; may be repeated.")
@click.option("--category", "categories", multiple=True, metavar="NAME",
              help="Only its tasks; may be repeated.")
@click.option("--samples", type=click.IntRange(min=1), default=1, show_default=True,
              help="Chains of answers a task.")
@click.option("--turns", type=click.IntRange(min=1), default=3, show_default=True,
              help="Answers in a chain, at most.")
@click.option("--feedback/--no-feedback", default=True,
              help="Say what is wrong (default), or just ask the task again.")
@click.option("--max-tokens-total", type=click.IntRange(min=1), metavar="N",
              help="Stop after so many tokens of prompts and answers.")
@click.option("--max-seconds", type=click.FloatRange(min=0), metavar="S",
              help="Ask no more after so long.")
@judging_options
@isolation_option
@click.option("--runs", default="data/runs", show_default=True, metavar="FOLDER",
              help="Where runs are.")
@click.option("--run-id", default="", metavar="ID", help="A cut-off run goes on by its id.")
@workers_option
@click.option("--json", "as_json", is_flag=True, help="Print refine.json at the end.")
def refine(
    model: dict[str, Any],
    suite: str,
    fresh: int | None,
    instructions: str | None,
    training: int | None,
    count: int | None,
    names: tuple[str, ...],
    categories: tuple[str, ...],
    samples: int,
    turns: int,
    feedback: bool,
    max_tokens_total: int | None,
    max_seconds: float | None,
    judging: dict[str, Any],
    runs: str,
    run_id: str,
    workers: str,
    as_json: bool,
) -> None:
    """Have a model (--model; default: models/tiny-rtl) answer tasks, judge the answers, tell it
    what is wrong with those that are, and ask again, up to --turns times.

    Every run has a folder with a trace of all that happened. Exits with 0 when every answer got a
    Verdict; 1 when the harness could not judge some, some requests failed, or some input could not
    be used; 2 for a mistake in the call; 130 after Ctrl-C, which waits for what is under way; the
    second one does not.
    """
    from rtlbench.generate.course import INTERRUPTED, StoppedError
    from rtlbench.refine.answers import Budget
    from rtlbench.refine.report import tables
    from rtlbench.refine.run import RefineOptions
    from rtlbench.refine.run import refine as run_refinement

    asked = _generation(model)
    if asked.system or asked.template or asked.few_shot:
        raise UserError(
            "--system, --template and --few-shot: a refinement puts tasks in their own words; "
            "leave them out"
        )
    budget = Budget(turns=turns, tokens=max_tokens_total, seconds=max_seconds)
    options = RefineOptions(
        generation=asked,
        choice=_choice(suite, (fresh, training, instructions), count, names, categories),
        budget=budget,
        samples=samples,
        **judging,
        feedback=feedback,
        runs=runs,
        run_id=run_id,
        workers=int(workers),
    )
    try:
        done = run_refinement(options, _nothing if as_json else _tell, _tell)
    except StoppedError as e:
        _tell(str(e))
        sys.exit(INTERRUPTED)
    if as_json:
        echo_json(done.report)
    else:
        click.echo(tables(done.report))
        click.echo(f"run: {done.folder}")
    for problem in done.report.problems:
        click.echo(problem, err=True)
    failed = sum(t.usage.failed for t in done.report.turns)
    if failed:
        _tell(f"the same command with --run-id {done.folder.name} asks again for what failed")
    errors = sum(t.answers.outcomes["error"] for t in done.report.turns)
    sys.exit(1 if errors or failed or done.report.problems else 0)


def _choice(
    suite: str,
    instead: tuple[int | None, int | None, str | None],
    count: int | None,
    names: tuple[str, ...],
    categories: tuple[str, ...],
) -> TaskChoice:
    from rtlbench.refine.choice import TaskChoice
    from rtlbench.runs.suite import with_fresh

    fresh, training, instructions = instead
    if sum(given is not None for given in instead) > 1:
        raise UserError("--fresh, --training and --instructions: give one of them")
    if training is not None and count is None:
        raise UserError("--training: say by --count how many tasks to draw")
    if count is not None and fresh is None and training is None:
        raise UserError("--count: says how many tasks --fresh or --training draws; add one")
    return TaskChoice(
        suite=with_fresh(suite, fresh, count if fresh is not None else None),
        names=names,
        categories=categories,
        instructions=instructions,
        training=training,
        count=count or 0,
    )


def _generation(model: dict[str, Any]) -> Generation:
    from rtlbench.generate.source import generation
    from rtlbench.io.shipped import shipped_model

    asked = generation(model, shipped_model())
    if asked is None:
        raise UserError("no model: name one by --model")
    return asked


def _tell(words: str) -> None:
    click.echo(f"rtlbench: {words}", err=True)


def _nothing(_words: str) -> None:
    """Where JSON alone is wanted."""
