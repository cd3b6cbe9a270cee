"""Stages that resume: each is done once, whole or absent, in the order of what they need."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.pipeline.stages import ONE_OF, OUT, RECORD, Stage, _end_with, read_record, run_stages

COUNT = (
    "import sys, pathlib; out = pathlib.Path(sys.argv[1]); log = pathlib.Path(sys.argv[2]);"
    "f = log.open('a'); f.write(out.name + '\\n'); f.close(); (out / 'made').write_text('x')"
)


def counting(name: str, log: Path, *needs: str) -> Stage:
    argv = (sys.executable, "-c", COUNT, OUT, str(log))
    return Stage(name=name, argv=argv, needs=needs)


def failing(name: str, code: str) -> Stage:
    return Stage(name=name, argv=(sys.executable, "-c", code, OUT))


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.is_file() else []


def silent(_: str) -> None:
    pass


def test_each_stage_runs_once_after_what_it_needs(tmp_path: Path) -> None:
    log, work = tmp_path / "log", tmp_path / "work"
    stages = [counting("c", log, "a", "b"), counting("b", log, "a"), counting("a", log)]
    run_stages(stages, work, 2, silent)
    run_stages(stages, work, 2, silent)
    assert lines(log) == ["a.part", "b.part", "c.part"]
    assert all((work / name / "made").is_file() for name in "abc")
    assert set(read_record(work / "c").inputs) == {"a", "b"}


def test_of_those_that_could_begin_the_first_of_the_list_does(tmp_path: Path) -> None:
    log = tmp_path / "log"
    stages = [counting("tune", log), counting("bench", log, "tune"), counting("other", log)]
    run_stages(stages, tmp_path / "work", 1, silent)
    assert lines(log) == ["tune.part", "bench.part", "other.part"]
    late = [counting("tune", log), counting("late", log, "tune"), counting("last", log)]
    run_stages(late, tmp_path / "work", 1, silent)  # what is done makes room for what needs it
    assert lines(log)[3:] == ["late.part", "last.part"]


def test_a_command_whose_runner_was_killed_before_it_began_does_nothing(tmp_path: Path) -> None:
    runner = subprocess.Popen([sys.executable, "-c", "pass"])
    runner.wait()
    made = tmp_path / "made"
    command = subprocess.run(
        ["touch", str(made)], check=False, preexec_fn=partial(_end_with, runner.pid)
    )
    assert command.returncode == -signal.SIGKILL
    assert not made.exists()


def test_a_failed_stage_is_tried_again_and_leaves_no_finished_folder(tmp_path: Path) -> None:
    code = "import sys, pathlib; open(sys.argv[1] + '/tries', 'a').write('x'); sys.exit('broken')"
    with pytest.raises(UserError, match=r"bad ended with 1; the same command goes on(.|\n)*broken"):
        run_stages([failing("bad", code)], tmp_path, 1, silent)
    assert not (tmp_path / "bad").exists()
    assert (tmp_path / "bad.part" / "tries").read_text() == "xx"


def test_a_stage_that_was_cut_off_finds_what_it_left(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; left = pathlib.Path(sys.argv[1]) / 'left';"
        "done = left.exists(); left.write_text('x'); sys.exit(0 if done else 1)"
    )
    run_stages([failing("slow", code)], tmp_path, 1, silent)
    assert (tmp_path / "slow" / "left").is_file()
    assert not (tmp_path / "slow.part").exists()


def test_a_status_that_is_tolerated_is_good_enough_of_the_last_attempt(tmp_path: Path) -> None:
    code = "import sys, pathlib; open(sys.argv[1] + '/tries', 'a').write('x'); sys.exit(1)"
    stage = msgspec.structs.replace(failing("half", code), tolerates=1)
    run_stages([stage], tmp_path, 1, silent)
    assert (tmp_path / "half" / "tries").read_text() == "xx"
    other = msgspec.structs.replace(failing("other", code.replace("(1)", "(2)")), tolerates=1)
    with pytest.raises(UserError, match="other ended with 2"):
        run_stages([other], tmp_path, 1, silent)


def test_a_command_ends_with_the_process_that_began_it(tmp_path: Path) -> None:
    sleep = (
        "import os, sys, time, pathlib;"
        "pathlib.Path(sys.argv[1], 'pid').write_text(str(os.getpid())); time.sleep(600)"
    )
    begin = (
        "import sys; from pathlib import Path; from rtlbench.pipeline.stages import *;"
        f"run_stages([Stage(name='long', argv=(sys.executable, '-c', {sleep!r}, OUT))],"
        f"Path({str(tmp_path)!r}), 1)"
    )
    with subprocess.Popen([sys.executable, "-c", begin]) as job:
        pid = tmp_path / "long.part" / "pid"
        while not (pid.is_file() and pid.read_text()):
            assert job.poll() is None
            time.sleep(0.01)
        command = Path("/proc", pid.read_text())
        assert command.is_dir()
        job.kill()
    while is_alive(command):
        time.sleep(0.01)


def is_alive(process: Path) -> bool:
    """Whether a process is more than a name that waits for its parent."""
    try:
        return ") Z " not in (process / "stat").read_text()
    except OSError:
        return False


def test_what_an_earlier_call_finished_is_there_for_a_later_one(tmp_path: Path) -> None:
    log, work = tmp_path / "log", tmp_path / "work"
    later = [counting("b", log, "a"), counting("c", log, "b")]
    with pytest.raises(UserError, match="b needs a, which is not done"):
        run_stages(later, work, 2, silent)
    run_stages([counting("a", log)], work, 2, silent)
    run_stages(later, work, 2, silent)
    assert lines(log) == ["a.part", "b.part", "c.part"]
    assert set(read_record(work / "b").inputs) == {"a"}


def test_where_the_disk_is_full_that_is_said_though_the_log_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = Stage(name="one", argv=(sys.executable, "-c", "raise SystemExit(2)"))
    with pytest.raises(UserError) as plain:
        run_stages([fails], tmp_path, 1, silent)
    assert "the disk is full" not in str(plain.value)
    monkeypatch.setattr("rtlbench.pipeline.stages.LITTLE", 1 << 62)
    with pytest.raises(UserError, match=r"one ended with 2; the disk is full there, [0-9,]+ bytes"):
        run_stages([fails], tmp_path, 1, silent)


def test_no_stage_begins_after_one_has_failed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    stages = [failing("a", "import sys; sys.exit(1)"), counting("b", log, "a")]
    with pytest.raises(UserError):
        run_stages(stages, tmp_path / "work", 1, silent)
    assert lines(log) == []


def test_another_call_for_a_finished_stage_is_refused(tmp_path: Path) -> None:
    log, work = tmp_path / "log", tmp_path / "work"
    run_stages([counting("a", log)], work, 1, silent)
    with pytest.raises(UserError, match="was made by another call"):
        run_stages([counting("a", tmp_path / "other")], work, 1, silent)


def test_a_stage_whose_input_was_made_anew_is_refused(tmp_path: Path) -> None:
    log, work = tmp_path / "log", tmp_path / "work"
    stages = [counting("a", log), counting("b", log, "a")]
    run_stages(stages, work, 1, silent)
    record = work / "a" / RECORD
    record.write_text(record.read_text() + "\n")
    with pytest.raises(UserError, match="made anew"):
        run_stages(stages, work, 1, silent)


def test_a_folder_that_is_no_stage_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(UserError, match="holds no finished stage"):
        run_stages([counting("a", tmp_path / "log")], tmp_path, 1, silent)


def test_a_path_that_only_a_stage_knows_is_found_when_it_is_needed(tmp_path: Path) -> None:
    make = "import sys, pathlib; (pathlib.Path(sys.argv[1]) / 'run_a_20260101').mkdir()"
    use = "import sys, pathlib; assert pathlib.Path(sys.argv[1]).name == 'run_a_20260101'"
    stages = [
        failing("a", make),
        Stage(name="b", argv=(sys.executable, "-c", use, f"{ONE_OF}{tmp_path}/a/run_a_*"),
              needs=("a",)),
    ]  # fmt: skip
    run_stages(stages, tmp_path, 1, silent)
    with pytest.raises(UserError, match="there are 0 such"):
        nothing = (sys.executable, f"{ONE_OF}{tmp_path}/a/x_*")
        run_stages([Stage(name="c", argv=nothing)], tmp_path, 1, silent)


def test_as_many_run_at_a_time_as_there_are_cores(tmp_path: Path) -> None:
    """Each notes how many are at work."""
    code = (
        "import os, sys, time, pathlib; here = pathlib.Path(sys.argv[2]);"
        "mine = here / f'{os.getpid()}.on'; mine.touch(); time.sleep(0.3);"
        "n = len(list(here.glob('*.on'))); f = open(here / 'seen', 'a');"
        "f.write(f'{n}\\n'); f.close(); mine.unlink()"
    )
    here = tmp_path / "here"
    here.mkdir()
    argv = (sys.executable, "-c", code, OUT, str(here))
    run_stages([Stage(name=f"s{k}", argv=argv) for k in range(5)], tmp_path / "work", 2, silent)
    seen = [int(line) for line in (here / "seen").read_text().splitlines()]
    assert len(seen) == 5
    assert max(seen) == 2


@pytest.mark.parametrize(("code", "begun"), [(1, 2), (2, 1), (4, 1)])
def test_a_mistake_or_a_full_disk_is_not_tried_twice(
    tmp_path: Path, code: int, begun: int
) -> None:
    log = tmp_path / "log"
    text = f"import sys; open({str(log)!r}, 'a').write('once\\n'); sys.exit({code})"
    with pytest.raises(UserError, match=f"ended with {code}"):
        run_stages([failing("a", text)], tmp_path / "work", 1, silent)
    assert lines(log) == ["once"] * begun
