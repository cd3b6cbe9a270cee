"""`rtlbench prompts`: a suite's tasks in words, so that any tool can answer them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from rtlbench.cli.options import options, suite_options

ASKED = (
    "--model", "--system", "--template", "--few-shot", "--temperature", "--top-p", "--max-tokens",
    "--sampling-seed",
)  # fmt: skip
"""Of a model's options those that a prompt or a line of a batch says."""


@click.command()
@suite_options
@click.option("-k", "names", multiple=True, metavar="TEXT",
              help="Only tasks with TEXT in `category/id`; may be repeated.")
@click.option("--category", "categories", multiple=True, metavar="NAME",
              help="Only its tasks; may be repeated.")
@click.option("--samples", type=click.IntRange(min=1), default=1, show_default=True,
              help="Requests a task, in a batch.")
@click.option("--format", "how", type=click.Choice(("auto", "jsonl", "folder", "openai-batch")),
              default="auto", show_default=True,
              help="How they are written; auto: a folder where --out has no ending, else JSONL.")
@click.option("--out", required=True, metavar="FILE", help="Where to write; - for standard output.")
@options(ASKED, "model")
def prompts(
    suite: str,
    names: Sequence[str],
    categories: Sequence[str],
    samples: int,
    how: str,
    out: str,
    model: dict[str, Any],
) -> None:
    """Write the tasks' prompts: JSONL (spec_id, prompt, messages), a folder of text files, or
    the input of OpenAI's batch mode (--format openai-batch --model NAME).

    Judge what comes back by `rtlbench bench --candidates FILE`, in any shape of docs/answers.md.
    """
    from rtlbench.generate.prompts import write_prompts
    from rtlbench.runs.suite import chosen, read_suite

    every = read_suite(suite)
    specs = chosen(every, names, categories)
    written = write_prompts(specs, out, how, samples=samples, asked=model, suite=every)
    click.echo(f"{written} prompts of {suite} in {out}", err=True)
