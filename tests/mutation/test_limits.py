"""Points that a family's limits leave out are drawn by nobody, and what is drawn is answerable."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.mutation.fresh import TRAINING, frozen_points, streamed, unseen_member
from rtlbench.suites.families import family_folders, load_family, read_family
from rtlbench.suites.rendering import broken_limit
from tests.support import judge_all

LIMITED = [f for f in family_folders() if read_family(f).limits]
NUMBERS = 40
JUDGED = 6


@pytest.mark.parametrize("folder", LIMITED, ids=lambda f: f.name)
def test_what_is_drawn_keeps_the_limits(folder: Path) -> None:
    family = read_family(folder)
    seen, rng = frozen_points(family), random.Random(3)
    drawn = [unseen_member(folder.name, family, rng, seen, TRAINING) for _ in range(NUMBERS)]
    members = [m for m in drawn if m is not None]
    assert members
    assert [m.params for m in members if broken_limit(family, m.params)] == []


def test_a_frozen_member_beyond_them_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "clock_divider" / "divide_even"
    original = next(f for f in LIMITED if f.name == "divide_even")
    folder.mkdir(parents=True)
    for file in original.iterdir():
        if file.is_file():
            folder.joinpath(file.name).write_bytes(file.read_bytes())
    spec = folder / "spec.toml"
    spec.write_text(spec.read_text().replace("n_div = 10,", "n_div = 9,", 1))
    with pytest.raises(UserError, match=r"member \w+: its params break the limit `n_div % 2 == 0`"):
        load_family(folder)


@pytest.mark.parametrize(
    ("limit", "broken"),
    [("n_div > 1", False), ("n_div > 2 ** 8", True), ("no_such + 1 > 0", True)],
)
def test_a_limit_is_an_expression_over_the_parameters(limit: str, broken: bool) -> None:
    family = msgspec.structs.replace(read_family(LIMITED[0]), limits=[limit])
    assert broken_limit(family, {"n_div": 4}) == (limit if broken else "")


def test_a_limit_that_is_no_expression_is_told() -> None:
    family = msgspec.structs.replace(read_family(LIMITED[0]), limits=["n_div >"])
    with pytest.raises(UserError, match="limit `n_div >`"):
        broken_limit(family, {"n_div": 4})


@pytest.mark.slow
@pytest.mark.parametrize("folder", family_folders(), ids=lambda f: f.name)
def test_the_golden_of_a_streamed_task_is_right(folder: Path) -> None:
    """No trainer is shown a task that nobody can answer."""
    specs = [s for k in range(JUDGED) if (s := streamed(folder, 11, k)) is not None]
    for spec in specs:
        (verdict,) = judge_all([spec.golden], spec)
        assert verdict.functional, (spec.id, spec.params, verdict.findings, verdict.checks)
