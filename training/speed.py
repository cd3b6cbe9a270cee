"""How fast a recipe trains here, with one choice changed at a time.

    python training/speed.py training/recipes/small.toml --data kept.jsonl \\
        --set 'model.base="smollm2-135m-instruct.gguf"' \\
        --with train.threads=2 --with 'model.dtype="float32" train.bf16=false'

Prints a table: steps and examples a minute after the first step, processor time a step, and the
most memory. Nothing is kept.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from rtlbench.cli import run
from rtlbench.errors import UserError
from rtlbench.gate.text import markdown_table
from rtlbench.training.record import TrainingRun, read_run

SCRIPT = Path(__file__).with_name("sft.py")
STEP = b"step "


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One way of training."""

    a_minute: float
    """Steps, those after the first."""
    cpu: float
    """Seconds of processor time a step, which other programs on the machine do not change."""
    examples: float
    """A minute; a packed sequence has several."""
    memory: float
    """The most that was taken, in GB."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("recipe", type=click.Path(path_type=Path, exists=True))
@click.option("--data", required=True, metavar="FILE", help="Training data.")
@click.option("--set", "changes", multiple=True, metavar="PART.WORD=VALUE",
              help="Another value than the recipe's, for all; again for more.")
@click.option("--with", "ways", multiple=True, metavar="'PART.WORD=VALUE ...'",
              help="A way to be measured beside the recipe's; again for more.")
@click.option("--steps", type=click.IntRange(min=2), default=4, show_default=True)
def speed(
    recipe: Path, data: str, changes: tuple[str, ...], ways: tuple[str, ...], steps: int
) -> None:
    """Train by RECIPE for some steps, once as it is and once in each way."""
    rows = []
    for way in ("", *ways):
        found = measure(recipe, data, [*changes, *way.split()], steps)
        rows.append((f"`{way}`" if way else "the recipe", f"{found.a_minute:.2f}",
                     f"{found.examples:.1f}", f"{found.cpu:.1f}",
                     f"{found.memory:.1f}"))  # fmt: skip
        click.echo(f"{way or 'the recipe'}: {found.a_minute:.2f} steps a minute", err=True)
    click.echo(markdown_table(("way", "steps a minute", "examples a minute", "CPU seconds a step",
                                "GB"), rows))


def measure(recipe: Path, data: str, changes: Sequence[str], steps: int) -> Measured:
    """How fast it goes with `changes`.

    Raises:
        UserError: It failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        words = [f"train.max_steps={steps}", "train.logging_steps=1", f"train.save_steps={steps}"]
        argv = [
            sys.executable, str(SCRIPT), str(recipe), "--data", data, "--accept", "unproven",
            "--out", folder, *(w for c in (*changes, *words) for w in ("--set", c)),
        ]  # fmt: skip
        log = Path(folder) / "log.txt"
        with log.open("wb") as errors:
            process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=errors)
            assert process.stdout is not None
            seen = [(time.monotonic(), _cpu_seconds(process.pid)) for line in process.stdout
                    if line.startswith(STEP)]  # fmt: skip
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode or len(seen) < 2:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            raise UserError(f"{' '.join(changes)}: training failed ({''.join(last)})")
        (place,) = Path(folder).glob("run_*")
        done = read_run(place)
    (began, spent_then), (ended, spent) = seen[0], seen[-1]
    taken = len(seen) - 1
    a_minute = taken / (ended - began) * 60
    return Measured(
        a_minute=a_minute,
        cpu=(spent - spent_then) / taken,
        examples=a_minute * _examples_a_step(done),
        memory=used.ru_maxrss / 1e6,
    )


def _cpu_seconds(pid: int) -> float:
    """That a process has taken so far; not a number where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _examples_a_step(done: TrainingRun) -> float:
    if done.result is None or done.examples is None:
        return 0.0
    return done.result.epochs * done.examples.trained / done.result.steps


if __name__ == "__main__":
    run(speed, "speed")
