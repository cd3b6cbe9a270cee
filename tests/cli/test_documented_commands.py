"""Every `rtlbench` command that README and docs print is one: its options exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from rtlbench.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
PYTESTS_OWN = {"-k", "-m", "-n", "-x", "-q", "--junitxml", "--tb"}
_BLOCK = re.compile(r"^```(?:\w*)\n(.*?)^```", re.M | re.S)


def commands(page: Path) -> Iterator[list[str]]:
    """The words of every command in a page's blocks, without the comment behind it."""
    for block in _BLOCK.findall(page.read_text()):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("rtlbench "):
                yield shlex.split(line, comments=True)[1:]


def refuse_unknown(words: list[str]) -> None:
    """Parse `words` as the command does, without running it."""
    context = click.Context(cli, info_name="rtlbench")
    command: click.Command = cli
    rest = words
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        assert name is not None
        command = found
        context = click.Context(found, info_name=name, parent=context, **found.context_settings)
    rest = [word for word in rest if word != "..."]
    options, left, _ = command.make_parser(context).parse_args(list(rest))
    given = options.get("pytest_args")
    words = [*left, *(given if isinstance(given, tuple) else ())]
    unknown = [w for w in words if w.startswith("-") and w.partition("=")[0] not in PYTESTS_OWN]
    assert not unknown, f"{unknown[0]}: no such option of `rtlbench {command.name}`"


@pytest.mark.parametrize("page", PAGES, ids=[p.name for p in PAGES])
def test_every_command_that_is_printed_is_one(page: Path) -> None:
    for words in commands(page):
        try:
            refuse_unknown(words)
        except click.ClickException as e:
            pytest.fail(f"{page.name}: rtlbench {shlex.join(words)}: {e.format_message()}")


TABLE = (ROOT / "docs" / "plan-names.md").read_text()
OLD_NAMES = (
    "verify_training_data.py --threshold", "combine_verified_datasets.py",
    "train_qwen_coder_qlora.py", "benchmark_behavioral_model.py",
)  # fmt: skip


def test_the_old_names_have_commands_that_there_are() -> None:
    today = [row.split("|")[2] for row in TABLE.splitlines() if row.startswith("| ")]
    words = [w.split() for cell in today for w in re.findall(r"`([^`]+)`", cell)]
    ours = [w[1:] for w in words if w[0] == "rtlbench"]
    for command in ours:
        refuse_unknown(command)
    assert {w[0] for w in ours} >= {"filter", "combine", "bench", "gate", "compare", "corpus"}
    assert all(name in TABLE for name in OLD_NAMES)


def test_the_old_names_training_is_one_and_its_files_are_there() -> None:
    from training.sft import sft

    (command,) = re.findall(r"`python (training/sft\.py [^`]+)`", TABLE)
    _script, *words = command.split()
    context = sft.make_context("sft", words, resilient_parsing=False)
    assert context.params["name"] == "behavioral_v3"
    for name in re.findall(r"(?:training/recipes|data/training)/[\w.]+", TABLE):
        assert (ROOT / name).is_file(), name


def test_the_pages_print_commands() -> None:
    assert sum(len(list(commands(page))) for page in PAGES) > 40


@pytest.mark.parametrize(
    "wrong", ["bench --nosuch", "specs list --nosuch", "nosuch", "filter a.jsonl --treshold 0.9"]
)
def test_what_is_no_command_is_seen(wrong: str) -> None:
    with pytest.raises((click.ClickException, AssertionError)):
        refuse_unknown(wrong.split())
