"""Stages: commands that need each other, several at a time, each done once.

Guarantee: a stage's folder is whole or absent. A command works in `NAME.part`, which stays when it
is cut off, so that a command that can go on does; on success the folder gets a record of the call
and its final name, in that order. What was made by another call, or from inputs that were made
anew since, is refused and named.

What runs here are programs of ours, for hours, with the user's environment: no tool and no
candidate.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import take, write_record
from rtlbench.io.configuration import in_words
from rtlbench.io.progress import waiting
from rtlbench.runs.results import utc_now
from rtlbench.sandbox.kernel import end_with_parent

RTLBENCH = (sys.executable, str(Path(sysconfig.get_path("scripts")) / "rtlbench"))
"""The command of this environment, as a stage's argv begins."""
UNJUDGED = 1
"""What `rtlbench filter` and `bench` end with where the harness could not judge some."""
RECORD = "stage.json"
IN_VAIN = (2, 4)
"""What our commands, and pytest, end with for a mistake in the call or a machine that is full or
read-only: once more would end alike."""
OUT = "{out}"
"""In an argument: the folder that the stage fills."""
ONE_OF = "one-of:"
"""Before an argument with wildcards: the only path that fits, looked for when the stage begins."""
LOG = "log.txt"
TAIL = 12
"""Lines of a failed stage's log that are shown."""
POLL = 0.2
LITTLE = 1 << 20
"""Bytes: with fewer a command could not even say in its log why it failed."""
LONGEST = 200
"""Characters of an option that a message shows."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One command."""

    name: str
    """Also its folder's, below the work folder."""
    argv: tuple[str, ...]
    needs: tuple[str, ...] = ()
    """Names of stages."""
    attempts: int = 2
    """A busy machine makes a harness give up on some answers; the same command goes on."""
    tolerates: int | None = None
    """A status beside 0 that is good enough of the last attempt."""


class CommandRecord(msgspec.Struct, frozen=True, kw_only=True):
    """stage.json."""

    argv: tuple[str, ...]
    inputs: dict[str, str]
    """SHA-256 of the record of each stage needed."""
    seconds: float
    """Of the attempt that ended well."""
    finished: str


def seconds_of(work: Path, stage: str) -> float:
    """How long a finished stage took."""
    return read_record(work / stage).seconds


def read_record(folder: Path) -> CommandRecord:
    """The record of a finished stage."""
    return msgspec.json.decode((folder / RECORD).read_bytes(), type=CommandRecord)


class _Running(msgspec.Struct):
    stage: Stage
    process: subprocess.Popen[bytes]
    since: float
    attempt: int


def run_stages(
    stages: Sequence[Stage], work: Path, cores: int, say: Callable[[str], None] = print
) -> None:
    """Run what is not done yet, as many at a time as there are `cores`; of those that could begin,
    the first of `stages`.

    What a stage needs is among `stages`, or finished by an earlier call.

    Raises:
        UserError: A stage failed, was made otherwise before, needs one that is not there, or
            another process is at work here.
    """
    with take(
        work / ".lock",
        f"{work}: another process runs the experiment there",
        lambda e: f"{work}: cannot write there ({e.strerror})",
    ):
        _StageRunner(stages, work, cores, say).run()


