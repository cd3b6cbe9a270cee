"""`samples.jsonl`: append-only, one Verdict a line; the newest line of a key counts.

Guarantee: a Verdict that `append` has returned for is on the disk, whole, once. Several processes
may append at a time, and one that judged what another had judged already adds nothing. An outcome
`error` speaks of the harness: it is kept, but its answer is open, and a later Verdict of the same
key is added behind it. A line that a kill or a power cut has torn is moved aside, never silently
dropped, and its answer judged again; so is a line that no run wrote, or that was edited since
(rtlbench.runs.sums). A Verdict that does not follow from its own Checks is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate, takewhile
from pathlib import Path

import msgspec
from filelock import FileLock

from rtlbench.errors import UserError
from rtlbench.io import log
from rtlbench.io.atomic import append_whole
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.runs.sums import AnswersRecord, Sums, record_of, sum_of
from rtlbench.scoring import fault_of

SAMPLES = "samples.jsonl"
TORN = "samples.torn"
SUPERSEDED = "samples.superseded"
LOCK = ".lock"
JUNIT = "junit.xml"


class _Key(msgspec.Struct, frozen=True):
    key: str = ""
    outcome: Outcome = Outcome.PASS


class AnswerOf(msgspec.Struct, frozen=True):
    """Of a Verdict, which answer it is of."""

    spec_id: str | None = None
    model: str = ""
    sample: int = 0
    candidate_hash: str = ""


_KEYS = msgspec.json.Decoder(_Key)
_ANSWERS = msgspec.json.Decoder(AnswerOf)
_VERDICTS = msgspec.json.Decoder(Verdict)


class Samples:
    """The Verdicts of one results folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.samples = folder / SAMPLES
        self.torn = 0
        """Torn lines that this process moved aside."""
        self.foreign = 0
        """Lines that no run had written as they were, which it moved aside too."""
        self.lost = 0
        """Lines on record that were not there."""
        self.older = 0
        """Lines that were there before any record was kept."""
        self._aside = folder / TORN
        self._lock = FileLock(str(folder / LOCK))
        self._told: dict[str, int] = {}
        self._errors: dict[str, int] = {}
        self._seen_to = 0
        self._count = 0
        self._sums = Sums(folder)
        self._is_held = False

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep every other process from writing in the folder.

        Raises:
            UserError: What is done within cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._refuse_links()
            with self._lock:
                yield
        except OSError as e:
            raise UserError(unwritable(self.path, e)) from e

    def _refuse_links(self) -> None:
        """What another account put here in advance must not lead to files elsewhere, nor hang."""
        names = (LOCK, JUNIT, SUPERSEDED)
        ours = (self.samples, self._aside, self._sums.path, *(self.path / n for n in names))
        for path in ours:
            if path.is_symlink() or (path.exists() and not path.is_file()):
                raise UserError(
                    f"{path}: is a link or no plain file, and would be written to; remove it, or "
                    "choose another folder by --results"
                )

    def append(self, verdicts: Iterable[Verdict]) -> None:
        """Add in one piece what `verdicts` say that is not recorded yet.

        Raises:
            UserError: They cannot be written; then none of them is.
        """
        with self.exclusive():
            self.catch_up()
            fresh = {v.key or id(v): v for v in verdicts if self._is_news(v)}
            lines = [msgspec.json.encode(v) + b"\n" for v in fresh.values()]
            if lines:
                self._sums.note(lines, self._count)
                append_whole(self.samples, b"".join(lines))
            self.catch_up()

    def recorded(self) -> Mapping[str, int]:
        """Offset of every recorded Verdict that speaks of its answer, by key.

        Raises:
            UserError: A line is not a Verdict.
        """
        if self.samples.is_file():
            with self.exclusive():
                self.catch_up()
        return self._told

    def supersede(self, is_current: Callable[[AnswerOf], bool]) -> int:
        """Move aside the Verdicts of answers that are no longer those to be judged; how many.

        Raises:
            UserError: A line is not a Verdict, or they cannot be moved.
        """
        if not self.samples.is_file():
            return 0
        with self.exclusive():
            self.catch_up()
            old = [
                (at, line) for at, line in self._lines() if not is_current(self._answer(line, at))
            ]
            self._blank(old, self.path / SUPERSEDED)
            if old:
                self._sums.replace([sum_of(line) for _, line in self._lines()])
                self._told, self._errors, self._seen_to, self._count = {}, {}, 0, 0
                self.catch_up()
        return len(old)

    def _answer(self, line: bytes, offset: int) -> AnswerOf:
        try:
            return _ANSWERS.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
            raise UserError(self._broken(offset, e)) from e

    def verdicts(self) -> Iterator[Verdict]:
        """Every Verdict that counts; the last line may be one that is being written.

        Raises:
            UserError: A line is not a Verdict.
        """
        newest: dict[str, int] = {}
        for offset, line in self._lines():
            newest[self._key(line, offset).key] = offset
        for offset, line in self._lines():
            key = self._key(line, offset).key
            if not key or newest.get(key, offset) == offset:
                yield self._verdict(line, offset)

    def read_at(self, offset: int) -> Verdict:
        """The Verdict that begins at `offset`."""
        with self.samples.open("rb") as file:
            file.seek(offset)
            return self._verdict(file.readline(), offset)

    def _is_news(self, verdict: Verdict) -> bool:
        if verdict.key in self._told:
            return False
        before = self._errors.get(verdict.key)
        is_error = verdict.outcome is Outcome.ERROR
        return before is None or not is_error or self.read_at(before) != verdict

    def catch_up(self) -> None:
        """Read what was added since the last look; for use within `exclusive`.

        Raises:
            UserError: A line is not a Verdict.
        """
        if self.samples.is_file():
            self._set_tail_aside()
        if not self._is_held:
            self._hold_to_sums()
        if not self.samples.is_file():
            return
        for offset, line in self._lines(self._seen_to):
            self._note(self._key(line, offset), offset)
            self._count += 1
        self._seen_to = self.samples.stat().st_size

    @property
    def has_sums(self) -> bool:
        """Whether the file of sums is there."""
        return self._sums.path.is_file()

    def record(self) -> AnswersRecord:
        """What there is to note of the lines as they are."""
        return record_of(line for _, line in self._lines())

    def _hold_to_sums(self) -> None:
        """Move aside what no run wrote, and note what is lost: once, before the first look."""
        self._is_held = True
        known, kept = self._sums.read(), []
        left = Counter(known or ())
        foreign: list[tuple[int, bytes]] = []
        for offset, line in self._lines():
            own = sum_of(line)
            if known is None or left[own]:
                left[own] -= 1
                kept.append(own)
            else:
                foreign.append((offset, line))
        self._blank(foreign)
        self.older = len(kept) if known is None else 0
        self.foreign = len(foreign)
        self.lost = max(0, len(known or ()) - len(kept) - len(foreign) - self.torn)
        if kept != (known or []):
            self._sums.replace(kept)

    def _note(self, line: _Key, offset: int) -> None:
        if line.key and line.outcome is Outcome.ERROR:
            self._errors[line.key] = offset
            self._told.pop(line.key, None)
        elif line.key:
            self._told[line.key] = offset
            self._errors.pop(line.key, None)

    def _lines(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Offset and text of every whole line that is not blank."""
        return ((at, line) for at, line in log.whole_lines(self.samples, start) if line.strip())

    def _key(self, line: bytes, offset: int) -> _Key:
        try:
            return _KEYS.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
            raise UserError(self._broken(offset, e)) from e

    def _verdict(self, line: bytes, offset: int) -> Verdict:
        try:
            found = _VERDICTS.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
            raise UserError(self._broken(offset, e)) from e
        if fault := fault_of(found):
            raise self.unfit(offset, fault)
        return found

    def unfit(self, offset: int, why: str) -> UserError:
        """What to raise of a Verdict, at `offset`, that cannot be used."""
        return UserError(self._broken(offset, why))

    def _broken(self, offset: int, error: Exception | str) -> str:
        """What to say of the line that begins at `offset`."""
        with self.samples.open("rb") as file:
            ends = accumulate(len(line) for line in file)
            number = 1 + sum(1 for _ in takewhile(lambda end: end <= offset, ends))
        return (
            f"{self.samples}:{number}: not a verdict ({error}); "
            "move the line elsewhere and run again"
        )

    def _set_tail_aside(self) -> None:
        """Move a torn last line aside, and before the first look every line with zero bytes."""
        if not self._seen_to:
            self.torn += self._blank(list(_lines_with_zeros(self.samples)))
        self.torn += log.set_torn_line_aside(self.samples, self._aside)

    def _blank(self, lines: Sequence[tuple[int, bytes]], aside: Path | None = None) -> int:
        """Move lines aside; how many. Where they stood there are blanks, since other processes go
        by offsets."""
        if not lines:
            return 0
        with self.samples.open("r+b") as file:
            for offset, text in lines:
                append_whole(aside or self._aside, text)
                file.seek(offset)
                file.write(b" " * (len(text) - 1))
        return len(lines)


def unwritable(folder: Path, error: OSError) -> str:
    """What to say where results cannot be written."""
    return (
        f"{folder}: cannot write results there ({error.strerror or error}); what is recorded is "
        "kept: mend that and run again, or choose another folder by --results"
    )


def _lines_with_zeros(path: Path) -> Iterator[tuple[int, bytes]]:
    """What a file system leaves of blocks that it lost: no JSON, whatever stands around it."""
    return ((at, line) for at, line in log.whole_lines(path) if b"\0" in line)
