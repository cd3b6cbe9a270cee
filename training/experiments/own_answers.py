"""A model's own answers to tasks of the families' training part, as training data.

    python training/experiments/own_answers.py made.jsonl --model FOLDER --count 500 --out own.jsonl

The tasks are those of a file of `rtlbench corpus`, by turns; the answers are as they came, prose,
fences and all, and nobody has judged them. The same command goes on where it was cut off.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from rtlbench.cli import run
from rtlbench.cli.options import model_options
from rtlbench.dataset.files import writing
from rtlbench.errors import UserError
from rtlbench.generate.answer import ANSWERED, Answer, Request, request_seed
from rtlbench.io.progress import waiting
from rtlbench.records.example import Record

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # for `training`

from training.experiments.draw import records_of

ANSWERS = "answers.jsonl"
SOURCE = "own-answer"
"""metadata.source of these records."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("tasks", type=click.Path(path_type=Path))
@model_options
@click.option("--count", type=click.IntRange(min=1), required=True, help="Answers.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Records, JSONL.")
def own_answers(tasks: Path, model: dict[str, Any], count: int, out: Path) -> None:
    """Ask a model the tasks of TASKS, and write its answers as records."""
    from rtlbench.generate.answers_file import AnswersFile, Order, generate
    from rtlbench.generate.source import generation

    asked = generation(model)
    if asked is None:
        raise UserError("--model: say who is to answer")
    examples = distinct_tasks(records_of(tasks))
    requests = requests_of(examples, count, asked.sampling_seed)
    answers = out.with_name(ANSWERS)
    with waiting("asking", "answers", len(requests)) as phase:
        generate(Order(generation=asked, requests=requests, path=str(answers)), phase.at)
    file = AnswersFile(answers)
    file.catch_up()
    with writing(out) as writer:
        for record in records_from(examples, requests, file.every()):
            writer.write(record)


def distinct_tasks(records: Iterable[Record]) -> list[Record]:
    """The first record of each member, categories by turns.

    Raises:
        UserError: None of them says which member it is of.
    """
    first: dict[bytes, Record] = {}
    for record in records:
        member = record.metadata.get("member")
        if isinstance(member, dict):
            known = {k: member.get(k) for k in ("family", "params", "names", "top")}
            first.setdefault(msgspec.json.encode(known, order="sorted"), record)
    if not first:
        raise UserError("none of the records says what task it is of; give a file of the corpus")
    found: dict[str, list[Record]] = {}
    for record in first.values():
        found.setdefault(str(record.metadata.get("category")), []).append(record)
    longest = max(map(len, found.values()))
    return [of[k] for k in range(longest) for of in found.values() if k < len(of)]


def requests_of(examples: Sequence[Record], count: int, seed: int) -> list[Request]:
    """`count` requests: every task once, then every task again."""
    return [
        Request(
            spec_id=f"task{k % len(examples)}",
            sample=k // len(examples),
            prompt=examples[k % len(examples)].instruction,
            seed=request_seed(seed, f"task{k % len(examples)}", k // len(examples)),
            category=str(examples[k % len(examples)].metadata.get("category") or ""),
        )
        for k in range(count)
    ]


def records_from(
    examples: Sequence[Record], requests: Sequence[Request], answers: Iterable[Answer]
) -> list[Record]:
    """The answers as records, in the order of their requests; what failed is left out."""
    given = {(a.spec_id, a.sample): a for a in answers if a.ended == ANSWERED}
    found = []
    for k, request in enumerate(requests):
        answer = given.get((request.spec_id, request.sample))
        if answer is not None:
            found.append(_record(examples[k % len(examples)], answer))
    return found


def _record(example: Record, answer: Answer) -> Record:
    kept = {k: v for k, v in example.metadata.items() if k in ("category", "member")}
    return Record(
        instruction=example.instruction,
        output=answer.completion,
        metadata={"source": SOURCE, **kept, "model": answer.model, "ended": answer.finish_reason},
    )


if __name__ == "__main__":
    run(own_answers, "own_answers")
