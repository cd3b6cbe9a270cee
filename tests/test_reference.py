"""docs/commands.md and docs/interface.md: made from the code, and as the code is."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

import rtlbench
from rtlbench import rewards
from rtlbench.cli.main import COMMANDS
from scripts.make_reference import PAGES

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_as_the_code_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")  # nor does it depend on who makes it
    told = f"{name} is not as the code is: python scripts/make_reference.py"
    assert (DOCS / name).read_text() == PAGES[name]().rstrip("\n") + "\n", told


def test_every_command_and_every_name_is_there() -> None:
    commands, interface = ((DOCS / name).read_text() for name in PAGES)
    for name in COMMANDS:
        assert f"## rtlbench {name}" in commands
    for name in {*rtlbench.__all__} - {"rewards"}:
        assert f"## rtlbench.{name}\n" in interface
    for name in rewards.__all__:
        assert f"## rtlbench.rewards.{name}\n" in interface


def test_what_help_says_is_what_the_page_says() -> None:
    from rtlbench.cli.bench import bench

    commands = (DOCS / "commands.md").read_text()
    section = commands.partition("## rtlbench bench\n")[2].partition("\n## ")[0]
    flags = [o for p in bench.params if isinstance(p, click.Option) for o in p.opts]
    assert len(flags) > 40
    assert not [flag for flag in flags if flag not in section]
