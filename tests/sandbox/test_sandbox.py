"""The sandbox: what every kind of it holds back, and what survives what a tool does to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from rtlbench.errors import HarnessError, UserError
from rtlbench.sandbox import level, sandbox
from rtlbench.sandbox.backends import BACKENDS, CORES
from rtlbench.sandbox.probe import attempts
from rtlbench.sandbox.process import Finished, Limits, read_made, run
from rtlbench.sandbox.sandbox import Sandbox, private_folder

STRICT = ["bubblewrap", "namespaces"]
ALL = [*STRICT, "landlock", "none"]


@pytest.fixture
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """This thread's sandbox is of the kind that the parameter names, or the test is skipped."""
    name: str = request.param
    try:
        made = Sandbox(BACKENDS[name])
    except HarnessError as e:
        pytest.skip(f"{name}: {e}")
    monkeypatch.setattr(sandbox._held, "walled", (level.wish(), made), raising=False)
    return name


@pytest.fixture
def wish() -> Iterator[None]:
    """Whatever the test chooses is forgotten afterwards."""
    yield
    level.choose(None)


def shell(script: str, folder: Path, **limits: float) -> Finished:
    return run(["sh", "-c", script], folder=folder, limits=Limits(**{"wall": 20.0, **limits}))  # type: ignore[arg-type]


def alive(marker: str) -> bool:
    """Whether a process of the machine has `marker` in its command."""
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if marker.encode() in (place / "cmdline").read_bytes():
                return True
    return False


def gone(marker: str) -> bool:
    """True when all such processes end within seconds: a signal takes a moment to act."""
    for _ in range(200):
        if not alive(marker):
            return True
        time.sleep(0.05)
    return False


WEAKER = {
    "landlock": {"UDP", "MB", "processes"},
    "none": {"TCP", "UDP", "read", "write", "signal", "environment", "MB", "processes"},
}
"""Words of the attempts that these kinds do not claim to stop."""


@pytest.mark.parametrize("kind", ALL, indirect=True)
def test_no_attempt_escapes_that_the_kind_claims_to_stop(kind: str) -> None:
    tried = attempts()
    assert len(tried) >= 13
    weak = WEAKER.get(kind, set())
    escaped = [a.name for a in tried if a.escaped and not weak & set(a.name.strip("()").split())]
    assert [n for n in escaped if not any(f"({w})" in n for w in weak)] == []


@pytest.mark.parametrize("kind", ["none"], indirect=True)
def test_the_attempts_do_succeed_where_there_are_no_walls(kind: str) -> None:
    escaped = {a.name.split()[0] for a in attempts() if a.escaped}
    assert {"connect", "send", "read", "signal", "write"} <= escaped


@pytest.mark.parametrize("kind", ALL, indirect=True)
def test_a_tool_reads_and_writes_its_folder_and_nobody_elses_later(kind: str) -> None:
    with private_folder() as folder:
        (folder / "in").write_text("given")
        assert shell("cat in > out; mkdir sub; echo deep > sub/file", folder).ok
        assert read_made(folder / "out") == b"given"
        shell("echo left > ../left; echo x > $TMPDIR/y", folder)
    with private_folder() as folder:
        assert list(folder.iterdir()) == []
        assert shell("ls ..", folder).stdout.count("\n") == 1


@pytest.mark.parametrize("kind", ALL, indirect=True)
def test_jobs_within_jobs(kind: str) -> None:
    with private_folder() as outer:
        (outer / "kept").write_text("kept")
        with private_folder() as inner:
            assert shell("ls", inner).stdout == ""
        assert shell("cat kept", outer).stdout == "kept"


@pytest.mark.parametrize("kind", STRICT, indirect=True)
def test_a_tool_sees_one_core_and_can_change_nothing_of_that(kind: str) -> None:
    with private_folder() as folder:
        seen = shell("getconf _NPROCESSORS_ONLN; echo 7 > /sys/devices/system/cpu/online", folder)
    assert seen.stdout == "1\n"
    assert seen.code != 0
    assert CORES.read_text() == "0\n"


@pytest.mark.parametrize("kind", STRICT, indirect=True)
def test_only_its_own_processes_are_seen(kind: str) -> None:
    with private_folder() as folder:
        ran = shell("ls -d /proc/[0-9]*; id -u; hostname; ls /home /var", folder)
        shown = shell("find /sys ! -type d", folder)
    assert ran.stdout.splitlines()[0] == "/proc/1"
    assert len(ran.stdout.splitlines()) <= 5
    assert "1000\nsandbox\n" in ran.stdout
    assert ran.stderr.count("No such file") == 2
    assert shown.stdout == "/sys/devices/system/cpu/online\n"


@pytest.mark.parametrize("kind", STRICT, indirect=True)
def test_the_server_can_be_neither_killed_nor_opened_nor_left(kind: str) -> None:
    with private_folder() as folder:
        touch = "kill -KILL 1; cat /proc/1/environ; : < /proc/1/mem; ls /proc/1/fd"
        ran = shell(f"{touch}; unshare -U true && echo left", folder)
        assert (ran.reason, ran.stdout) == ("exit", "")
        assert shell("echo again", folder).stdout == "again\n"


@pytest.mark.parametrize("kind", ["landlock", "none"], indirect=True)
def test_a_tool_that_ends_its_server_costs_its_own_run_only(kind: str) -> None:
    with private_folder() as folder:
        sandbox.sandbox()._process.kill()
        ran = shell("sleep 30", folder)
        assert (ran.reason, ran.code) == ("signal", -signal.SIGKILL)
    with private_folder() as folder:
        assert shell("echo again", folder).stdout == "again\n"


