"""Recorded answers: JSONL, one answer a line, read by position so that memory stays flat.

`CandidateFile` holds answers to judge. A line:
`{"spec_id": …, "sample": 0, "rtl": … or "completion": …, "model": …}`. A line that cannot be used
becomes a Problem with its place and remedy; it never stops a run.

`RecordedTurns` is the source of `--model recorded:FILE.jsonl`: such lines with `turn`, from 1,
where one answers what was asked after a wrong answer. Nothing is drawn: the sampling plays no part.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import ANSWERED, Answer, Generator, Request, answer_to
from rtlbench.generate.source import Generation
from rtlbench.io.log import bounded_lines
from rtlbench.io.untrusted import from_json, one_line
from rtlbench.records.candidate import Candidate

MAX_LINE = 64 << 20
"""Bytes; no answer is as long."""
MAX_NAME = 80
MAX_PROBLEMS = 1000
"""Problems kept; further ones are counted."""
_BOM = b"\xef\xbb\xbf"
TurnKey = tuple[str, int, int]
"""Task, sample and turn."""


class CandidateLine(msgspec.Struct, frozen=True):
    """A line of a candidates file; other fields are ignored."""

    spec_id: str
    sample: int = 0
    rtl: str | None = None
    completion: str | None = None
    model: str = "unknown"
    finish_reason: str | None = None
    ended: str = ANSWERED
    why: str = ""


class Problem(msgspec.Struct, frozen=True):
    """Input that could not be used: where, what, and what to do."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class LinePlace(msgspec.Struct, frozen=True, gc=False):
    """Where a usable line lies."""

    offset: int
    line: int
    sample: int


class CandidateFile:
    """An index of a candidates file by spec; answers are read when asked for.

    Raises:
        UserError: The file does not exist or cannot be read.
    """

    def __init__(self, path: Path, known: Collection[str]) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.problem_count = 0
        self._hints: dict[str, str | None] = {}
        self.places: dict[str, list[LinePlace]] = defaultdict(list)
        if path.exists() and not path.is_file() and not path.is_dir():
            raise UserError(
                f"{path}: answers are read by position, and this is no plain file; write them to a "
                "JSONL file and give that by --candidates"
            )
        try:
            self._index(set(known))
        except OSError as e:
            raise UserError(
                f"{path}: cannot read the candidates file ({e.strerror}); "
                "give a JSONL file by --candidates"
            ) from e

    def count(self, spec_ids: Collection[str], samples: int | None = None) -> int:
        """How many answers there are to these Specs, the first `samples` of each."""
        return sum(len(self.places.get(each, [])[:samples]) for each in spec_ids)

    def has(self, spec_id: str) -> bool:
        """Whether there are answers to a Spec."""
        return bool(self.places.get(spec_id))

    def answers(self, spec_id: str, samples: int | None = None) -> Iterator[Candidate]:
        """The answers to a spec in the file's order, the first `samples` of them."""
        with self.path.open("rb") as file:
            for place in self.places.get(spec_id, [])[:samples]:
                file.seek(place.offset)
                line = msgspec.json.decode(_stripped(file.readline()), type=CandidateLine)
                yield Candidate(
                    text=line.rtl if line.rtl is not None else line.completion or "",
                    spec_id=line.spec_id,
                    sample=place.sample,
                    model=line.model,
                    finish_reason=line.finish_reason,
                    origin=f"{self.path}:{place.line}",
                )

    def _index(self, known: set[str]) -> None:
        lines_by_key: dict[tuple[str, str, int], int] = {}
        names: dict[str, str] = {}
        with self.path.open("rb") as file:
            for number, (at, raw, _) in enumerate(bounded_lines(file, MAX_LINE), 1):
                if not _stripped(raw).strip():
                    continue
                line = self._parse(number, raw)
                if line is None or not self._is_known(number, line.spec_id, known):
                    continue
                spec_id, model = (names.setdefault(n, n) for n in (line.spec_id, line.model))
                key = (spec_id, model, line.sample)
                if key in lines_by_key:
                    first = lines_by_key[key]
                    self._problem(
                        number,
                        f"sample {line.sample} of {spec_id} by {model[:MAX_NAME]} is already on "
                        f"line {first}; give each answer its own `sample` number",
                    )
                    continue
                lines_by_key[key] = number
                self.places[spec_id].append(LinePlace(at, number, line.sample))

    def _parse(self, number: int, raw: bytes) -> CandidateLine | None:
        if len(raw) > MAX_LINE:
            self._problem(number, f"is longer than {MAX_LINE >> 20} MB; mend or remove the line")
            return None
        try:
            line = from_json(_stripped(raw), CandidateLine)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
            self._problem(number, f"not a candidate ({e}); mend or remove the line")
            return None
        if line.rtl is None and line.completion is None:
            self._problem(number, "has neither `rtl` nor `completion`; add the answer's text")
            return None
        if line.ended != ANSWERED:
            self._problem(number, f"no answer to judge, the request was {line.ended}: {line.why}")
            return None
        return line

    def _is_known(self, number: int, spec_id: str, known: set[str]) -> bool:
        if spec_id in known:
            return True
        name = spec_id[:MAX_NAME]
        if name not in self._hints and len(self.problems) < MAX_PROBLEMS:
            self._hints[name] = _closest(name, known)
        close = self._hints.get(name)
        hint = f"; did you mean {close}?" if close else "; see `rtlbench specs list`"
        self._problem(number, f"unknown spec {name!r}{hint}")
        return False

    def _problem(self, number: int, message: str) -> None:
        self.problem_count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(f"{self.path}:{number}", one_line(message)))


def _stripped(raw: bytes) -> bytes:
    return raw.removeprefix(_BOM)


def _closest(name: str, known: set[str]) -> str | None:
    import difflib

    return next(iter(difflib.get_close_matches(name, known, 1)), None)


class RecordedTurn(msgspec.Struct, frozen=True):
    """A line of a file that answers in turns; other fields are ignored."""

    spec_id: str
    sample: int = 0
    turn: int = 1
    rtl: str | None = None
    completion: str | None = None
    finish_reason: str | None = None


_TURN = msgspec.json.Decoder(RecordedTurn)


class RecordedTurns:
    """The answers in one file; only their places are kept in memory.

    Raises:
        UserError: The file cannot be read, or a line is no answer.
    """

    def __init__(self, asked: Generation, name: str) -> None:
        self.path = Path(name)
        self.generator = self.describe(asked, name)
        self._sampling = asked.sampling
        self._places: dict[TurnKey, int] = {}
        try:
            self._index()
        except OSError as e:
            raise _unreadable(asked, e) from e

    @staticmethod
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
                line = _TURN.decode(file.readline())
                text = line.completion if line.completion is not None else line.rtl or ""
                yield answer_to(
                    request, text, self.generator, self._sampling, finish_reason=line.finish_reason
                )

    def _index(self) -> None:
        with self.path.open("rb") as file:
            for number, (place, raw, _) in enumerate(bounded_lines(file, MAX_LINE), 1):
                if raw.strip():
                    self._note(raw, place, number)

    def _note(self, raw: bytes, place: int, number: int) -> None:
        where = f"{self.path}:{number}"
        try:
            line = from_json(raw, RecordedTurn)
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
