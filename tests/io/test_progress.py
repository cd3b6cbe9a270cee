"""How far a wait is: a line at times in a pipe, one bar on a terminal that is gone at the end."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rtlbench.io.progress import Phase, bar, waiting

RTLBENCH = Path(sys.executable).with_name("rtlbench")
STEPS = """
import sys, time
from rtlbench.io import progress
progress.EVERY = progress.SHORT = 0.3
with progress.waiting("reading"):
    time.sleep(1)
    with progress.waiting("judging", "answers", 40, "pass") as phase:
        for k in range(40):
            time.sleep(0.1)
            phase.advance(1, k % 2)
            if k == 20:
                print("something to say")
print("the end")
"""
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def in_a_pty(*command: str, stdout: int | None = None) -> str:
    """What a command writes to a terminal of 80 columns."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(
        command, stdout=slave if stdout is None else stdout, stderr=slave, stdin=slave,
        env=environment,
    ) as process:  # fmt: skip
        os.close(slave)
        written = b""
        while True:
            try:
                read = os.read(master, 1 << 16)
            except OSError:
                break
            if not read:
                break
            written += read
        assert process.wait() == 0, written
    os.close(master)
    return written.decode()


def screen(written: str) -> list[str]:
    """The lines that stand on a terminal after what was written: what rich uses is understood."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", written):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part.startswith("\x1b"):
            count = int(re.sub(r"\D", "", part) or 1)
            row -= count if part.endswith("A") else 0
            if part.endswith("K"):
                lines[row] = "" if part == "\x1b[2K" else lines[row][:column]
        else:
            before = lines[row].ljust(column)
            lines[row] = before[:column] + part + before[column + len(part) :]
            column += len(part)
    return [line.rstrip() for line in lines]


def test_a_pipe_gets_plain_lines_whether_or_not_anything_comes() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", STEPS], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "something to say\nthe end\n"
    lines = ran.stderr.splitlines()
    assert lines[0].startswith("reading, "), "a phase that counts nothing tells its seconds"
    counts = re.compile(r"judging: (\d+) of 40 answers, (\d+) pass")
    told = [m for line in lines if (m := counts.match(line))]
    assert 3 <= len(told) < 40, lines
    assert all(int(m[2]) in (int(m[1]) // 2, int(m[1]) // 2 + 1) for m in told)
    assert any(re.search(r"\d+ a second", line) for line in lines)
    assert "\x1b" not in ran.stderr
    assert "\r" not in ran.stderr


def test_a_terminal_has_one_bar_which_is_gone_at_the_end() -> None:
    written = in_a_pty(sys.executable, "-c", STEPS)
    seen = ESCAPE.sub("", written)
    assert "reading" in seen
    assert re.search(r"judging ━+ \d+ of 40 answers, \d+ pass", seen)
    assert [line for line in screen(written) if line] == ["something to say", "the end"]
    before = written[: written.index("the end")]
    at_once = max(
        sum("━" in line for line in screen(before[:k])) for k in range(0, len(before), 97)
    )
    assert at_once == 1


def test_what_is_written_elsewhere_is_not_drawn_to_the_terminal(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as out:
        written = in_a_pty(sys.executable, "-c", STEPS, stdout=out.fileno())
    assert (tmp_path / "out").read_text() == "something to say\nthe end\n"
    assert "something" not in written


def test_nothing_is_shown_of_what_is_over_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    with waiting("judging", "answers", 2) as phase:
        phase.advance(2)
    assert capfd.readouterr().err == ""


def test_a_wait_that_fails_takes_its_bar_with_it() -> None:
    written = in_a_pty(sys.executable, "-c", STEPS.replace("print(\"something to say\")", "break"))
    assert [line for line in screen(written) if line] == ["the end"]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
@pytest.mark.parametrize("name", ["judging", "finding the answers' code and the tasks' words"])
def test_the_bar_fits_its_line(width: int, name: str) -> None:
    phase = Phase(name, "answers", 1_000_000, "pass")
    phase.advance(999_999, 123_456)
    assert len(bar(phase, width).plain) < width


@pytest.mark.slow
def test_fresh_tasks_say_how_far_they_are(tmp_path: Path) -> None:
    command = [str(RTLBENCH), "specs", "list", "--fresh"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    ran = subprocess.run(
        [*command, "91"], capture_output=True, text=True, check=True, env=environment
    )
    told = re.findall(r"^fresh members of seed 91: (\d+) of (\d+) tasks", ran.stderr, re.MULTILINE)
    assert told, ran.stderr
    assert [int(n) for n, _ in told] == sorted(int(n) for n, _ in told)
