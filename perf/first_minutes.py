"""From nothing to a gated model, by the tutorial's own lines: seconds and megabytes of each.

    python -m perf.first_minutes [--root FOLDER] [--through N] [--json FILE] [--write PAGE.md]
    python -m perf.first_minutes --read FILE.json --through N --write PAGE.md

Takes the commands out of docs/tutorial.md as they are printed and gives them, one after the other,
to one bash in a fresh clone of this checkout's commit, with an empty environment. FOLDER is a bare
Debian 12 by debootstrap, entered by chroot, which gets by apt what rtlbench needs; without it the
clone lies in a folder of this system. How the network is reached (resolver, certificates, pip's
index) is left as it is. The page is made of the figures, so that none is copied by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

import msgspec

CHECKOUT = Path(__file__).parents[1]
TUTORIAL = CHECKOUT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(rtlbench|python3?|pip|echo|sudo apt-get|apt-get|git) ")
HEADING = re.compile(r"^## (\d+)\. (.*)$", re.MULTILINE)
DEBIAN = "apt-get update && apt-get install -y --no-install-recommends " \
         "git make ca-certificates python3 python3-venv"
TOOLS = "sh scripts/install-tools.sh"
"""What `make bench` begins with."""
KEPT = ("PIP_CERT", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT",
        "SSL_CERT_FILE")
"""Of the environment: how the network is reached."""
ANSWER = """\
module updown_counter(input clk, input rst, input up, output reg [3:0] q);
  always @(posedge clk) if (rst) q <= 0; else q <= up ? q + 4'd1 : q - 4'd1;
endmodule
"""
FIRST_VERDICT = "results/first/samples.jsonl"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One command."""

    chapter: str
    command: str
    exit_code: int
    seconds: float
    megabytes: float
    """That the disk holds more after it."""
    first_verdict: float | None = None
    """Seconds from its start until the first Verdict was on the disk."""
    load: float = 0.0
    """Processes that wanted a core, of its last minute."""


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    commit: str
    date: str
    machine: str
    load: float = 0.0
    """Processes that wanted a core, of the last quarter of an hour."""
    steps: tuple[Step, ...]


def commands(through: int) -> Iterator[tuple[str, str]]:
    """Chapter and command of each line of the tutorial that is to be typed."""
    chapter = ""
    text = TUTORIAL.read_text()
    chapters = [(m.start(), f"{m[1]}. {m[2]}", int(m[1])) for m in HEADING.finditer(text)]
    for block in BLOCK.finditer(text):
        number = 0
        for start, title, n in chapters:
            if start < block.start():
                chapter, number = title, n
        if number > through:
            return
        for line in block[1].splitlines():
            if COMMAND.match(line):
                yield chapter, line


class Place(NamedTuple):
    """Where it happens."""

    disk: Path
    """What is measured."""
    clone: Path
    log: TextIO


