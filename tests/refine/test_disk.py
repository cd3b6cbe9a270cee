"""A disk that is full: one message, and with room again the same command goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import SmallSuite
from tests.refine.conftest import Endpoint
from tests.refine.looking import assert_whole

SCRIPT = """
mount -t tmpfs -o size={size} none data || exit 99
"$@" > first.txt 2>&1
echo $? > first.code
mount -o remount,size=64m data || exit 98
"$@" > second.txt 2>&1 || exit 97
cp -r data/runs kept
"""


def may_mount() -> bool:
    command = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not may_mount(), reason="mounting in a user namespace is not permitted here")
@pytest.mark.parametrize("size", ["8k", "36k", "72k"])
def test_a_full_disk_is_one_message_and_nothing_is_lost(
    endpoint: Endpoint, small_suite: SmallSuite, tmp_path: Path, size: str
) -> None:
    first, second, *_ = small_suite.specs
    script = str(Path(sysconfig.get_path("scripts")) / "rtlbench")
    command = [sys.executable, script, "refine", "-n", "1", *endpoint.options, small_suite.option,
               "-k", first.id, "-k", second.id, "--run-id", "r"]  # fmt: skip
    (tmp_path / "data").mkdir()
    subprocess.run(
        ["unshare", "-rm", "sh", "-c", SCRIPT.format(size=size), "sh", *command], check=True,
        cwd=tmp_path, env={**os.environ, "RTLBENCH_ISOLATION": "none"}, timeout=300,
    )  # fmt: skip
    told = (tmp_path / "first.txt").read_text()
    assert (tmp_path / "first.code").read_text().strip() == "2", told
    assert "No space left on device" in told
    assert "Traceback" not in told
    assert_whole(tmp_path / "kept" / "r")
