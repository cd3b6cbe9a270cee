"""Recorded answers: read by position, so that memory stays flat.

`CandidateFile` holds answers to judge, in our own lines
(`{"spec_id": …, "sample": 0, "rtl": … or "completion": …, "model": …}`) or in the shapes of other
tools (rtlbench.intake). What cannot be used becomes a Problem with its place and remedy; it never
stops a run.

`RecordedTurns` is the source of `--model recorded:FILE.jsonl`: such lines with `turn`, from 1,
where one answers what was asked after a wrong answer. Nothing is drawn: the sampling plays no part.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.generate.answer import ANSWERED, Answer, Generator, Request, answer_to
from rtlbench.generate.asked import AskedOf
from rtlbench.generate.course import Course
from rtlbench.generate.source import Generation
from rtlbench.intake.answer_files import AnswerLines, cannot_read, unspooled
from rtlbench.intake.answers import answers_in
from rtlbench.intake.field_values import LayoutError
from rtlbench.intake.task_names import TaskNames
from rtlbench.io.log import bounded_lines
from rtlbench.io.untrusted import from_json, one_line
from rtlbench.records.candidate import Candidate

MAX_LINE = 64 << 20
"""Bytes; no answer is as long."""
MAX_NAME = 80
MAX_PROBLEMS = 1000
"""Problems kept; further ones are counted."""
UNKNOWN = "unknown"
"""The model, where nobody says which it was."""
_BOM = b"\xef\xbb\xbf"
TurnKey = tuple[str, int, int]
"""Task, sample and turn."""


class CandidateLine(msgspec.Struct, frozen=True):
    """A line of a candidates file as we write it; other shapes are read too."""

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
    """Where a usable answer lies."""

    offset: int
    line: int
    part: int
    """Which of the answers of one line."""
    sample: int
    model: str


class CandidateFile:
    """An index by spec of answers to judge; they are read when asked for.

    Args:
        given: A file or folder in one of the shapes of rtlbench.intake, or `-`: standard input.

    Raises:
        UserError: It does not exist, cannot be read, or is of no kind that is.
    """

    def __init__(self, given: Path | str, tasks: TaskNames) -> None:
        self.path = Path(given)
        self.problems: list[Problem] = []
        self.problem_count = 0
        self.places: dict[str, list[LinePlace]] = defaultdict(list)
        self.unnumbered = 0
        """Answers that nobody had numbered, and that were."""
        self.asked = AskedOf()
        """Who gave all of them and how that was asked, where every line says the same."""
        self.ended: dict[str, set[str]] = defaultdict(set)
        """By model, ids of tasks of which a request ended without an answer."""
        self._tasks = tasks
        if self.path.exists() and not self.path.is_file() and not self.path.is_dir():
            raise UserError(
                f"{given}: answers are read by position, and this is no plain file; write them to "
                "a JSONL file and give that by --candidates, or pipe them into `--candidates -`"
            )
        self._lines = AnswerLines(str(given), tasks, self._problem)
        self.lines_path = self._lines.path
        """The JSON lines that are read: the file itself, or what was made of it."""
        try:
            self._index()
        except OSError as e:
            raise cannot_read(self.path, e) from e

    @property
    def models(self) -> dict[str, int]:
        """How many answers each model gave, by its name."""
        return dict(Counter(p.model for places in self.places.values() for p in places))

    def count(self, spec_ids: Collection[str], samples: int | None = None) -> int:
        """How many answers there are to these Specs, the first `samples` of each."""
        return sum(len(self.places.get(each, [])[:samples]) for each in spec_ids)

    def has(self, spec_id: str) -> bool:
        """Whether there are answers to a Spec."""
        return bool(self.places.get(spec_id))

    def answered_by(self, model: str) -> set[str]:
        """Ids of the Specs that a model answered."""
        return {i for i, found in self.places.items() if any(p.model == model for p in found)}

    def answers(self, spec_id: str, samples: int | None = None) -> Iterator[Candidate]:
        """The answers to a spec in the file's order, the first `samples` of them."""
        with self.lines_path.open("rb") as file:
            for place in self.places.get(spec_id, [])[:samples]:
                file.seek(place.offset)
                where, record = unspooled(msgspec.json.decode(_stripped(file.readline())))
                given = answers_in(record)[place.part]
                yield Candidate(
                    text=given.text,
                    spec_id=spec_id,
                    sample=place.sample,
                    model=place.model,
                    finish_reason=given.finish_reason,
                    origin=where or f"{self.path}:{place.line}",
                )

    def _index(self) -> None:
        found: list[_Found] = []
        names: dict[str, str] = {}
        with self.lines_path.open("rb") as file:
            for number, (at, raw, _) in enumerate(bounded_lines(file, MAX_LINE), 1):
                if _stripped(raw).strip():
                    found += self._in_line(number, at, raw, names)
        self._number(found)

    def _in_line(
        self, number: int, at: int, raw: bytes, names: dict[str, str]
    ) -> Iterator[_Found]:
        where = f"{self.path}:{number}"
        if len(raw) > MAX_LINE:
            self._problem(where, f"is longer than {MAX_LINE >> 20} MB; mend or remove the line")
            return
        try:
            told, record = unspooled(from_json(_stripped(raw)))
            where = told or where
            self.asked.note(record)
            answers = answers_in(record)
        except LayoutError as e:
            self._problem(where, f"{e}; mend or remove it")
            return
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
            self._problem(where, f"not a candidate ({e}); mend or remove the line")
            return
        for part, given in enumerate(answers):
            try:
                spec_id, sample = self._tasks.find(given)
            except LayoutError as e:
                self._problem(where, str(e))
                continue
            if given.ended != ANSWERED:
                why = f"no answer to judge, the request was {given.ended}: {given.why}"
                self._problem(where, why)
                self.ended[given.model or UNKNOWN].add(spec_id)
                continue
            spec_id, model = (names.setdefault(n, n) for n in (spec_id, given.model or UNKNOWN))
            numbered = given.sample if given.sample is not None else sample
            yield _Found(spec_id, at, number, part, numbered, model, told)

    def _number(self, found: list[_Found]) -> None:
        """Give each answer without a number the first that is free; refuse numbers given twice."""
        lines: dict[tuple[str, str, int], int] = {}
        places = {each.line: each.told for each in found if each.told}
        for each in found:
            if each.sample is None:
                continue
            first = lines.setdefault((each.spec_id, each.model, each.sample), each.line)
            if first != each.line:
                self._problem(
                    each.told or f"{self.path}:{each.line}",
                    f"sample {each.sample} of {each.spec_id} by {each.model[:MAX_NAME]} is already "
                    f"{places.get(first) or f'on line {first}'}; give each answer its own `sample` "
                    "number",
                )
        following: Counter[tuple[str, str]] = Counter()
        for each in found:
            key, sample = (each.spec_id, each.model), each.sample
            if sample is None:
                self.unnumbered += 1
                while (*key, following[key]) in lines:
                    following[key] += 1
                sample = following[key]
                lines[(*key, sample)] = each.line
            elif lines[(*key, sample)] != each.line:
                continue
            self.places[each.spec_id].append(
                LinePlace(each.offset, each.line, each.part, sample, each.model)
            )

    def _problem(self, where: str, message: str) -> None:
        self.problem_count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(where, one_line(message)))


class _Found(msgspec.Struct, frozen=True, gc=False):
    """An answer whose number is not known yet."""

    spec_id: str
    offset: int
    line: int
    part: int
    sample: int | None
    model: str
    told: str
    """Where it came from, if not from this line."""


def _stripped(raw: bytes) -> bytes:
    return raw.removeprefix(_BOM)


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

    def answers(
        self, requests: Sequence[Request], course: Course | None = None
    ) -> Iterator[Answer]:
        """An Answer to each request, in order.

        Raises:
            UserError: The file has none.
        """
        with self.path.open("rb") as file:
            for request in requests:
                if course is not None and course.stopping:
                    return
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
