"""One process that writes in a place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.io.atomic import take

HOLD = """
import sys
from pathlib import Path
from rtlbench.io.atomic import take
with take(Path(sys.argv[1]), "busy", str):
    print("taken", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / ".lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"taken\n"
        with pytest.raises(UserError, match=r"^busy here$"):
            take(path, "busy here", str)
        holder.kill()
        holder.wait()
    take(path, "busy", str, wait=5).release()


def test_a_place_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write there"):
        take(tmp_path / "file" / ".lock", "busy", lambda e: f"cannot write there: {e.strerror}")