class _StageRunner:
    def __init__(
        self, stages: Sequence[Stage], work: Path, cores: int, say: Callable[[str], None]
    ) -> None:
        self._stages = {s.name: s for s in stages}
        self._work, self._cores, self._say = work, cores, say
        self._running: list[_Running] = []
        self._waiting: list[Stage] = []
        self._order = TopologicalSorter(
            {s.name: [n for n in s.needs if n in self._stages] for s in stages}
        )
        self._rank = {s.name: k for k, s in enumerate(stages)}
        self._done = 0

    def run(self) -> None:
        self._order.prepare()
        self._look_for_the_rest()
        try:
            with waiting("at work", "stages", len(self._stages)) as phase:
                while self._order.is_active():
                    self._look_for_ready()
                    self._begin_some()
                    phase.at(self._done)
                    phase.notes = ", ".join(r.stage.name for r in self._running)
                    self._end_some()
        finally:
            for running in self._running:
                _stop(running.process)

    def _look_for_the_rest(self) -> None:
        for stage in self._stages.values():
            for name in set(stage.needs) - set(self._stages):
                if not (self._work / name / RECORD).is_file():
                    raise UserError(f"{self._work}: {stage.name} needs {name}, which is not done")

    def _look_for_ready(self) -> None:
        """Those that could begin, in the order of the list; what is done already makes room for
        what needs it."""
        while ready := [self._stages[name] for name in self._order.get_ready()]:
            for stage in ready:
                if self._is_done(stage):
                    self._finish(stage, "done before")
                else:
                    self._waiting.append(stage)
        self._waiting.sort(key=lambda stage: self._rank[stage.name])

    def _begin_some(self) -> None:
        while self._waiting and len(self._running) < self._cores:
            self._begin(self._waiting.pop(0), 1)

    def _end_some(self) -> None:
        for running in list(self._running):
            code = running.process.poll()
            if code is None:
                continue
            self._running.remove(running)
            is_last = running.attempt == running.stage.attempts or code in IN_VAIN
            if code == 0 or (is_last and code == running.stage.tolerates):
                self._keep(running)
            elif not is_last:
                self._say(f"{running.stage.name}: ended with {code}, once more")
                self._begin(running.stage, running.attempt + 1)
            else:
                raise UserError(self._failed(running.stage, code))
        if self._running:
            time.sleep(POLL)

    def _begin(self, stage: Stage, attempt: int) -> None:
        part = self._part(stage)
        part.mkdir(parents=True, exist_ok=True)
        argv = [_resolved(a, part) for a in stage.argv]
        with (part / LOG).open("ab") as log:
            process = subprocess.Popen(
                argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD}, start_new_session=True,
                preexec_fn=partial(_end_with, os.getpid()),  # noqa: PLW1509 - no thread of ours holds a lock here
            )  # fmt: skip
        self._running.append(_Running(stage, process, time.monotonic(), attempt))

    def _keep(self, running: _Running) -> None:
        stage, part = running.stage, self._part(running.stage)
        seconds = round(time.monotonic() - running.since, 1)
        done = CommandRecord(
            argv=stage.argv,
            inputs=self._inputs(stage),
            seconds=seconds,
            finished=utc_now(),
        )
        write_record(part / RECORD, done)
        part.rename(self._work / stage.name)
        self._finish(stage, f"{seconds:.0f} s")

    def _finish(self, stage: Stage, how: str) -> None:
        self._done += 1
        self._say(f"[{self._done}/{len(self._stages)}] {stage.name}: {how}")
        self._order.done(stage.name)

    def _is_done(self, stage: Stage) -> bool:
        folder = self._work / stage.name
        if not folder.exists():
            return False
        try:
            done = read_record(folder)
        except (OSError, msgspec.DecodeError) as e:
            raise UserError(f"{folder}: holds no finished stage; move it elsewhere") from e
        if done.argv != stage.argv:
            differ = in_words(_options(done.argv), _options(stage.argv), LONGEST)
            raise UserError(
                f"{folder}: was made by another call ({differ}); remove it, or give another --work"
            )
        if done.inputs != self._inputs(stage):
            raise UserError(f"{folder}: what it was made from was made anew since; remove it")
        return True

    def _inputs(self, stage: Stage) -> dict[str, str]:
        return {
            name: hashlib.sha256((self._work / name / RECORD).read_bytes()).hexdigest()
            for name in stage.needs
        }

    def _part(self, stage: Stage) -> Path:
        return self._work / f"{stage.name}.part"

    def _failed(self, stage: Stage, code: int) -> str:
        log = self._part(stage) / LOG
        tail = log.read_text(errors="replace").splitlines()[-TAIL:]
        free = shutil.disk_usage(self._work).free
        full = f"; the disk is full there, {free:,} bytes are left: make room" * (free < LITTLE)
        shown = "\n".join(f"  {line}" for line in tail)
        return (
            f"{stage.name} ended with {code}{full}; the same command goes on there\n{shown}\n"
            f"  ({log})"
        )


_ONE_THREAD = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
"""One thread a job beats two on a busy machine."""


def _options(argv: Sequence[str]) -> dict[str, list[str]]:
    """The words of a command by the option that they follow; the first are `command`'s."""
    options: dict[str, list[str]] = {}
    name = "command"
    for word in argv:
        if word.startswith("-"):
            name, _, value = word.partition("=")
            options.setdefault(name, []).extend([value] if value else [])
        else:
            options.setdefault(name, []).append(word)
    return options


def _end_with(runner: int) -> None:
    """In the command, before it begins: where the process `runner` is killed, it ends too, so that
    the next call finds nobody at work in the folder. Where that has happened by now, no signal
    would tell."""
    end_with_parent(signal.SIGKILL)
    if os.getppid() != runner:
        os.kill(os.getpid(), signal.SIGKILL)


def _resolved(argument: str, part: Path) -> str:
    argument = argument.replace(OUT, str(part))
    if not argument.startswith(ONE_OF):
        return argument
    path = Path(argument.removeprefix(ONE_OF))
    paths = sorted(path.parent.glob(path.name))
    if len(paths) != 1:
        raise UserError(f"{path}: there are {len(paths)} such, not one")
    return str(paths[0])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a command; it goes on from where it was at the next call."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
