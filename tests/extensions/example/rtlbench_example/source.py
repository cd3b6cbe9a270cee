"""A source of answers: it says the same thing each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rtlbench.generate.answer import Answer, Generator, Request
from rtlbench.generate.course import Course
from rtlbench.generate.source import Generation


class Parrot:
    """Gives every request the module that it asks for, empty."""

    def __init__(self, asked: Generation, name: str) -> None:
        self._generator, self._sampling = self.describe(asked, name), asked.sampling

    @staticmethod
    def describe(asked: Generation, name: str) -> Generator:
        """Who answers."""
        return Generator(source="parrot", model=name)

    def answers(
        self, requests: Sequence[Request], course: Course | None = None
    ) -> Iterator[Answer]:
        """An Answer to each."""
        for one in requests:
            text = f"module {one.top}(); endmodule"
            yield Answer(
                spec_id=one.spec_id, sample=one.sample, completion=text,
                model=self._generator.name, finish_reason="stop",
                sampling=self._sampling, generator=self._generator,
            )  # fmt: skip
