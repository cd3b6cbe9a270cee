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
    ("iverilog", "prints rubbish"),
]


YOSYS = {
    "crashes": "os.kill(os.getpid(), signal.SIGSEGV)",
    "stands still": "time.sleep(1000)",
    "says and makes nothing": "pass",
    "prints rubbish": "os.write(2, os.urandom(100_000)); os._exit(1)",
    "fills the disk": "open('/dev/zero', 'rb').readinto(b := bytearray(1 << 20)); "
    "[open(f'{k}', 'wb').write(b) for k in range(1000)]",
    "gives every answer a fault": "os.write(2, b'ERROR: syntax error'); os._exit(1)",
    "cannot be loaded": "pass\nraise ImportError('a library is missing')",
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", YOSYS)
def test_a_broken_yosys_is_never_the_answers_fault(
    faulty: Callable[[int], FaultyRun], fault: str
) -> None:
    run = faulty(1)
    run.spoil_yosys(YOSYS[fault])
    ran = run.run(*(("-p", "quick") if fault == "stands still" else ()))
    assert [v["outcome"] for v in run.lines] == ["error", "error"], ran.stdout + ran.stderr
    assert ran.returncode == 1
    assert "Traceback" not in ran.stdout + ran.stderr
    run.mend()
    run.check_complete(2)


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
