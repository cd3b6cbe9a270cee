"""An answers file, and generating what is missing of it: JSONL, append-only, one Answer a line,
written by one process at a time.

Guarantee: an Answer that `append` has returned for is on the disk, whole, once. A last line that a
kill has torn is moved aside into `NAME.torn`, and its answer generated again. A file belongs to one
generator, one sampling and one wording of the tasks: going on with another is refused.

Requests that failed on the way have a file beside it, `NAME.failed.jsonl`: whoever goes on puts it
aside, under another number, and asks them again.
"""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError, UserError
from rtlbench.generate.answer import (
    Answer,
    Generator,
    Request,
    Sampling,
    Usage,
    prompt_hash,
    usage_of,
)
from rtlbench.generate.asked import sampled_with, write_asked
from rtlbench.generate.course import Course, StoppedError, log_of
from rtlbench.generate.source import Generation, describe, open_source
from rtlbench.generate.wording import Wording
from rtlbench.io import log
from rtlbench.io.atomic import take
from rtlbench.io.configuration import in_words

TellCounts = Callable[[int, int], None]
"""Called with how many answers there are, and how many are wanted."""
AnswerKey = tuple[str, int]
"""Spec and sample."""
WAIT = 30.0
"""Seconds to wait for a process that was killed a moment ago to let go."""
_DECODER = msgspec.json.Decoder(Answer)


