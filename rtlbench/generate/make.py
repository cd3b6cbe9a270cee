"""Generating what is missing of an answers file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.generate.answer import Request, Usage, usage_of
from rtlbench.generate.answers_file import AnswersFile
from rtlbench.generate.options import Generation
from rtlbench.generate.source import describe, open_source

Tell = Callable[[int, int], None]
"""Called with how many answers there are, and how many are wanted."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What one process is to generate."""

    generation: Generation
    requests: list[Request]
    path: str
    """The answers file."""


def generate(order: Order, tell: Tell | None = None) -> Usage:
    """Generate the answers of `order` that its file does not hold yet; what making them took.

    Raises:
        UserError: The file holds other answers, or the source cannot be used or gives up.
        HarnessError: The source left a request without an answer.
    """
    file = AnswersFile(Path(order.path))
    with file.exclusive():
        generator = describe(order.generation)
        file.refuse_difference(order.requests, generator, order.generation.sampling)
        missing = missing_of(order.requests, file)
        made = []
        if missing:
            for answer in open_source(order.generation).answers(missing):
                file.append([answer])
                made.append(answer)
                if tell is not None:
                    tell(len(order.requests) - len(missing) + len(made), len(order.requests))
        if left := missing_of(order.requests, file):
            raise HarnessError(
                f"{order.generation.model} left {len(left)} requests without an answer, "
                f"the first of them sample {left[0].sample} of {left[0].spec_id}"
            )
        return usage_of(made)


def missing_of(requests: Sequence[Request], file: AnswersFile) -> list[Request]:
    """The requests that the file holds no answer to."""
    return [r for r in requests if (r.spec_id, r.sample) not in file.places]
