"""When to ask no more since too many requests fail."""

from __future__ import annotations

from rtlbench.errors import UserError
from rtlbench.generate.answer import Answer
from rtlbench.generate.course import Course
from rtlbench.generate.source import Generation, limit_of

FAILED_IN_A_ROW = 10
"""Requests that failed one after the other, whatever for: what is asked is down."""


class Failures:
    """Counts them as answers come.

    Args:
        where: What is asked, for the message.
        requests: How many there are in all.
    """

    def __init__(self, asked: Generation, where: str, requests: int, course: Course) -> None:
        self._most = limit_of(asked.fail_on_error, requests)
        self._where = where
        self._course = course
        self._failed = self._in_a_row = 0

    def too_many(self, answer: Answer) -> UserError | None:
        """Why to ask no more, where too many requests have failed."""
        if answer.ended != "failed":
            self._in_a_row = 0
            return None
        self._failed += 1
        self._in_a_row += (answer.spec_id, answer.sample) not in self._course.failed_before
        within = self._most is None or self._failed <= self._most
        if self._in_a_row < FAILED_IN_A_ROW and within:
            return None
        return UserError(
            f"{self._where}: {self._failed} requests failed, the last: {answer.why}; run the same "
            "again when it works, or see --fail-on-error"
        )
