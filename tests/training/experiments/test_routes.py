"""The router's file that the experiment writes is one that `rtlbench bench` reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rtlbench.generate.router import read_routes

SCRIPT = Path(__file__).parents[3] / "training" / "experiments" / "routes.py"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    base, out = str(tmp_path / 'odd "base" \U0001f600 \\ é'), tmp_path / "routes.toml"
    words = [base, str(out), "fsm", "one folder", "memory", "two"]
    subprocess.run([sys.executable, str(SCRIPT), *words], check=True, timeout=120)
    routes = read_routes(out)
    assert (routes.base, routes.adapters) == (base, {"fsm": "one folder", "memory": "two"})
