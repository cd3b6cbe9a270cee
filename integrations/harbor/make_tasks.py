"""Tasks in Harbor's layout: a folder each, with instruction, environment, verifier and solution.

    python integrations/harbor/make_tasks.py --suite rtlbench --count 10 --out tasks

The verifier in a task's container asks the judging service that RTLBENCH_JUDGE_URL names; nothing
is judged there, and the container needs no more than Python.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from rtlbench.cli import run
from rtlbench.errors import UserError
from rtlbench.records.spec import Spec
from rtlbench.runs.suite import read_suite

HERE = Path(__file__).parent
ANSWER = "/app/answer.sv"
SECONDS = 900.0


@click.command()
@click.option("--suite", default="rtlbench", show_default=True, help="As `rtlbench bench` has it.")
@click.option("--count", type=click.IntRange(min=1), help="So many of it; default: all.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where they go.")
def make_tasks(suite: str, count: int | None, out: Path) -> None:
    """Write a folder a task."""
    if out.exists() and any(out.iterdir()):
        raise UserError(f"--out {out}: is not empty; give another folder")
    for spec in read_suite(suite)[:count]:
        write_task(spec, out / spec.id)


def write_task(spec: Spec, folder: Path) -> None:
    """One task's folder."""
    files = {
        "task.toml": task_toml(spec),
        "instruction.md": f"{spec.prompt.rstrip()}\n\nWrite the module to `{ANSWER}`.\n",
        "environment/Dockerfile": "FROM python:3.12-slim\nWORKDIR /app\n",
        "tests/test.sh": "#!/bin/sh\npython3 /tests/verify.py\n",
        "tests/verify.py": (HERE / "verify.py").read_text(),
        "tests/task.json": json.dumps({"task": spec.id, "digest": spec.digest()}) + "\n",
        "solution/solve.sh": f"#!/bin/sh\ncat > {ANSWER} <<'END_OF_MODULE'\n{spec.golden}\n"
        "END_OF_MODULE\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if name.endswith(".sh") else 0o644)


def task_toml(spec: Spec) -> str:
    """The task's configuration; JSON's strings are TOML's too."""
    return (
        'version = "1.0"\n\n'
        f"[metadata]\ndifficulty = {json.dumps(spec.difficulty)}\n"
        f"category = {json.dumps(spec.category)}\ntags = [\"rtl\", \"systemverilog\"]\n\n"
        f"[verifier]\ntimeout_sec = {SECONDS}\n\n"
        "[verifier.env]\n"
        'RTLBENCH_JUDGE_URL = "${RTLBENCH_JUDGE_URL}"\n'
        'RTLBENCH_JUDGE_TOKEN = "${RTLBENCH_JUDGE_TOKEN}"\n\n'
        f"[agent]\ntimeout_sec = {SECONDS}\n\n"
        "[environment]\nbuild_timeout_sec = 600.0\ncpus = 1\nmemory_mb = 1024\nstorage_mb = 2048\n"
    )


if __name__ == "__main__":
    run(make_tasks, "make_tasks")
