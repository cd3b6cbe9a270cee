"""Answers as they stand in a file: `--model recorded:FILE.jsonl`.

A line is a candidate's (`spec_id`, `sample`, `completion` or `rtl`), with `turn`, from 1, where it
answers what was asked after a wrong answer. Nothing is drawn: the sampling plays no part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import Answer, Generator, Request, Sampling, prompt_hash
from rtlbench.generate.options import Generation
from rtlbench.generate.recorded import MAX_LINE
from rtlbench.io.log import bounded_lines
from rtlbench.io.untrusted import one_line

Key = tuple[str, int, int]
"""Task, sample and turn."""


class RecordedTurn(msgspec.Struct, frozen=True):
    """A line; other fields are ignored."""

    spec_id: str
    sample: int = 0
    turn: int = 1
    rtl: str | None = None
    completion: str | None = None
    finish_reason: str | None = None


_DECODER = msgspec.json.Decoder(RecordedTurn)


def describe(asked: Generation, name: str) -> Generator:
    """Who will answer: the file, by its hash.

    Raises:
        UserError: It cannot be read.
    """
    try:
        with Path(name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as e:
        raise _unreadable(asked, e) from e
    return Generator(source="recorded", model=Path(name).stem, revision=digest)


def open_source(asked: Generation, name: str) -> RecordedTurns:
    """The answers, indexed.

    Raises:
        UserError: The file cannot be read, or a line is no answer.
    """
    return RecordedTurns(Path(name), describe(asked, name), asked)


class RecordedTurns:
    """The answers in one file; only their places are kept in memory.

    Raises:
        UserError: The file cannot be read, or a line is no answer.
    """

    def __init__(self, path: Path, generator: Generator, asked: Generation) -> None:
        self.path = path
        self.generator = generator
        self._sampling: Sampling = asked.sampling
        self._places: dict[Key, int] = {}
        try:
            self._index()
        except OSError as e:
            raise _unreadable(asked, e) from e

    def answers(self, requests: Sequence[Request]) -> Iterator[Answer]:
        """An Answer to each request, in order.

        Raises:
            UserError: The file has none.
        """
        with self.path.open("rb") as file:
            for request in requests:
                place = self._places.get((request.spec_id, request.sample, request.turn))
                if place is None:
                    raise UserError(
                        f"{self.path}: no answer to {request.spec_id}, sample {request.sample}, "
                        f"turn {request.turn}; add a line, or ask for fewer turns or samples"
                    )
                file.seek(place)
                yield self._answer(request, _DECODER.decode(file.readline()))

    def _answer(self, request: Request, line: RecordedTurn) -> Answer:
        return Answer(
            spec_id=request.spec_id,
            sample=request.sample,
            completion=line.completion if line.completion is not None else line.rtl or "",
            model=self.generator.name,
            finish_reason=line.finish_reason,
            seed=request.seed,
            prompt_hash=prompt_hash(request.prompt),
            sampling=self._sampling,
            generator=self.generator,
        )

    def _index(self) -> None:
        with self.path.open("rb") as file:
            for number, (place, raw, _) in enumerate(bounded_lines(file, MAX_LINE), 1):
                if raw.strip():
                    self._note(raw, place, number)

    def _note(self, raw: bytes, place: int, number: int) -> None:
        where = f"{self.path}:{number}"
        try:
            line = _DECODER.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
            raise UserError(f"{where}: not an answer ({one_line(str(e), 120)}); mend it") from e
        key = (line.spec_id, line.sample, line.turn)
        if key in self._places:
            raise UserError(f"{where}: this task, sample and turn has an answer already; remove it")
        self._places[key] = place


def _unreadable(asked: Generation, error: OSError) -> UserError:
    return UserError(
        f"--model {asked.model}: cannot read the answers ({error.strerror}); give a JSONL file"
    )
