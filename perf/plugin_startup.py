"""What rtlbench costs a pytest that does not use it, and how fast its commands start.

    python perf/plugin_startup.py [--rounds N] [--json FILE]

Side by side in one run: `pytest` of an unrelated project in an environment that has rtlbench, and
the same where its distribution cannot be found (its metadata are what pytest looks for plugins in);
then `rtlbench verify --help` and `rtlbench bench --help` beside a Python that imports click alone.
Rounds alternate, so that a busy machine slows both; a ratio is of the medians of CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

WITHOUT = """
import importlib.metadata as m
every = m.distributions
m.distributions = lambda **k: (d for d in every(**k) if d.metadata["Name"] != "rtlbench")
"""
PYTEST = "import pytest; raise SystemExit(pytest.main(['-q', '-p', 'no:cacheprovider']))"
COMMAND = "import sys; sys.argv = ['rtlbench', {name!r}, '--help']\n" \
          "from rtlbench.cli.main import main; main()"
PROGRAMS = {
    "pytest, rtlbench installed": PYTEST,
    "pytest, rtlbench hidden": WITHOUT + PYTEST,
    "rtlbench verify --help": COMMAND.format(name="verify"),
    "rtlbench bench --help": COMMAND.format(name="bench"),
    "python -c 'import click'": "import click",
}
RATIOS = (
    ("pytest, rtlbench installed", "pytest, rtlbench hidden"),
    ("rtlbench verify --help", "python -c 'import click'"),
    ("rtlbench bench --help", "python -c 'import click'"),
)


def cpu_seconds(code: str, folder: Path) -> float:
    """CPU seconds, user and system, of a Python that runs `code` in `folder`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(rounds: int) -> dict[str, float]:
    """The median of each program, by name."""
    spent: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_it.py").write_text("def test_it():\n    pass\n")
        for k in range(rounds + 1):
            for program, code in PROGRAMS.items():
                seconds = cpu_seconds(code, folder)
                if k:  # the first round fills the caches
                    spent[program].append(seconds)
    return {program: median(each) for program, each in spent.items()}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    medians = measure(options.rounds)
    ratios = {f"{a} / {b}": medians[a] / medians[b] for a, b in RATIOS}
    for name, seconds in medians.items():
        print(f"{seconds:7.3f} s  {name}")
    for name, ratio in ratios.items():
        print(f"{ratio:7.3f}    {name}")
    if options.json is not None:
        found = {"cpu_seconds": medians, "ratios": ratios, "rounds": options.rounds}
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
