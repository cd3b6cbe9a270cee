"""A model's own answers to tasks of the families' training part, judged: what it can learn from.

    python training/experiments/pool.py --model FOLDER --families updown,edge_pulse --draw 1 \\
        --tasks 96 --answers 8 --out pool

Tasks are drawn as training on verdicts draws them. OUT holds `right.jsonl`, the right answers;
`mends.jsonl`, the wrong ones with what the Verifier found as the question and a right one to the
same task as the answer; `pairs.jsonl`, both as pairs; and `pool.json`, how many there are.
The same command goes on where it was cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import msgspec

from rtlbench.cli import run
from rtlbench.cli.options import model_options
from rtlbench.dataset.files import writing
from rtlbench.dataset.filter.written import reason_of
from rtlbench.errors import UserError
from rtlbench.generate.answer import ANSWERED, Request, request_seed
from rtlbench.io.atomic import write_whole
from rtlbench.io.progress import waiting
from rtlbench.judging.judge import Judge
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Record
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.refine.exercises import Draft, prompt_of
from rtlbench.rewards.functions import right
from rtlbench.rtl.extraction import extract
from rtlbench.training.pairs import JudgedPair
from rtlbench.training.tasks import TaskStream, chosen_families

ANSWERS = "answers.jsonl"
RIGHT, MENDS, PAIRS, COUNTS = "right.jsonl", "mends.jsonl", "pairs.jsonl", "pool.json"
SOURCE = "own-answer"


class JudgedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to a task, and what the Verifier says of it."""

    spec: Spec
    text: str
    verdict: Verdict


class PoolCounts(msgspec.Struct, frozen=True, kw_only=True):
    """pool.json."""

    tasks: int
    answers: int
    right: int
    wrong: int
    unjudged: int
    pairs: int
    """Of a wrong answer and a right one to the same task, and so mends as well."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@model_options
@click.option("--families", default="", metavar="A,B", help="Of these alone; default: all.")
@click.option("--draw", default=0, show_default=True, help="Seed that draws the tasks.")
@click.option("--tasks", type=click.IntRange(min=1), required=True, help="How many.")
@click.option("--answers", type=click.IntRange(min=2), default=8, show_default=True,
              help="To each.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER")
@click.option("-n", "--workers", type=click.IntRange(min=1), help="Processes that judge; default: "
              "one a core.")
def pool(
    model: dict[str, Any], families: str, draw: int, tasks: int, answers: int, out: Path,
    workers: int | None,
) -> None:  # fmt: skip
    """Have a model answer tasks of the training part, and write what can be learnt from that."""
    from rtlbench.generate.source import generation

    asked = generation(model)
    if asked is None:
        raise UserError("--model: say who is to answer")
    stream = TaskStream(chosen_families((), [f for f in families.split(",") if f]), draw)
    specs = [stream.next() for _ in range(tasks)]
    out.mkdir(parents=True, exist_ok=True)
    texts = _answered(asked, specs, answers, out / ANSWERS)
    with Judge(workers=workers) as judge:
        judged = judged_answers(specs, texts, judge)
    write_pool(judged, len(texts), out)


def judged_answers(
    specs: Sequence[Spec], texts: Sequence[tuple[int, str]], judge: Judge
) -> list[JudgedAnswer]:
    """Those of which the harness can tell: of tasks whose golden is right.

    Args:
        texts: Each with its task's place in `specs`.
    """
    goldens = judge.judge_each(specs, [Candidate(text=s.golden) for s in specs])
    asked = [(specs[at], text) for at, text in texts if right(goldens[at])]
    found = judge.judge_each([s for s, _ in asked], [Candidate(text=text) for _, text in asked])
    return [
        JudgedAnswer(spec=spec, text=text, verdict=verdict)
        for (spec, text), verdict in zip(asked, found, strict=True)
        if verdict.outcome is not Outcome.ERROR and (right(verdict) or _is_wrong(verdict))
    ]


def write_pool(judged: Sequence[JudgedAnswer], asked: int, out: Path) -> None:
    """The files of a pool.

    Args:
        judged: Answers to one task beside each other.
        asked: Answers that the model gave.
    """
    good = [j for j in judged if right(j.verdict)]
    pairs = list(paired(judged))
    with writing(out / RIGHT) as writer:
        for answer in good:
            writer.write(_record(answer, answer.spec.prompt, answer))
    with writing(out / MENDS) as writer:
        for wrong, fixed in pairs:
            writer.write(_record(fixed, mend_prompt(wrong), wrong))
    lines = [msgspec.json.encode(_pair(wrong, fixed)) + b"\n" for wrong, fixed in pairs]
    write_whole(out / PAIRS, b"".join(lines))
    counts = PoolCounts(
        tasks=len({j.spec.id for j in judged}), answers=asked, right=len(good),
        wrong=len(judged) - len(good), unjudged=asked - len(judged), pairs=len(pairs),
    )  # fmt: skip
    write_whole(out / COUNTS, msgspec.json.encode(counts) + b"\n")


def paired(judged: Sequence[JudgedAnswer]) -> Iterator[tuple[JudgedAnswer, JudgedAnswer]]:
    """Each wrong answer with a right one to the same task, the right ones by turns."""
    for _, group in groupby(judged, key=lambda j: j.spec.id):
        own = list(group)
        good = [j for j in own if right(j.verdict)]
        wrong = [j for j in own if not right(j.verdict)]
        if good:
            yield from ((w, good[k % len(good)]) for k, w in enumerate(wrong))


def mend_prompt(wrong: JudgedAnswer) -> str:
    """The task, the wrong answer, and what the Verifier found: as exercises have it."""
    given = extract(wrong.text, wrong.spec.top, wrong.spec.prompt).rtl
    return prompt_of(Draft(kind="mend", spec=wrong.spec, given=given), wrong.verdict)


def _answered(
    asked: Any, specs: Sequence[Spec], answers: int, path: Path
) -> list[tuple[int, str]]:
    from rtlbench.generate.answers_file import AnswersFile, Order, generate

    requests = [
        Request(spec_id=s.id, sample=k, prompt=s.prompt, category=s.category,
                seed=request_seed(asked.sampling_seed, s.id, k))
        for s in specs for k in range(answers)
    ]  # fmt: skip
    with waiting("asking", "answers", len(requests)) as phase:
        generate(Order(generation=asked, requests=requests, path=str(path)), phase.at)
    file = AnswersFile(path)
    file.catch_up()
    given = {(a.spec_id, a.sample): a.completion for a in file.every() if a.ended == ANSWERED}
    places = {s.id: at for at, s in enumerate(specs)}
    return [(places[r.spec_id], given[r.spec_id, r.sample]) for r in requests
            if (r.spec_id, r.sample) in given]  # fmt: skip


def _is_wrong(verdict: Verdict) -> bool:
    return verdict.outcome in (Outcome.FAIL, Outcome.TIMEOUT)


def _record(answer: JudgedAnswer, instruction: str, of: JudgedAnswer) -> Record:
    return Record(
        instruction=instruction,
        output=answer.text,
        metadata={"source": SOURCE, "category": answer.spec.category, "task": of.spec.id},
    )


def _pair(wrong: JudgedAnswer, fixed: JudgedAnswer) -> JudgedPair:
    return JudgedPair(
        prompt=wrong.spec.prompt, chosen=fixed.text, rejected=wrong.text,
        metadata={"refused": reason_of(wrong.verdict), "task": wrong.spec.id},
    )  # fmt: skip


if __name__ == "__main__":
    run(pool, "pool")
