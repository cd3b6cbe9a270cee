"""A machine of thirty nights: a disk of its own that can be full, a clock, runs, a place of copies
that can be dead, and kills."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.nightly import recorded
from tests.nightly.killing import HOOK as KILL_HOOK
from tests.nightly.made import UPDOWN, Runs, Task, argv, surroundings
from tests.training.toy import RECIPE, make_toy

DISK_MB = 300
POLICY = '[baseline]\nfigures = ["functional"]\nnot_below = ["functional"]\n'
OPTIONS = (
    "--min-delta", 1, "--workers", 1, "--recipe", "toy.toml", "--set", "train.max_steps=3",
    "--set", "data.max_length=4096", "--samples", 1, "--bench-option=--max-tokens=16",
    "--bench-option=-k", "--bench-option=updown_w4_sync or updown_w5",
)  # fmt: skip
LIMITS = ("--keep-days", 7, "--keep-nights", 12, "--keep-models", 5, "--keep-archives", 1)
LATEST = re.compile(r"latest_nightly leads to (\S+)")


class Disk:
    """A small file system of its own, in a name space that a process holds open.

    `inside` is its folder for commands that are run there, `outside` the same for us.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.inside = folder
        script = f"mount -t tmpfs -o size={DISK_MB}m none {folder} && touch {folder}/there && " \
                 "exec sleep 3600"  # fmt: skip
        self._holder = subprocess.Popen(["unshare", "-rm", "sh", "-c", script])
        self.outside = Path(f"/proc/{self._holder.pid}/root{folder}")
        for _ in range(200):
            if (self.outside / "there").exists():
                break
            time.sleep(0.1)
        (self.outside / "there").unlink()

    @property
    def enter(self) -> list[str]:
        """What stands before a command that is run there."""
        return ["nsenter", "-t", str(self._holder.pid), "-U", "-m", "--preserve-credentials"]

    @contextmanager
    def full(self, but: int) -> Iterator[None]:
        """Fill it, but for so many bytes."""
        filler = self.outside / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 65536)
        os.truncate(filler, filler.stat().st_size - but)
        try:
            yield
        finally:
            filler.unlink()

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()


class Sent:
    """What runs have left, by what is to become of it."""

    def __init__(self) -> None:
        self.right = self.wrong = self.missing = self.broken = 0


class Machine:
    """All of it."""

    def __init__(self, folder: Path, seed: int, receiver: str) -> None:
        self.disk = Disk(folder / "root")
        self.root, self.place = self.disk.outside, folder / "offsite"
        self._folder, self._receiver = folder, receiver
        self.random = random.Random(seed)
        self.sent, self.kills = Sent(), 0
        self.live: list[str] = [""]
        """The models that `latest_nightly` has led to, in order."""
        self._runs = Runs(self.root)
        self._runs.folder.mkdir(parents=True)
        self._tasks = [self._task(width) for width in range(5, 12)]
        make_toy(self.root / "models" / "toy")
        (self.root / "toy.toml").write_text(RECIPE.format(base="models/toy"))
        (self.root / "gate.toml").write_text(POLICY)
        (folder / "kill").mkdir()

    @staticmethod
    def _task(width: int) -> Task:
        said: Any = UPDOWN["params"]
        params = {**said, "width": width, "reset_value": 2}
        return Task({**UPDOWN, "top": f"counter_{width}", "params": params})

    def news(self, date: str, count: int = 1, *, poison: bool = False) -> None:
        """Runs of a day: right answers, some of which mend wrong ones, and what is no good."""
        run, at = f"run_{date}", f"{date}T12:00:00Z"
        for task in self.random.sample(self._tasks, count):
            sample = self.sent.right
            if self.random.random() < 0.5:
                self._runs.answer(run, task, task.wrong, status="fail", sample=sample, at=at)
            self._runs.answer(run, task, f"{task.right}// {date}\n", sample=sample, at=at)
            self.sent.right += 1
        if poison:
            self._runs.answer(run, self._tasks[0], self._tasks[0].wrong, at=at)
            nowhere = {"status": "pass", "rtl_file": "none.sv", "spec_path": "none.json"}
            self._runs.event(run, nowhere, at=at)
            with (self._runs.folder / run / "trace.jsonl").open("a") as trace:
                trace.write("{broken\n")
            self.sent.wrong, self.sent.missing = self.sent.wrong + 1, self.sent.missing + 1
            self.sent.broken += 1

    @property
    def adapter(self) -> Path:
        """What recorded nights have trained: the first night's."""
        return self.disk.inside / "models" / "qwen_coder_rtl" / "nightly_2026-03-01"

    def job(
        self, date: str, *words: object, quality: int | None, kill: str = ""
    ) -> tuple[int, str]:
        """Run the job once at two in the night of `date`, by its own clock.

        Args:
            quality: Tasks that tonight's model answers rightly; None for a night that is real.
            kill: `step` or `time`: end it by SIGKILL at a step on the disk, or after a while.
        """
        before = recorded.surroundings(
            self._folder / "hook", f"{date}T02:00:00",
            self._recorded if quality is not None else None, quality or 0,
        )  # fmt: skip
        if kill == "step":
            hook = self._folder / "hook" / "sitecustomize.py"
            hook.write_text(hook.read_text() + KILL_HOOK)
            before["KILL_AT"] = str(self.random.randrange(1, 40))
        options = ("--snapshot", self.place, "--notify", self._receiver, "--policy", "gate.toml")
        every = (*OPTIONS, *LIMITS, *options, *words)
        command = [*self.disk.enter, *argv(self.disk.inside, *every)]
        job = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**surroundings(), **before},
        )  # fmt: skip
        try:
            told, _ = job.communicate(timeout=self.random.uniform(1, 8) if kill == "time" else 600)
        except subprocess.TimeoutExpired:
            job.send_signal(signal.SIGKILL)
            told, _ = job.communicate(timeout=60)
        self.kills += job.returncode == -signal.SIGKILL
        assert "Traceback" not in told, told
        self._note_live(told)
        return job.returncode, told

    @property
    def _recorded(self) -> Path:
        """The first night's adapter, where it is kept for all later ones."""
        kept = self._folder / "recorded"
        if not kept.is_dir():
            name = self.adapter.relative_to(self.disk.inside)
            shutil.copytree(self.root / name, kept)
        return kept

    def decide(self, *words: str) -> None:
        """`rtlbench nightly rollback` and `exclude`."""
        command = [*self.disk.enter, *argv(self.disk.inside, *words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        self._note_live(done.stdout)

    def ask(self, *words: str) -> str:
        """What a command that changes nothing says."""
        command = [*self.disk.enter, *argv(self.disk.inside, *words)]
        done: Any = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    @contextmanager
    def dead(self) -> Iterator[None]:
        """The place of copies is away."""
        aside = self.place.with_name("aside")
        if self.place.exists():
            self.place.rename(aside)
        self.place.write_text("in the way")
        yield
        self.place.unlink()
        if aside.exists():
            aside.rename(self.place)

    def keep(self, notices: list[str]) -> None:
        """Leave what the disk holds, and what was said, where it can be looked at later."""
        shutil.copytree(self.root, self._folder / "left", symlinks=True)
        said = {"live": self.live, "sent": vars(self.sent), "notices": notices}
        (self._folder / "said.json").write_text(json.dumps(said))

    def _note_live(self, told: str) -> None:
        self.live += LATEST.findall(told)
