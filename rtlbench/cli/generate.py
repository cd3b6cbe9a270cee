"""`rtlbench generate`: a model's answers to a suite's tasks, for judging later or elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import click

from rtlbench.cli.options import model_options, suite_options
from rtlbench.errors import UserError
from rtlbench.records.spec import Spec

TELL_EVERY = 15.0
"""Seconds between two lines on the progress."""


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

    The same command goes on where it was cut off. Judge by `rtlbench bench --candidates FILE`.
    """
    from rtlbench.generate.answer import requests_for
    from rtlbench.generate.make import Order
    from rtlbench.generate.make import generate as make
    from rtlbench.generate.options import generation
    from rtlbench.io.shipped import shipped_model
    from rtlbench.runs.suite import read_suite
    from rtlbench.runs.summary import usage_in_words

    asked = generation(model, shipped_model())
    if asked is None:
        raise UserError("no model: name one by --model")
    specs = _of_categories(read_suite(suite), category)
    requests = requests_for(specs, samples, asked.sampling_seed)
    begun = time.monotonic()
    usage = make(Order(generation=asked, requests=requests, path=out), _Teller())
    spent = time.monotonic() - begun
    click.echo(f"{len(requests)} answers in {out}; new: {usage_in_words(usage)} ({spent:.1f} s)")


def _of_categories(specs: Sequence[Spec], categories: Sequence[str]) -> list[Spec]:
    known = sorted({s.category for s in specs})
    if unknown := [c for c in categories if c not in known]:
        raise UserError(f"no category {unknown[0]!r}; there are {', '.join(known)}")
    return [s for s in specs if not categories or s.category in categories]


class _Teller:
    """Says at times how far it is."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, there: int, wanted: int) -> None:
        if time.monotonic() - self._told > TELL_EVERY:
            self._told = time.monotonic()
            click.echo(f"{there} of {wanted} answers", err=True)
