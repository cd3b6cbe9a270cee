"""A program that answers, run in the sandbox (`--cmd-in-sandbox`): without the network, the user's
files, the user's environment and its keys, in a folder of its own that is empty each time.

What it needs must be in the command: files that are named there are copied in, and the system's
programs, libraries and this Python are there to read, as for every tool (rtlbench.sandbox).
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.sandbox.locate import current_view
from rtlbench.sandbox.process import LIMIT, Finished, Limits, run
from rtlbench.sandbox.sandbox import isolation, private_folder

PROMPT = "prompt.txt"
FILES = LIMIT // 2
"""Bytes of the files that a command may name; the rest of the folder is the program's."""
MEMORY = 64 << 30
"""Bytes of address space: a model's weights are mapped."""
_WITH_PROMPT = ("/bin/sh", "-c", f'exec "$@" < {PROMPT}', "sh")
"""Its words come as they are: the shell only opens the prompt."""


class BoxedProgram:
    """One command.

    Args:
        words: Its program, as a path, and its arguments.

    Raises:
        UserError: There is no sandbox with walls here, or the files named do not fit.
    """

    def __init__(self, words: Sequence[str], seconds: float, longest: int) -> None:
        self._words = list(words)
        self._files = _files_of(words)
        self._limits = Limits(
            wall=seconds, cpu=math.ceil(seconds), memory=MEMORY, output=longest
        )
        if sum(path.stat().st_size for path in self._files.values()) > FILES:
            raise UserError(
                f"--cmd-in-sandbox: the files named in the command are more than {FILES >> 20} MB; "
                "put them where the system's programs are, such as /usr/local"
            )
        level = isolation()
        if level.kind == "none":
            raise UserError(
                "--cmd-in-sandbox: no walls can be built here; see `rtlbench doctor` for why, or "
                "leave it out"
            )

    def answer(self, prompt: str, environment: Mapping[str, str]) -> Finished:
        """How it ended, with what it said.

        Raises:
            HarnessError: It cannot be started.
        """
        with private_folder() as folder:
            names = {word: f"file{k}_{path.name}" for k, (word, path) in self._numbered()}
            for word, name in names.items():
                shutil.copy(self._files[word], folder / name)
            (folder / PROMPT).write_bytes(prompt.encode("utf-8", "replace"))
            words = [f"./{names[word]}" if word in names else word for word in self._words]
            return run(
                [*_WITH_PROMPT, *words], folder=folder, limits=self._limits, env=environment
            )

    def _numbered(self) -> enumerate[tuple[str, Path]]:
        return enumerate(self._files.items())


def _files_of(words: Sequence[str]) -> dict[str, Path]:
    """The files among `words` that are not there to read anyway."""
    shown = [Path(path) for path in current_view().readable]
    files = {word: Path(word) for word in words if Path(word).is_file()}
    return {
        word: path
        for word, path in files.items()
        if not all(
            any(place.is_relative_to(root) for root in shown)
            for place in (path.absolute(), path.resolve())
        )
    }


def why_no_answer(ended: Finished) -> str:
    """What went wrong; empty where nothing did."""
    if ended.reason == "timeout":
        return "did not answer within --request-timeout"
    if ended.code:
        last = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        return f"ended with status {ended.code}: {last}"
    return ""
