"""Hours of a night, recorded: a sitecustomize.py that has training and the benchmark of a night
end at once, with an adapter that was trained before and made-up results; and a clock that says
what a test wants.

The job and all its other commands are the real ones. As a program, this file is what such a command
becomes: `recorded.py FOLDER ARGV...`, FOLDER being a trained adapter. How right a model is lies in
its own folder, in tasks of TASKS.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOOK = f"""
import datetime, os, sys
words = sys.orig_argv
taken = "bench", "--weight"
if os.environ.get("RECORDED") and (
    any(w in words for w in taken) or any("training/sft.py" in w for w in words)
):
    adapter = os.environ.pop("RECORDED")
    os.environ["PYTHONPATH"] = {str(ROOT)!r}
    os.execv(sys.executable, [sys.executable, {__file__!r}, adapter, *words])
if os.environ.get("CLOCK") and "--root" in words:  # the job; its commands need no date
    real = datetime.datetime
    ahead = real.fromisoformat(os.environ["CLOCK"]) - real.now()
    class Clock(real):
        __slots__ = ()
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) + ahead
    datetime.datetime = Clock
"""
QUALITY = "quality.txt"
"""In an adapter's folder: how many tasks of each category it answers rightly."""
BASE, UNSAID = 3, 5
"""The same of the base alone, and of an adapter that says nothing."""


def surroundings(
    hook: Path, clock: str, adapter: Path | None = None, quality: int = UNSAID
) -> dict[str, str]:
    """The environment of a job whose clock shows `clock`; with `adapter`, of a recorded night."""
    hook.mkdir(exist_ok=True)
    (hook / "sitecustomize.py").write_text(HOOK)
    found = {"PYTHONPATH": str(hook), "CLOCK": clock, "QUALITY": str(quality)}
    return {**found, "RECORDED": str(adapter)} if adapter is not None else found


def train(recorded: Path, words: Sequence[str]) -> None:
    """What `training/sft.py` would leave, counted from the very data."""
    import msgspec

    from rtlbench.training.record import RUN, DataFile, Examples, read_run
    from tests.nightly.made import lines

    data, out = Path(_value(words, "--data")), Path(_value(words, "--out"))
    folder = out / "run_nightly_recorded"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(recorded, folder)
    count = len(lines(data))
    run = read_run(recorded)
    assert run.result is not None
    examples = Examples(read=count, other_category=0, too_long=0, trained=count, held_back=0,
                        tokens=0)  # fmt: skip
    inputs = msgspec.structs.replace(
        run.inputs, data=(DataFile(name=data.name, sha256=_sha256(data), records=count),)
    )
    result = msgspec.structs.replace(run.result, steps=count)
    run = msgspec.structs.replace(run, inputs=inputs, examples=examples, result=result)
    (folder / QUALITY).write_text(os.environ["QUALITY"])
    (folder / RUN).write_bytes(msgspec.json.encode(run))


def combine(words: Sequence[str]) -> None:
    """The nights' records as they are, with no gold set: what is trained on."""
    source = next(Path(w) for w in words if w.endswith("/deltas.jsonl"))
    shutil.copy(source, _value(words, "--out"))


def bench(words: Sequence[str]) -> None:
    """A finished results folder of the model that is named."""
    from rtlbench.generate.adapters import folder_revision
    from rtlbench.generate.answer import Generator
    from rtlbench.statistics import by_category, summarise
    from tests.gate.made import folder_of
    from tests.nightly.judged import answers

    adapter = Path(_value(words, "--adapter")) if "--adapter" in words else None
    right = BASE
    if adapter is not None:
        said = adapter / QUALITY
        right = int(said.read_text()) if said.is_file() else UNSAID
    given = answers(right)
    generator = Generator(
        source="transformers", model="base", revision="r",
        adapter=adapter.name if adapter is not None else None,
        adapter_revision=folder_revision(adapter) if adapter is not None else "",
    )  # fmt: skip
    folder_of(
        Path(_value(words, "--results")), given, generator=generator,
        total=summarise(given.values()), categories=by_category(given.values()),
    )  # fmt: skip


def _value(words: Sequence[str], name: str) -> str:
    return words[words.index(name) + 1]


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    _, place, *command = sys.argv
    if "bench" in command:
        bench(command)
    elif "--weight" in command:
        combine(command)
    else:
        train(Path(place), command)
