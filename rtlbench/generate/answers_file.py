"""An answers file: JSONL, append-only, one Answer a line, written by one process at a time.

Guarantee: an Answer that `append` has returned for is on the disk, whole, once. A last line that a
kill has torn is moved aside into `NAME.torn`, and its answer generated again. A file belongs to one
generator, one sampling and one wording of the tasks: going on with another is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from rtlbench.errors import UserError
from rtlbench.generate.answer import Answer, Generator, Request, Sampling, prompt_hash
from rtlbench.io.atomic import append_whole

Key = tuple[str, int]
"""Spec and sample."""
WAIT = 30.0
"""Seconds to wait for a process that was killed a moment ago to let go."""
_DECODER = msgspec.json.Decoder(Answer)


class AnswersFile:
    """What has been generated so far, by Spec and sample; `catch_up` reads on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: dict[Key, tuple[int, int]] = {}
        """Offset and line number of every answer."""
        self._seen_to = 0
        self._lines = 0

    def catch_up(self) -> list[Answer]:
        """The whole lines that were added since the last look.

        Raises:
            UserError: One of them is not an answer, or an answer comes twice.
        """
        if not self.path.is_file():
            return []
        found: list[Answer] = []
        with self.path.open("rb") as file:
            file.seek(self._seen_to)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._lines += 1
                if line.strip():
                    found.append(self._note(line))
                self._seen_to += len(line)
        return found

    def read(self, key: Key) -> Answer:
        """The answer that is known of by `key`."""
        with self.path.open("rb") as file:
            file.seek(self.places[key][0])
            return _DECODER.decode(file.readline())

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
        text = b"".join(msgspec.json.encode(a) + b"\n" for a in answers)
        try:
            append_whole(self.path, text)
        except OSError as e:
            raise UserError(self._unwritable(e)) from e
        self.catch_up()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Be the one process that writes; a torn last line is moved aside first.

        Raises:
            UserError: Another process writes, or the file cannot be used.
        """
        lock = FileLock(str(self.path.with_name(f".{self.path.name}.lock")))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=WAIT)
        except Timeout as e:
            raise UserError(
                f"{self.path}: another process writes answers there; wait for it, or end it"
            ) from e
        except OSError as e:
            raise UserError(self._unwritable(e)) from e
        try:
            self._mend()
            yield
        finally:
            lock.release()

    def refuse_difference(
        self, requests: Sequence[Request], generator: Generator, sampling: Sampling
    ) -> None:
        """Make sure that what is there and what is asked for belong together.

        Raises:
            UserError: They do not; the message names the first difference.
        """
        prompts = {(r.spec_id, r.sample): prompt_hash(r.prompt) for r in requests}
        for answer in self.every():
            key = (answer.spec_id, answer.sample)
            difference = (
                _difference(answer.generator, generator)
                or _difference(answer.sampling, sampling)
                or ("prompt: other words" if prompts.get(key, answer.prompt_hash)
                    != answer.prompt_hash else "")
            )  # fmt: skip
            if difference:
                raise UserError(
                    f"{self.path}:{self.places[key][1]}: holds answers that were asked for "
                    f"otherwise ({difference}); choose another file, or remove this one"
                )

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

    def _mend(self) -> None:
        self.catch_up()
        try:
            if self.path.is_file() and self.path.stat().st_size > self._seen_to:
                with self.path.open("r+b") as file:
                    file.seek(self._seen_to)
                    append_whole(self.path.with_name(f"{self.path.stem}.torn"), file.read() + b"\n")
                    file.truncate(self._seen_to)
        except OSError as e:
            raise UserError(self._unwritable(e)) from e

    def _unwritable(self, error: OSError) -> str:
        return (
            f"{self.path}: cannot write answers there ({error.strerror or error}); what is "
            "recorded is kept: mend that and run again, or choose another place"
        )


def _difference(before: msgspec.Struct, now: msgspec.Struct) -> str:
    old, new = msgspec.structs.asdict(before), msgspec.structs.asdict(now)
    return "; ".join(
        f"{name}: {str(old[name])[:20] or 'none'} before, {str(new[name])[:20] or 'none'} now"
        for name in old
        if old[name] != new[name]
    )
