"""The process wrapper: limits hold, nothing is left behind, nothing leaks in."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from rtlbench.errors import HarnessError
from rtlbench.tools.process import Finished, Limits, run, scrubbed_environment

MIB = 1 << 20


def python(code: str, folder: Path, **limits: float) -> Finished:
    """Run a line of Python under `limits`, otherwise small ones."""
    given = {"wall": 10.0, "cpu": 5, "memory": 512 * MIB, **limits}
    return run([sys.executable, "-c", code], folder=folder, limits=Limits(**given))  # type: ignore[arg-type]


def shell(script: str, folder: Path, wall: float = 10.0) -> Finished:
    return run(["/bin/sh", "-c", script], folder=folder, limits=Limits(wall=wall))


def is_alive(pid: int) -> bool:
    """True unless the process is gone or only waits to be reaped by somebody."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(pid: int) -> bool:
    """True when the process ends within a second: a signal takes a moment to act."""
    for _ in range(100):
        if not is_alive(pid):
            return True
        time.sleep(0.01)
    return False


def test_what_a_tool_says_and_its_status_come_back(tmp_path: Path) -> None:
    ran = shell("echo out; echo err >&2; exit 3", tmp_path)
    assert (ran.stdout, ran.stderr, ran.reason, ran.code) == ("out\n", "err\n", "exit", 3)
    assert not ran.ok
    assert not ran.truncated
    assert shell("exit 0", tmp_path).ok


def test_it_runs_in_the_folder(tmp_path: Path) -> None:
    assert shell("pwd", tmp_path).stdout.strip() == str(tmp_path.resolve())


def test_arguments_meet_no_shell(tmp_path: Path) -> None:
    words = "$HOME; `id` && *"
    assert run(["/bin/echo", words], folder=tmp_path, limits=Limits()).stdout == f"{words}\n"


def test_wall_time_ends_a_sleeper(tmp_path: Path) -> None:
    start = time.monotonic()
    ran = shell("sleep 60", tmp_path, wall=0.3)
    assert ran.reason == "timeout"
    assert 0.3 <= ran.wall <= time.monotonic() - start < 5.0


@pytest.mark.slow
def test_cpu_time_ends_a_busy_tool_as_a_timeout(tmp_path: Path) -> None:
    ran = python("while True: pass", tmp_path, cpu=1, wall=30.0)
    assert ran.reason == "timeout"
    assert ran.wall < 25.0


@pytest.mark.slow
def test_a_tool_that_ignores_the_signal_for_cpu_time_ends_too(tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    assert python(code, tmp_path, cpu=1, wall=30.0).reason == "timeout"


def test_a_tool_that_ignores_every_polite_signal_ends_at_the_wall(tmp_path: Path) -> None:
    ran = shell("trap '' TERM INT HUP; while :; do sleep 1; done", tmp_path, wall=0.3)
    assert ran.reason == "timeout"


def test_memory_is_limited(tmp_path: Path) -> None:
    ran = python("x = bytearray(600 << 20)", tmp_path)
    assert not ran.ok
    assert "MemoryError" in ran.stderr


def test_the_size_of_a_file_is_limited(tmp_path: Path) -> None:
    code = "open('big', 'wb').write(b'x' * (2 << 20))"
    assert not python(code, tmp_path, file_size=MIB).ok
    assert (tmp_path / "big").stat().st_size <= MIB


def test_output_is_capped_and_a_chatterer_is_not_blocked(tmp_path: Path) -> None:
    code = "import sys; sys.stdout.write('x' * 3_000_000); sys.stderr.write('y' * 3_000_000)"
    ran = python(code, tmp_path, output=1000)
    assert ran.ok
    assert ran.truncated
    assert (ran.stdout, ran.stderr) == ("x" * 1000, "y" * 1000)


def test_endless_output_ends_with_the_time(tmp_path: Path) -> None:
    ran = run(["yes"], folder=tmp_path, limits=Limits(wall=0.5, output=1000))
    assert ran.reason == "timeout"
    assert len(ran.stdout) == 1000


def test_output_that_is_no_text_is_no_trouble(tmp_path: Path) -> None:
    assert "\ufffd" in shell(r"printf '\377\376'", tmp_path).stdout


def test_a_signal_is_told_from_an_exit(tmp_path: Path) -> None:
    ran = shell("kill -SEGV $$", tmp_path)
    assert (ran.reason, ran.code) == ("signal", -signal.SIGSEGV)


def test_being_killed_from_outside_is_no_timeout(tmp_path: Path) -> None:
    assert shell("kill -KILL $$", tmp_path).reason == "signal"


def test_grandchildren_end_with_a_timeout(tmp_path: Path) -> None:
    ran = shell("sleep 60 & echo $!; sleep 60", tmp_path, wall=0.3)
    assert ran.reason == "timeout"
    assert gone(int(ran.stdout))


def test_grandchildren_end_with_a_tool_that_leaves_them_behind(tmp_path: Path) -> None:
    ran = shell("sleep 60 >/dev/null 2>&1 & echo $!", tmp_path)
    assert ran.ok
    assert ran.wall < 5.0
    assert gone(int(ran.stdout))


def test_a_grandchild_that_keeps_the_pipes_open_ends_at_the_wall(tmp_path: Path) -> None:
    ran = shell("sleep 60 & echo $!", tmp_path, wall=0.5)
    assert ran.wall < 5.0
    assert gone(int(ran.stdout))


def test_a_tool_has_a_session_of_its_own(tmp_path: Path) -> None:
    ran = python("import os; print(os.getsid(0), os.getpgid(0), os.getpid())", tmp_path)
    session, group, pid = ran.stdout.split()
    assert session == group == pid
    assert int(session) != os.getsid(0)


def test_the_environment_holds_only_what_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    ran = run(["env"], folder=tmp_path, limits=Limits(), env={"GIVEN": "1"})
    seen = dict(line.split("=", 1) for line in ran.stdout.splitlines())
    assert "SECRET_TOKEN" not in seen
    assert seen["GIVEN"] == "1"
    assert set(seen) <= {"PATH", "LANG", "HOME", "GIVEN", "PWD", "SHLVL", "_"}
    assert set(scrubbed_environment()) == {"PATH", "LANG", "HOME"}


def test_nothing_can_be_read_from_us(tmp_path: Path) -> None:
    ran = python("import sys; print(repr(sys.stdin.read()))", tmp_path)
    assert ran.stdout == "''\n"


def test_our_open_files_are_not_handed_on(tmp_path: Path) -> None:
    with (tmp_path / "ours").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        ran = shell("ls -l /proc/self/fd", tmp_path)
    assert "ours" not in ran.stdout


@pytest.mark.parametrize("name", ["no-such-program-anywhere", "/nonexistent/tool"])
def test_a_missing_program_is_an_error_of_the_harness(tmp_path: Path, name: str) -> None:
    with pytest.raises(HarnessError, match=name):
        run([name], folder=tmp_path, limits=Limits())


def test_a_missing_folder_is_an_error_of_the_harness(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="cannot start"):
        run(["true"], folder=tmp_path / "gone", limits=Limits())


def test_no_zombie_and_no_open_pipe_is_left(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for script in ("exit 0", "exit 1", "kill -KILL $$", "sleep 60 & exit 0"):
        shell(script, tmp_path, wall=0.3)
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    assert not [p for p in children if not is_alive(int(p))]
    assert len(list(Path("/proc/self/fd").iterdir())) == before