class Shell:
    """One bash that is given a line at a time.

    Args:
        root: What it is shut into by chroot; None for this system.
        folder: Its current one, as seen from inside.
    """

    def __init__(self, root: Path | None, folder: Path) -> None:
        self._root = root
        inside = ["chroot", str(root)] if root is not None else []
        kept = [f"{name}={os.environ[name]}" for name in KEPT if name in os.environ]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        home = folder if root is None else Path("/root")
        empty = ["env", "-i", path, f"HOME={home}", "LANG=C.UTF-8", *kept]
        self._bash = subprocess.Popen(
            [*inside, *empty, "bash", "--noprofile", "--norc"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.say(f"cd {shlex.quote(str(folder))}", sys.stderr)

    def say(self, command: str, log: TextIO) -> int:
        """Give it a line; its exit code. What it prints goes to `log`."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        # What comes next finds the code of the command, not of the echo.
        self._bash.stdin.write(f"{command}\n_code=$?; echo \"--- done $_code\"; (exit $_code)\n")
        self._bash.stdin.flush()
        for line in self._bash.stdout:
            if line.startswith("--- done "):
                return int(line.split()[-1])
            log.write(line)
            log.flush()
        raise SystemExit(f"the shell ended at: {command}")

    def close(self) -> None:
        """End it."""
        self._bash.communicate()


def megabytes(folder: Path) -> float:
    """What a folder holds on its own disk."""
    told = subprocess.run(["du", "-sxk", str(folder)], capture_output=True, text=True, check=False)
    return int(told.stdout.split()[0]) / 1024


def first_line(path: Path, begun: float, found: list[float], over: threading.Event) -> None:
    """Note when something first stands in a file."""
    while not over.wait(0.05):
        if path.is_file() and path.stat().st_size > 0:
            found.append(time.monotonic() - begun)
            return


def step(shell: Shell, chapter: str, command: str, place: Place) -> Step:
    """Give a command, and measure it."""
    before = megabytes(place.disk)
    watched = place.clone / FIRST_VERDICT
    seen = watched.exists()
    found: list[float] = []
    over = threading.Event()
    begun = time.monotonic()
    watch = threading.Thread(target=first_line, args=(watched, begun, found, over))
    if not seen:
        watch.start()
    place.log.write(f"\n$ {command}\n")
    code = shell.say(command.partition("  #")[0].rstrip(), place.log)
    seconds = time.monotonic() - begun
    over.set()
    return Step(
        chapter=chapter, command=command.partition("  #")[0].rstrip(), exit_code=code,
        seconds=seconds, megabytes=megabytes(place.disk) - before,
        first_verdict=found[0] if found else None, load=os.getloadavg()[0],
    )  # fmt: skip


def git(*words: str) -> str:
    """What git says."""
    return subprocess.run(
        ["git", *words], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.strip()


def walk(root: Path | None, through: int, log: TextIO) -> Walk:
    """Every step in turn; one that fails ends it, save the gate's own no."""
    commit = git("rev-parse", "--short", "HEAD")
    with tempfile.TemporaryDirectory() as scratch:
        folder = (root or Path(scratch)) / "src"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        clone = folder / "rtlbench"
        steps, place = [], Place(root or folder, clone, log)
        if root is not None:
            shell = Shell(root, Path("/"))
            steps.append(step(shell, "before", DEBIAN, place))
            shell.close()
        subprocess.run(["git", "clone", "-q", str(CHECKOUT), str(clone)], check=True)
        shell = Shell(root, Path("/src/rtlbench") if root is not None else clone)
        if root is not None:
            steps.append(step(shell, "before", TOOLS, place))
        for chapter, command in commands(through):
            if "answer.sv" in command:
                (clone / "answer.sv").write_text(ANSWER)
            steps.append(step(shell, chapter, command, place))
            print(f"{steps[-1].seconds:8.1f} s  {steps[-1].exit_code}  {command}", file=sys.stderr)
            if steps[-1].exit_code and "gate" not in command:
                break
        shell.close()
    bare = "a bare Debian 12 (`debootstrap --variant=minbase`, entered by `chroot`)"
    system = bare if root is not None else "a fresh clone and an empty environment on Debian 12"
    machine = f"{system}; {os.cpu_count()} cores"
    return Walk(commit=commit, date=time.strftime("%Y-%m-%d"),
                machine=machine, load=os.getloadavg()[2], steps=tuple(steps))  # fmt: skip


def earlier(path: Path, through: int) -> Walk:
    """A walk that was kept by --json, up to a chapter."""
    done = msgspec.json.decode(path.read_bytes(), type=Walk)
    early = [s for s in done.steps if _chapter(s) <= through]
    return msgspec.structs.replace(done, steps=tuple(early))


def _chapter(of: Step) -> int:
    number = of.chapter.partition(".")[0]
    return int(number) if number.isdigit() else 0


def _first_verdict(steps: Sequence[Step]) -> str:
    """When it was on the disk; empty where none came."""
    at = next((k for k, s in enumerate(steps) if s.first_verdict is not None), None)
    if at is None:
        return ""
    installed = max((k for k in range(at) if "install" in steps[k].command), default=-1)
    alone = steps[at].first_verdict or 0.0
    since = alone + sum(s.seconds for s in steps[installed + 1 : at])
    return (
        f"The first Verdict is on the disk {alone:.1f} s after the first `rtlbench bench` was "
        f"typed, {since:.1f} s after the install's end, at a load of {steps[at].load:.0f}.\n"
    )


def page(done: Walk) -> str:
    """The figures as a page."""
    rows = [
        f"| {s.chapter} | `{s.command}` | {s.seconds:.0f} | {s.megabytes:.0f} | {s.load:.0f} "
        f"| {s.exit_code} |"
        for s in done.steps
    ]
    told = _first_verdict(done.steps)
    total = sum(s.seconds for s in done.steps)
    return "\n".join([
        "# The first minutes, measured",
        "",
        f"Commands of [the tutorial](tutorial.md) as printed at commit `{done.commit}`, in "
        f"{done.machine}, other work beside it (the load is of each command's last minute: "
        f"processes that wanted a core); {done.date}. "
        "Written by `python -m perf.first_minutes`, which measures all chapters or the first few.",
        "",
        f"{told}All together: {total / 60:.0f} minutes, "
        f"{sum(s.megabytes for s in done.steps):.0f} MB.",
        "",
        "| chapter | command | seconds | MB more on disk | load | exit code |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
    ])  # fmt: skip


def main(argv: Sequence[str]) -> int:
    """Walk, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--root", type=Path)
    parser.add_argument("--through", type=int, default=99, metavar="CHAPTER")
    parser.add_argument("--log", type=Path, default=Path("/dev/stderr"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--read", type=Path, help="the figures of an earlier walk instead")
    given = parser.parse_args(argv)
    if given.read is not None:
        done = earlier(given.read, given.through)
    else:
        with given.log.open("w") as log:
            done = walk(given.root, given.through, log)
    if given.json is not None:
        given.json.write_text(json.dumps(msgspec.to_builtins(done), indent=1))
    text = page(done)
    if given.write is not None:
        given.write.write_text(text)
    print(text)
    return 0 if all(s.exit_code == 0 or "gate" in s.command for s in done.steps) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
