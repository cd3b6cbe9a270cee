"""Tools that break in mid-run: no answer is blamed, the run says so, the next one completes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.conftest import FaultyRun

RUBBISH = "head -c 100000000 /dev/zero | tr '\\0' '\\377'"
FAULTS = {
    "crashes": "kill -SEGV $$",
    "is killed for memory": "kill -KILL $$",
    "stands still": "sleep 1000",
    "says and makes nothing": "exit 0",
    "prints rubbish": f"{RUBBISH}; exit 1",
    "prints rubbish and is content": f"{RUBBISH}; exit 0",
    "fills the disk": "cat /dev/zero > filling; echo 'ERROR: cannot write' >&2; exit 1",
    "disappears": 'rm "$0"; exit 127',
}
CASES = [
    ("vvp", "crashes"),
    ("vvp", "is killed for memory"),
    ("vvp", "stands still"),
    ("vvp", "says and makes nothing"),
    ("vvp", "prints rubbish and is content"),
    ("vvp", "disappears"),
    ("yosys", "crashes"),
    ("yosys", "stands still"),
    ("yosys", "says and makes nothing"),
    ("yosys", "prints rubbish"),
    ("yosys", "fills the disk"),
    ("iverilog", "prints rubbish"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("tool", "fault"), CASES)
def test_a_broken_tool_is_never_the_answers_fault(
    faulty: Callable[[int], FaultyRun], tool: str, fault: str
) -> None:
    run = faulty(1)
    run.spoil(tool, FAULTS[fault])
    ran = run.run(*(("-p", "quick") if fault == "stands still" else ()))
    assert run.lines, ran.stdout + ran.stderr
    run.check_nobody_is_blamed()
    broken = [v for v in run.lines if v["outcome"] == "error"]
    assert ran.returncode == (1 if broken else 0), ran.stdout + ran.stderr
    assert ran.stdout.count("not judged, the harness failed: ") == (1 if broken else 0), ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr
    run.mend()
    run.check_complete(2)