class AnswersFile:
    """What has been generated so far, by Spec and sample; `catch_up` reads on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: dict[AnswerKey, tuple[int, int]] = {}
        """Offset and line number of every answer."""
        self.failed: dict[AnswerKey, Answer] = {}
        """Requests without an answer, since somebody last began to ask."""
        self._failures = path.with_name(f"{path.stem}.failed.jsonl")
        self._seen_to = 0
        self._lines = 0

    def catch_up(self) -> list[Answer]:
        """The whole lines that were added since the last look.

        Raises:
            UserError: One of them is not an answer, or an answer comes twice.
        """
        added: list[Answer] = []
        for _, line in log.whole_lines(self.path, self._seen_to):
            self._lines += 1
            if line.strip():
                added.append(self._note(line))
            self._seen_to += len(line)
        self._catch_up_on_failures()
        return added

    def _catch_up_on_failures(self) -> None:
        """Few, and in a file that can be put aside meanwhile: read whole."""
        self.failed = {}
        if not self._failures.exists():
            return
        for _, line in log.whole_lines(self._failures, 0):
            answer = _DECODER.decode(line)
            self.failed[answer.spec_id, answer.sample] = answer

    def set_failures_aside(self) -> None:
        """Have what failed be asked again; its record is kept.

        Raises:
            UserError: It cannot be moved.
        """
        number = 1
        while (kept := self.path.with_name(f"{self.path.stem}.failed.{number}.jsonl")).exists():
            number += 1
        try:
            if self._failures.exists():
                self._failures.rename(kept)
        except OSError as e:
            raise UserError(self._unwritable(e)) from e
        self.failed = {}

    def failed_before(self) -> set[AnswerKey]:
        """The requests that failed in earlier runs."""
        aside = self.path.parent.glob(f"{glob.escape(self.path.stem)}.failed.*.jsonl")
        every = (_DECODER.decode(x) for path in aside for _, x in log.whole_lines(path))
        return {(a.spec_id, a.sample) for a in every}

    def read(self, key: AnswerKey) -> Answer:
        """The answer that is known of by `key`."""
        with self.path.open("rb") as file:
            file.seek(self.places[key][0])
            return _DECODER.decode(file.readline())

    def ended(self, key: AnswerKey) -> Answer | None:
        """How the request by `key` ended, if it has."""
        if key in self.places:
            return self.read(key)
        return self.failed.get(key)

    def every(self) -> Iterator[Answer]:
        """All answers known of."""
        if not self.places:
            return
        with self.path.open("rb") as file:
            for offset, _ in self.places.values():
                file.seek(offset)
                yield _DECODER.decode(file.readline())

    def append(self, answers: Iterable[Answer]) -> None:
        """Add answers; for use within `exclusive`.

        Raises:
            UserError: They cannot be written; then none of them is.
        """
        every = list(answers)
        failed = [a for a in every if a.ended == "failed"]
        try:
            if whole := [a for a in every if a.ended != "failed"]:
                log.append(self.path, whole)
            if failed:
                log.append(self._failures, failed)
        except OSError as e:
            raise UserError(self._unwritable(e)) from e
        self.catch_up()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Be the one process that writes; a torn last line is moved aside first.

        Raises:
            UserError: Another process writes, or the file cannot be used.
        """
        busy = f"{self.path}: another process writes answers there; wait for it, or end it"
        lock = self.path.with_name(f".{self.path.name}.lock")
        with take(lock, busy, self._unwritable, WAIT):
            self.catch_up()
            try:
                log.set_torn_line_aside(self.path, self.path.with_name(f"{self.path.stem}.torn"))
            except OSError as e:
                raise UserError(self._unwritable(e)) from e
            yield

    def refuse_difference(
        self, requests: Sequence[Request], generator: Generator, sampling: Sampling
    ) -> list[str]:
        """Make sure that what is there and what is asked for belong together; what may differ, and
        does: the address of the same model.

        Raises:
            UserError: They do not; the message names the first difference.
        """
        prompts = {(r.spec_id, r.sample): prompt_hash(r.prompt) for r in requests}
        elsewhere: set[str] = set()
        for answer in self.every():
            key = (answer.spec_id, answer.sample)
            if answer.generator.base_url != generator.base_url:
                elsewhere.add(answer.generator.base_url)
            here = msgspec.structs.replace(answer.generator, base_url=generator.base_url)
            difference = (
                in_words(here, generator)
                or in_words(answer.sampling, sampling)
                or ("prompt: other words" if prompts.get(key, answer.prompt_hash)
                    != answer.prompt_hash else "")
            )  # fmt: skip
            if difference:
                raise UserError(
                    f"{self.path}:{self.places[key][1]}: holds answers that were asked for "
                    f"otherwise ({difference}); choose another file, or remove this one"
                )
        return [f"earlier answers came from {url}" for url in sorted(elsewhere)]

    def _note(self, line: bytes) -> Answer:
        where = f"{self.path}:{self._lines}"
        try:
            answer = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
            raise UserError(
                f"{where}: not a generated answer ({e}); move the line elsewhere and run again"
            ) from e
        key = (answer.spec_id, answer.sample)
        if key in self.places:
            raise UserError(
                f"{where}: sample {answer.sample} of {answer.spec_id} is already on line "
                f"{self.places[key][1]}; move one of them elsewhere and run again"
            )
        self.places[key] = (self._seen_to, self._lines)
        return answer

    def _unwritable(self, error: OSError) -> str:
        return (
            f"{self.path}: cannot write answers there ({error.strerror or error}); what is "
            "recorded is kept: mend that and run again, or choose another place"
        )


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What one process is to generate."""

    generation: Generation
    requests: list[Request]
    path: str
    """The answers file."""
    wording: Wording | None = None
    """How the tasks were put, for the record."""


def generate(
    order: Order,
    tell: TellCounts | None = None,
    note: Callable[[str], None] | None = None,
    course: Course | None = None,
) -> Usage:
    """Generate the answers of `order` that its file does not hold yet; what making them took.

    Args:
        note: Told of what differs from before, and may.

    Raises:
        StoppedError: The course stopped before all of them were there.
        UserError: The file holds other answers, or the source cannot be used or gives up.
        HarnessError: The source left a request without an answer.
    """
    file = AnswersFile(Path(order.path))
    course = course or Course(log_of(file.path))
    with file.exclusive():
        generator = describe(order.generation)
        for each in file.refuse_difference(
            order.requests, generator, order.generation.sampling
        ):
            if note is not None:
                note(each)
        missing = begin_asking(order.requests, file, course)
        new = []
        if missing:
            worded = _note_wording(order, generator)
            for came in open_source(order.generation).answers(missing, course):
                answer = msgspec.structs.replace(came, wording=worded)
                file.append([answer])
                new.append(answer)
                if tell is not None:
                    tell(len(order.requests) - len(missing) + len(new), len(order.requests))
        left = missing_of(order.requests, file)
        if left and course.stopping:
            there = len(order.requests) - len(left)
            raise StoppedError(
                f"stopped with {there} of {len(order.requests)} answers in {order.path}; the same "
                "command goes on"
            )
        if left:
            raise HarnessError(
                f"{order.generation.model} left {len(left)} requests without an answer, "
                f"the first of them sample {left[0].sample} of {left[0].spec_id}"
            )
        return msgspec.structs.replace(usage_of(new), requests=course.requests or None)


def _note_wording(order: Order, generator: Generator) -> str:
    """Write the record beside the file; the hash of the words, which each line gets."""
    if order.wording is None:
        return ""
    sampled = sampled_with(generator, order.generation.device)
    write_asked(Path(order.path), order.wording, sampled)
    return order.wording.hash


def begin_asking(
    requests: Sequence[Request], file: AnswersFile, course: Course
) -> list[Request]:
    """The requests to ask, what failed before among them: it comes last, since it may fail for
    ever, and the rest need not wait for it.

    Raises:
        UserError: The record of what failed cannot be put aside.
    """
    file.set_failures_aside()
    course.failed_before = file.failed_before()
    return sorted(
        missing_of(requests, file), key=lambda r: (r.spec_id, r.sample) in course.failed_before
    )


def missing_of(requests: Sequence[Request], file: AnswersFile) -> list[Request]:
    """The requests that the file holds no answer to, nor that they failed."""
    keys = file.places.keys() | file.failed.keys()
    return [r for r in requests if (r.spec_id, r.sample) not in keys]
