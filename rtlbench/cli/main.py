"""The `rtlbench` command: registration only; the commands are in the files beside this one."""

from __future__ import annotations

import click

import rtlbench
from rtlbench.cli import run
from rtlbench.cli.bench import bench
from rtlbench.cli.dataset import combine, corpus, dedupe, filter_command
from rtlbench.cli.doctor import doctor
from rtlbench.cli.exercises import exercises
from rtlbench.cli.gate import compare, gate
from rtlbench.cli.generate import generate, refine
from rtlbench.cli.leaderboard import leaderboard
from rtlbench.cli.nightly import nightly
from rtlbench.cli.prompts import prompts
from rtlbench.cli.report import report
from rtlbench.cli.review import review
from rtlbench.cli.serve import serve
from rtlbench.cli.specs import specs
from rtlbench.cli.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(rtlbench.__version__)
def cli() -> None:
    """A verification harness for RTL that language models write."""


COMMANDS = (
    doctor, specs, prompts, verify, generate, bench, refine, filter_command, combine, corpus,
    exercises, dedupe, gate, compare, report, leaderboard, review, serve, nightly,
)  # fmt: skip
for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Entry point: a user's mistake is one message, never a traceback."""
    run(cli, "rtlbench")
