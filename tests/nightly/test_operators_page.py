"""The operator's page is complete: each notice, option, exit code and way to start the job."""

from __future__ import annotations

import re

import pytest

from rtlbench.nightly import options
from rtlbench.nightly.history import TITLES
from rtlbench.nightly.options import OPTIONS, STAGES, flag
from tests.nightly.made import ROOT

PAGE = (ROOT / "docs" / "nightly.md").read_text()
PUBLISHING = (ROOT / "docs" / "nightly-publishing.md").read_text()


def table(head: str, page: str = PAGE) -> list[list[str]]:
    """The rows of the table whose first heading is `head`, by cell."""
    _, _, rest = page.partition(f"\n| {head} |")
    rows = re.match(r"[^\n]*\n\|[-| ]+\|\n((?:\|[^\n]*\n)+)", rest)
    assert rows is not None, head
    return [[c.strip() for c in row.strip("|").split(" | ")] for row in rows[1].splitlines()]


@pytest.mark.parametrize("title", TITLES.values())
def test_each_notice_says_what_it_means_and_what_to_do(title: str) -> None:
    name = title.removeprefix("nightly {date}: ")
    (row,) = [r for r in table("notice") if f"`{name}`" in r[0]]
    assert all(cell.strip() for cell in row)
    assert len(row) == 3


def test_no_notice_is_there_that_is_never_sent() -> None:
    said = {name for row in table("notice") for name in re.findall(r"`([^`]+)`", row[0])}
    sent = {t.removeprefix("nightly {date}: ") for t in TITLES.values()}
    assert said - {"last_success.json"} == sent


@pytest.mark.parametrize("name", [n for n in OPTIONS if n not in ("root", "runs", "workers")])
def test_each_option_is_in_the_table(name: str) -> None:
    assert [row for row in table("option") if f"`{flag(name)}`" in row[0]]


def test_each_exit_code_and_stage_is_told_of() -> None:
    codes = {int(c) for row in table("exit code") for c in re.findall(r"\d+", row[0])}
    assert codes == {options.DONE, options.REFUSED, options.STOPPED, options.OUTSTANDING, 130, 143}
    assert [row[0].strip("` ") for row in table("stage")] == list(STAGES)


@pytest.mark.parametrize("how", ["cron", "systemd", "GitHub Actions"])
def test_each_way_to_start_it_is_told_of(how: str) -> None:
    assert f"| {how} |" in PUBLISHING