def test_an_interrupted_run_leaves_no_half_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    drain = "rtlbench.sandbox.process._drain"
    with private_folder() as folder, monkeypatch.context() as patch:
        patch.setattr(drain, _interrupted)
        with pytest.raises(KeyboardInterrupt):
            shell("echo old", folder)
    with private_folder() as folder:
        assert shell("echo new", folder).stdout == "new\n"


def _interrupted(*_: object) -> bool:
    raise KeyboardInterrupt


@pytest.mark.parametrize("kind", STRICT, indirect=True)
def test_a_full_folder_is_empty_again_for_the_next(kind: str) -> None:
    with private_folder() as folder:
        ran = shell("for k in 1 2 3 4 5; do head -c 60000000 /dev/zero > f$k; done; ls", folder)
        assert "No space left" in ran.stderr
    with private_folder() as folder:
        assert shell("head -c 60000000 /dev/zero > f && rm f", folder).ok


@pytest.mark.parametrize("kind", STRICT, indirect=True)
def test_folders_too_deep_to_remove_cost_the_sandbox_only(kind: str) -> None:
    code = "import os\nfor k in range(3000): os.mkdir('d'); os.chdir('d')"
    with private_folder() as folder:
        assert run([sys.executable, "-c", code], folder=folder, limits=Limits()).ok
    with private_folder() as folder:
        assert shell("ls ..", folder).stdout.count("\n") == 1


def test_what_a_tool_made_is_read_only_if_it_is_a_plain_file() -> None:
    with private_folder() as folder:
        shell("echo plain > plain; ln -s /etc/passwd link; mkfifo pipe; mkdir sub; ln plain hard; "
              "truncate -s 9M big", folder)
        assert read_made(folder / "plain") == b"plain\n"
        assert read_made(folder / "hard") == b"plain\n"
        for name in ("link", "pipe", "sub", "missing"):
            assert read_made(folder / name) is None
        assert read_made(folder / "big", limit=1 << 20) is None


def test_a_folder_that_a_tool_renames_still_is_ours() -> None:
    with private_folder() as folder:
        shell('here=$PWD; mv "$here" "$here.away"; ln -s /etc "$here"; echo mine > passwd', folder)
        assert read_made(folder / "passwd") == b"mine\n"


def test_each_thread_has_a_sandbox_of_its_own() -> None:
    said: dict[int, str] = {}

    def work(k: int) -> None:
        with private_folder() as folder:
            said[k] = shell(f"sleep 0.2; echo {k}; ls -d /proc/[0-9]* | wc -l", folder).stdout

    threads = [threading.Thread(target=work, args=(k,)) for k in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {k: text.split()[0] for k, text in said.items()} == {0: "0", 1: "1", 2: "2"}


def test_a_forked_child_gets_a_sandbox_of_its_own() -> None:
    sandbox.sandbox()
    pid = os.fork()
    if pid == 0:
        with private_folder() as folder:
            os._exit(0 if shell("echo child", folder).stdout == "child\n" else 1)
    with private_folder() as folder:
        assert shell("echo parent", folder).stdout == "parent\n"
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


WORKER = """
import sys
from rtlbench.sandbox import level, sandbox
from rtlbench.sandbox.backends import BACKENDS
from rtlbench.sandbox.process import Limits, run
sandbox._held.walled = (level.wish(), sandbox.Sandbox(BACKENDS[sys.argv[1]]))
with sandbox.private_folder() as folder:
    run(["sh", "-c", "setsid sleep %s & sleep %s"], folder=folder, limits=Limits(wall=60.0))
"""


@pytest.mark.parametrize("kind", ALL, indirect=True)
def test_a_worker_that_is_killed_leaves_nothing_running(kind: str) -> None:
    marker = f"61.{uuid.uuid4().int}"
    with subprocess.Popen([sys.executable, "-c", WORKER % (marker, marker), kind]) as worker:
        for _ in range(400):
            if alive(f"sleep\0{marker}"):
                break
            time.sleep(0.05)
        assert alive(f"sleep\0{marker}")
        worker.kill()
    assert gone(marker)


def test_strict_is_refused_where_there_is_less(
    monkeypatch: pytest.MonkeyPatch, wish: None
) -> None:
    less = {name: BACKENDS[name] for name in ("landlock", "none")}
    monkeypatch.setattr(sandbox, "BACKENDS", less)
    level.choose("strict")
    with pytest.raises(UserError, match=r"(?s)landlock.*own processes.*bubblewrap.*docs/isolation"):
        sandbox.isolation()


@pytest.mark.parametrize("wanted", ["none", "default"])
def test_what_is_in_force_has_a_name(wanted: str, wish: None) -> None:
    level.choose(wanted)
    told = str(sandbox.isolation())
    assert told.partition(":")[0] in (["none"] if wanted == "none" else ALL)
    assert "limits" in told


def test_an_unknown_wish_is_the_users_mistake(monkeypatch: pytest.MonkeyPatch, wish: None) -> None:
    with pytest.raises(UserError, match="--isolation: no isolation 'best'; there are default"):
        level.choose("best")
    monkeypatch.setenv(level.VARIABLE, "all")
    with pytest.raises(UserError, match="RTLBENCH_ISOLATION"):
        level.wish()


JUDGED = """
from rtlbench.records.candidate import Candidate
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier
spec = load_suite()[0]
print(Verifier().verify(spec, [Candidate(text=spec.golden)])[0].outcome)
"""


@pytest.mark.slow
def test_an_environment_may_be_a_link(tmp_path: Path) -> None:
    link = tmp_path / "environment"
    link.symlink_to(sys.prefix)
    python = link / Path(sys.executable).relative_to(sys.prefix)
    told = subprocess.run([python, "-c", JUDGED], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["pass"]
