"""Generating in a process beside those that judge, and waiting for its answers.

One process generates while this one, and its xdist workers, judge: `python -m
rtlbench.generate.background`. Not for tools: what runs there is our own program, for as long as the
run takes, with the user's own environment (an endpoint's key, the GPUs). It reads the Order from
the first line of standard input, which its parent then keeps open: at its end the parent is gone,
and so is the process. Its exit codes are those of the command line, its message is the last line of
standard error. Its end is written for everyone into a file beside the answers; until there is one,
waiting makes sense.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError, UserError
from rtlbench.generate.answer import ANSWERED, Answer, Request, Usage, requests_for, usage_of
from rtlbench.generate.answers_file import AnswersFile, Order, generate, missing_of
from rtlbench.generate.course import PACE, Course, log_of, requests_sent
from rtlbench.generate.recorded import Problem
from rtlbench.generate.source import Generation, describe
from rtlbench.generate.wording import Words
from rtlbench.io.atomic import write_whole
from rtlbench.io.untrusted import one_line
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec

ANSWERS = "answers.jsonl"
LOOK_EVERY = 0.1
"""Seconds."""
LOG = "generation.log"
END = "generation.end"
TELL_EVERY = 5.0
GRACE = 10.0
"""Seconds for a local model to end when asked to; an endpoint gets those of a request."""
USER, HARNESS, ORPHAN = 2, 3, 4
"""Exit codes."""
MARK = "rtlbench: "
MAX_MESSAGE = 1000


class GeneratedAnswers:
    """The answers of one model in a results folder, made by one process for all that judge.

    Args:
        samples: Answers to each Spec.

    Raises:
        UserError: The model cannot work, as far as that shows before it is loaded.
    """

    def __init__(
        self, folder: Path, specs: Iterable[Spec], generation: Generation, samples: int
    ) -> None:
        self.path = folder / ANSWERS
        self.generator = describe(generation)
        self.problems: list[Problem] = []
        self.problem_count = 0
        self.notes: list[str] = []
        """What differs from an earlier run, and may."""
        self._specs = {s.id: s for s in specs}
        self._generation = generation
        self.words = Words(generation, list(self._specs.values()))
        self._samples = samples
        self._file = AnswersFile(self.path)
        self._child: Child | None = None

    def count(self, spec_ids: Collection[str], samples: int | None = None) -> int:
        """How many there will be to these Specs."""
        return sum(self.has(each) for each in spec_ids) * (samples or self._samples)

    def has(self, spec_id: str) -> bool:
        """Whether there will be answers to a Spec."""
        return spec_id in self._specs

    def begin(self, spec_ids: Collection[str]) -> None:
        """Start generating what is missing of the answers to these Specs.

        Called once, in the process that leads.

        Raises:
            UserError: The folder holds other answers, or cannot be written to.
        """
        wanted = self._requests(s for s in self._specs.values() if s.id in spec_ids)
        self._file.set_failures_aside()
        self._file.catch_up()
        self.notes = self._file.refuse_difference(
            wanted, self.generator, self._generation.sampling
        )
        forget_end(self.path.parent)
        if missing_of(wanted, self._file):
            order = Order(
                generation=self._generation,
                requests=wanted,
                path=str(self.path),
                wording=self.words.record(),
            )
            self._child = Child(order)

    def end(self) -> None:
        """Stop generating, when what is under way has come in; a Ctrl-C meanwhile ends it."""
        if self._child is not None:
            is_local = not self.generator.base_url
            self._child.stop(GRACE if is_local else self._generation.request_timeout)
            self._child = None

    def answers(self, spec_id: str, samples: int | None = None) -> Iterator[Candidate]:
        """The answers to a Spec, when all of them are there.

        Raises:
            UserError: Generating ended without them; the message says why.
            HarnessError: It ended well, and they are missing.
        """
        wanted = self._requests([self._specs[spec_id]])[:samples]
        while not self._are_there(wanted):
            ended = end_of(self.path.parent)
            if ended is not None and not self._are_there(wanted):
                if ended.message:
                    raise UserError(ended.message)
                raise HarnessError(f"no answers to {spec_id} were generated")
            time.sleep(LOOK_EVERY)
        for request in wanted:
            key = (request.spec_id, request.sample)
            answer = self._file.ended(key)
            if answer is not None and answer.ended == ANSWERED:
                yield _candidate(answer, f"{self.path}:{self._file.places[key][1]}")

    def unanswered(self, spec_id: str) -> list[Answer]:
        """The requests of a Spec that ended without an answer, when `answers` has given the
        rest."""
        keys = [(r.spec_id, r.sample) for r in self._requests([self._specs[spec_id]])]
        ended = [self._file.read(k) for k in keys if k in self._file.places]
        failed = [self._file.failed[k] for k in keys if k in self._file.failed]
        return [a for a in ended if a.ended != ANSWERED] + failed

    def usage(self) -> Usage:
        """What all answers so far took."""
        self._file.catch_up()
        found = usage_of([*self._file.every(), *self._file.failed.values()])
        return msgspec.structs.replace(found, requests=requests_sent(self.path))

    def _requests(self, specs: Iterable[Spec]) -> list[Request]:
        seed = self._generation.sampling_seed
        return requests_for(specs, self._samples, seed, self.words.conversation)

    def _are_there(self, wanted: list[Request]) -> bool:
        self._file.catch_up()
        return not missing_of(wanted, self._file)


def _candidate(answer: Answer, origin: str) -> Candidate:
    return Candidate(
        text=answer.completion,
        spec_id=answer.spec_id,
        sample=answer.sample,
        model=answer.model,
        finish_reason=answer.finish_reason,
        origin=origin,
    )


class End(msgspec.Struct, frozen=True):
    """How the child ended."""

    message: str
    """Empty where all that was ordered is there."""


class Child:
    """A running generator.

    Raises:
        UserError: Its log cannot be written.
    """

    def __init__(self, order: Order) -> None:
        self._folder = Path(order.path).parent
        self._log = self._folder / LOG
        self._stopping = False
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "rtlbench.generate.background"],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    env=_environment(),
                    start_new_session=True,
                )
        except OSError as e:
            raise UserError(f"{self._log}: cannot start generating ({e.strerror})") from e
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # then it has ended, and is told of as such
            self._process.stdin.write(msgspec.json.encode(order) + b"\n")
            self._process.stdin.flush()
        self._watch = threading.Thread(target=self._note_end, daemon=True)
        self._watch.start()

    def stop(self, patience: float) -> None:
        """End it, if it has not ended by itself, when what is under way has come in.

        Args:
            patience: Seconds to wait for that.
        """
        self._stopping = True
        self._process.terminate()
        try:
            self._process.wait(patience)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self._process.kill()
        self._watch.join()

    def _note_end(self) -> None:
        code = self._process.wait()
        with suppress(OSError):  # who waits, is told by the folder then
            end = End("" if code == 0 else self._why(code))
            write_whole(self._folder / END, msgspec.json.encode(end))

    def _why(self, code: int) -> str:
        if self._stopping:
            return "generating was stopped"
        lines = self._last_lines()
        message = next((x for x in reversed(lines) if x.startswith(MARK)), None)
        if message is not None:
            return message.removeprefix(MARK)
        ended = (
            f"was ended by {signal.Signals(-code).name}"
            + (" (memory may not have sufficed)" if code == -signal.SIGKILL else "")
            if code < 0
            else f"ended with status {code}" + (f": {lines[-1]}" if lines else "")
        )
        return f"the process that generates answers {ended}; see {self._log}, and run again"

    def _last_lines(self) -> list[str]:
        with suppress(OSError), self._log.open(errors="replace") as log:
            return [x.strip() for x in deque(log, 200) if x.strip()]
        return []


def forget_end(folder: Path) -> None:
    """Remove what an earlier run said of its end.

    Raises:
        UserError: It cannot be removed.
    """
    try:
        (folder / END).unlink(missing_ok=True)
    except OSError as e:
        raise UserError(f"{folder / END}: cannot be removed ({e.strerror})") from e


def end_of(folder: Path) -> End | None:
    """How generating into `folder` ended; None while it goes on."""
    try:
        return msgspec.json.decode((folder / END).read_bytes(), type=End)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as e:
        return End(f"{folder / END}: cannot be read ({e})")


def _environment() -> dict[str, str]:
    """Ours; on the CPU a model leaves half of the cores to those who judge."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"OMP_NUM_THREADS": str(max(1, (cores or 1) // 2)), **os.environ}


def main() -> int:
    """Read the Order, generate, and say how it ended."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    course = Course(log_of(Path(order.path)))
    pace = Path(order.path).parent / PACE
    threading.Thread(target=_tell_the_pace, args=(course, pace), daemon=True).start()
    try:
        with course.stopped_by_signals(lambda words: print(words, file=sys.stderr)):
            generate(order, course=course)
    except UserError as e:
        print(MARK + one_line(str(e), MAX_MESSAGE), file=sys.stderr)
        return USER
    except HarnessError as e:
        print(f"{MARK}the harness failed: {one_line(str(e), MAX_MESSAGE)}", file=sys.stderr)
        return HARNESS
    finally:
        with suppress(OSError):
            pace.unlink(missing_ok=True)
    return 0


def _tell_the_pace(course: Course, place: Path) -> None:
    """Keep in a file how fast tokens come, for who tells of the whole run."""
    while True:
        time.sleep(TELL_EVERY)
        with suppress(OSError):
            write_whole(place, course.pace().encode())


def _end_with_the_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(ORPHAN)


if __name__ == "__main__":
    sys.exit(main())
