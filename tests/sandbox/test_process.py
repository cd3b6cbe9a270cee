"""The process wrapper: limits hold, nothing is left behind, nothing leaks in."""

from __future__ import annotations

import os
import signal
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from rtlbench.errors import HarnessError
from rtlbench.sandbox.process import Finished, Limits, run, scrubbed_environment
from rtlbench.sandbox.sandbox import private_folder

MIB = 1 << 20


def python(code: str, folder: Path, **limits: float) -> Finished:
    """Run a line of Python under `limits`, otherwise small ones."""
    given = {"wall": 10.0, "cpu": 5, "memory": 512 * MIB, **limits}
    return run([sys.executable, "-c", code], folder=folder, limits=Limits(**given))  # type: ignore[arg-type]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A private folder of this thread's sandbox."""
    with private_folder() as path:
        yield path


def shell(script: str, folder: Path, wall: float = 10.0) -> Finished:
    return run(["/bin/sh", "-c", script], folder=folder, limits=Limits(wall=wall))


def alive(marker: str) -> list[str]:
    """The processes of the machine that have `marker` in their command, zombies not."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (place / "cmdline").read_bytes()
            if marker.encode() in command:
                found.append(place.name)
    return found


@pytest.fixture
def sleep() -> str:
    """A command that sleeps for a minute, told from all others by its argument."""
    return f"sleep 60.{uuid.uuid4().int}"


def test_what_a_tool_says_and_its_status_come_back(folder: Path) -> None:
    ran = shell("echo out; echo err >&2; exit 3", folder)
    assert (ran.stdout, ran.stderr, ran.reason, ran.code) == ("out\n", "err\n", "exit", 3)
    assert not ran.ok
    assert not ran.truncated
    assert shell("exit 0", folder).ok


def test_it_runs_in_the_folder(folder: Path) -> None:
    (folder / "here").touch()
    ran = shell("ls; pwd; echo $HOME $TMPDIR", folder)
    name, place, again = ran.stdout.splitlines()
    assert name == "here"
    assert again == f"{place} {place}"


def test_arguments_meet_no_shell(folder: Path) -> None:
    words = "$HOME; `id` && *"
    assert run(["/bin/echo", words], folder=folder, limits=Limits()).stdout == f"{words}\n"


def test_wall_time_ends_a_sleeper(folder: Path) -> None:
    start = time.monotonic()
    ran = shell("sleep 60", folder, wall=0.3)
    assert ran.reason == "timeout"
    assert 0.3 <= ran.wall <= time.monotonic() - start < 5.0


@pytest.mark.slow
def test_cpu_time_ends_a_busy_tool_as_a_timeout(folder: Path) -> None:
    ran = python("while True: pass", folder, cpu=1, wall=30.0)
    assert ran.reason == "timeout"
    assert ran.wall < 25.0


@pytest.mark.slow
def test_a_tool_that_ignores_the_signal_for_cpu_time_ends_too(folder: Path) -> None:
    code = "import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    assert python(code, folder, cpu=1, wall=30.0).reason == "timeout"


def test_a_tool_that_ignores_every_polite_signal_ends_at_the_wall(folder: Path) -> None:
    ran = shell("trap '' TERM INT HUP; while :; do sleep 1; done", folder, wall=0.3)
    assert ran.reason == "timeout"


def test_memory_is_limited(folder: Path) -> None:
    ran = python("x = bytearray(600 << 20)", folder)
    assert not ran.ok
    assert "MemoryError" in ran.stderr


def test_the_size_of_a_file_is_limited(folder: Path) -> None:
    code = "open('big', 'wb').write(b'x' * (2 << 20))"
    assert not python(code, folder, file_size=MIB).ok
    assert (folder / "big").stat().st_size <= MIB


def test_output_is_capped_and_a_chatterer_is_not_blocked(folder: Path) -> None:
    code = "import sys; sys.stdout.write('x' * 3_000_000); sys.stderr.write('y' * 3_000_000)"
    ran = python(code, folder, output=1000)
    assert ran.ok
    assert ran.truncated
    assert (ran.stdout, ran.stderr) == ("x" * 1000, "y" * 1000)


def test_endless_output_ends_with_the_time(folder: Path) -> None:
    ran = run(["yes"], folder=folder, limits=Limits(wall=0.5, output=1000))
    assert ran.reason == "timeout"
    assert len(ran.stdout) == 1000


def test_output_that_is_no_text_is_no_trouble(folder: Path) -> None:
    assert "\ufffd" in shell(r"printf '\377\376'", folder).stdout


def test_a_signal_is_told_from_an_exit(folder: Path) -> None:
    ran = shell("kill -SEGV $$", folder)
    assert (ran.reason, ran.code) == ("signal", -signal.SIGSEGV)


def test_being_killed_from_outside_is_no_timeout(folder: Path) -> None:
    assert shell("kill -KILL $$", folder).reason == "signal"


def test_grandchildren_end_with_a_timeout(folder: Path, sleep: str) -> None:
    ran = shell(f"{sleep} & sleep 0.3; ps -eo args= ; {sleep}", folder, wall=3.0)
    assert ran.reason == "timeout"
    assert sleep in ran.stdout
    assert not alive(sleep.split()[1])


@pytest.mark.parametrize("how", ["", "setsid ", "setsid -f "])
def test_grandchildren_end_with_a_tool_that_leaves_them_behind(
    folder: Path, sleep: str, how: str
) -> None:
    ran = shell(f"{how}{sleep} >/dev/null 2>&1 & sleep 0.2; ps -eo args=", folder)
    assert ran.ok
    assert sleep in ran.stdout
    assert not alive(sleep.split()[1])


def test_a_grandchild_that_keeps_the_pipes_open_ends_with_its_tool(
    folder: Path, sleep: str
) -> None:
    ran = shell(f"{sleep} & echo out", folder, wall=30.0)
    assert (ran.reason, ran.stdout) == ("exit", "out\n")
    assert not alive(sleep.split()[1])


def test_a_tool_has_a_session_of_its_own(folder: Path) -> None:
    ran = python("import os; print(os.getsid(0), os.getpgid(0), os.getpid())", folder)
    session, group, pid = ran.stdout.split()
    assert session == group == pid
    assert int(session) != os.getsid(0)


def test_the_environment_holds_only_what_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    ran = run(["env"], folder=folder, limits=Limits(), env={"GIVEN": "1"})
    seen = dict(line.split("=", 1) for line in ran.stdout.splitlines())
    assert "SECRET_TOKEN" not in seen
    assert seen["GIVEN"] == "1"
    assert set(seen) <= {"PATH", "LANG", "HOME", "TMPDIR", "GIVEN", "PWD", "SHLVL", "_"}
    assert set(scrubbed_environment()) == {"PATH", "LANG"}


def test_nothing_can_be_read_from_us(folder: Path) -> None:
    ran = python("import sys; print(repr(sys.stdin.read()))", folder)
    assert ran.stdout == "''\n"


def test_our_open_files_are_not_handed_on(folder: Path) -> None:
    with (folder / "ours").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        ran = shell("ls -l /proc/self/fd", folder)
    assert "ours" not in ran.stdout


@pytest.mark.parametrize("name", ["no-such-program-anywhere", "/nonexistent/tool"])
def test_a_missing_program_is_an_error_of_the_harness(folder: Path, name: str) -> None:
    with pytest.raises(HarnessError, match=name):
        run([name], folder=folder, limits=Limits())


def test_a_missing_folder_is_an_error_of_the_harness(folder: Path) -> None:
    with pytest.raises(HarnessError, match="cannot start"):
        run(["true"], folder=folder / "gone", limits=Limits())


def test_no_zombie_and_no_open_pipe_is_left(folder: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    sandboxes = children.read_text()
    for script in ("exit 0", "exit 1", "kill -KILL $$", "sleep 60 & exit 0"):
        shell(script, folder, wall=0.3)
    assert children.read_text() == sandboxes
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("trusted", [False, True])
def test_a_folder_that_is_not_the_sandboxes_is_refused_unless_the_tool_is_trusted(
    tmp_path: Path, trusted: bool
) -> None:
    (tmp_path / "note").write_text("read")
    if trusted:
        ran = run(["cat", "note"], folder=tmp_path, limits=Limits(), trusted=True)
        assert ran.stdout == "read"
        return
    with pytest.raises(HarnessError, match="no folder of the sandbox"):
        run(["cat", "note"], folder=tmp_path, limits=Limits())
