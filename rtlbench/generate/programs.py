"""Answers from what is on this machine: a shell command (`cmd:PROGRAM`), which gets the prompt on
standard input and gives the answer on standard output; or a Python function (`function:NAME`) that
an installed package names in the entry points of the group `rtlbench.answers`.

Several are under way at a time, each within --request-timeout. They are the user's own and run with
the user's rights, as in the user's shell, unless --cmd-in-sandbox shuts the program in; what they
answer is no more trusted than any answer.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from rtlbench.errors import HarnessError, UserError
from rtlbench.generate.answer import Answer, Generator, Request, answer_to
from rtlbench.generate.boxed_program import BoxedProgram, why_no_answer
from rtlbench.generate.course import Course
from rtlbench.generate.failures import Failures
from rtlbench.generate.source import Generation
from rtlbench.io.untrusted import one_line

GROUP = "rtlbench.answers"
LONGEST = 16 << 20
"""Bytes of an answer."""


class FailedError(Exception):
    """No answer came; the message says why."""


class _Programs:
    """Runs something for each request, several at a time."""

    def __init__(self, asked: Generation, name: str) -> None:
        self.generator = self.describe(asked, name)
        self._asked = asked
        self._name = name

    @staticmethod
    def describe(asked: Generation, name: str) -> Generator:
        raise NotImplementedError

    def _text(self, request: Request) -> str:
        raise NotImplementedError

    def answers(
        self, requests: Sequence[Request], course: Course | None = None
    ) -> Iterator[Answer]:
        """An Answer to each request, as they come; of one without an answer, why there is none.

        Raises:
            UserError: Too many fail; what was under way is waited for.
        """
        course = course or Course()
        failures = Failures(self._asked, self.generator.model, len(requests), course)
        waiting, failure = list(reversed(requests)), None
        under_way: set[Future[Answer]] = set()
        with ThreadPoolExecutor(self._asked.concurrency) as threads:
            while under_way or (waiting and failure is None and not course.stopping):
                while (
                    waiting and failure is None and not course.stopping
                    and len(under_way) < self._asked.concurrency
                ):  # fmt: skip
                    request = waiting.pop()
                    course.sent(request)
                    under_way.add(threads.submit(self._answer, request))
                done, under_way = wait(under_way, timeout=0.2, return_when=FIRST_COMPLETED)
                for each in done:
                    answer = each.result()
                    yield answer
                    failure = failure or failures.too_many(answer)
        if failure is not None:
            raise failure

    def _answer(self, request: Request) -> Answer:
        begun = time.monotonic()
        known: dict[str, Any] = {}
        try:
            text = self._text(request)
        except FailedError as e:
            text, known = "", {"ended": "failed", "why": one_line(str(e))}
        seconds = round(time.monotonic() - begun, 3)
        sampling = self._asked.sampling
        return answer_to(request, text, self.generator, sampling, seconds=seconds, **known)


class ShellCommand(_Programs):
    """A program that answers; its words are split as a shell does, and no shell is started.

    It finds the task's id, the sample, the seed and the sampling in RTLBENCH_SPEC_ID and so on.

    Raises:
        UserError: It is to be shut in, and cannot be.
    """

    def __init__(self, asked: Generation, name: str) -> None:
        super().__init__(asked, name)
        self._boxed: BoxedProgram | None = None
        if asked.cmd_in_sandbox:
            program, *arguments = shlex.split(name)
            words = [shutil.which(program) or program, *arguments]
            self._boxed = BoxedProgram(words, asked.request_timeout, LONGEST)

    @staticmethod
    def describe(asked: Generation, name: str) -> Generator:
        """Who will answer: the program, by the hash of its file.

        Raises:
            UserError: There is none.
        """
        try:
            words = shlex.split(name)
        except ValueError as e:
            raise UserError(f"--model {asked.model}: {e}; give a command as in a shell") from e
        program = shutil.which(words[0]) if words else None
        if program is None:
            raise UserError(f"--model {asked.model}: no such program; give cmd:PROGRAM ARGUMENTS")
        _refuse_local_options(asked)
        digest = hashlib.sha256()
        with suppress(OSError):
            for word in (program, *words[1:]):
                if Path(word).is_file():
                    digest.update(Path(word).read_bytes())
        return Generator(
            source="cmd", model=name, revision=digest.hexdigest(), sandboxed=asked.cmd_in_sandbox
        )

    def _text(self, request: Request) -> str:
        if self._boxed is not None:
            return self._said_in_sandbox(self._boxed, request)
        try:
            process = subprocess.Popen(
                shlex.split(self._name),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, **self._told(request)},
                start_new_session=True,
            )
        except OSError as e:
            raise FailedError(f"cannot be started ({e.strerror})") from e
        try:
            prompt = request.prompt.encode("utf-8", "replace")
            out, err = process.communicate(prompt, self._asked.request_timeout)
        except subprocess.TimeoutExpired as e:
            raise FailedError("did not answer within --request-timeout") from e
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what it has left behind, too
            process.wait()
        if process.returncode:
            last = (err.decode("utf-8", "replace").strip().splitlines() or ["no message"])[-1]
            raise FailedError(f"ended with status {process.returncode}: {last}")
        if len(out) > LONGEST:
            raise FailedError(f"gave more than {LONGEST >> 20} MiB")
        return out.decode("utf-8", "replace")

    def _said_in_sandbox(self, boxed: BoxedProgram, request: Request) -> str:
        try:
            ended = boxed.answer(request.prompt, self._told(request))
        except HarnessError as e:
            raise FailedError(str(e)) from e
        if why := why_no_answer(ended):
            raise FailedError(why)
        if ended.truncated and len(ended.stdout.encode("utf-8", "replace")) >= LONGEST:
            raise FailedError(f"gave more than {LONGEST >> 20} MiB")
        return ended.stdout

    def _told(self, request: Request) -> dict[str, str]:
        sampling = self._asked.sampling
        said = {"spec_id": request.spec_id, "sample": request.sample, "seed": request.seed,
                "temperature": sampling.temperature, "top_p": sampling.top_p,
                "max_tokens": sampling.max_tokens}  # fmt: skip
        return {f"RTLBENCH_{name.upper()}": str(value) for name, value in said.items()}


class PythonFunction(_Programs):
    """A function that takes a prompt and gives an answer, both as text."""

    def __init__(self, asked: Generation, name: str) -> None:
        super().__init__(asked, name)
        (found,) = entry_points(group=GROUP, name=name)
        self._function: Callable[[str], object] = found.load()

    @staticmethod
    def describe(asked: Generation, name: str) -> Generator:
        """Who will answer: the function, by its package's version.

        Raises:
            UserError: No installed package, or more than one, names it.
        """
        found = list(entry_points(group=GROUP, name=name))
        if len(found) != 1:
            known = ", ".join(sorted({e.name for e in entry_points(group=GROUP)})) or "none"
            raise UserError(
                f"--model {asked.model}: {len(found)} installed packages name it in the entry "
                f"points {GROUP!r}; there are {known}"
            )
        _refuse_local_options(asked)
        package = found[0].dist
        revision = f"{package.name} {package.version}" if package is not None else ""
        return Generator(source="function", model=name, revision=revision)

    def _text(self, request: Request) -> str:
        try:
            text = self._function(request.prompt)
        except Exception as e:
            raise FailedError(f"raised {type(e).__name__}: {e}") from e
        if not isinstance(text, str):
            raise FailedError(f"gave {type(text).__name__}, not text")
        return text


def _refuse_local_options(asked: Generation) -> None:
    if asked.adapter or asked.load_in_4bit:
        raise UserError("--adapter and --load-in-4bit are for models loaded here; leave them out")
