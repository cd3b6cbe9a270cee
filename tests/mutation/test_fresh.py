"""Fresh members: drawn by a seed, validated, disjoint from training and from other seeds."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import sysconfig
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.io.shipped import shipped
from rtlbench.mutation.fresh import (
    BENCHMARK_CLASSES,
    TRIALS,
    draw_members,
    fresh_suite,
    part_of,
    point_class,
)
from rtlbench.records.spec import Spec
from rtlbench.runs.suite import read_suite, with_fresh
from rtlbench.suites.families import family_folders, load_family, read_family

FAMILY = shipped("hdl_specs") / "updown_counter" / "updown"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found that another test, or the user, has drawn."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def one_family(tmp_path: Path) -> Path:
    """A suite of one family."""
    return copy_of_the_family(tmp_path / "specs")


def copy_of_the_family(root: Path) -> Path:
    shutil.copytree(FAMILY, root / "updown_counter" / "updown")
    return root


def points(specs: list[Spec]) -> set[bytes]:
    return {msgspec.json.encode(s.params, order="sorted") for s in specs}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_wherever_it_is_drawn(tmp_path: Path) -> None:
    """Other hash seed, time zone, locale, cache, folder and place of the families."""
    places = [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/Lima", "LC_ALL": "de_DE.UTF-8"},
    ]
    drawn = []
    for name, environment in zip("ab", places, strict=True):
        home = tmp_path / name
        root = copy_of_the_family(home / "specs")
        drawn.append(listed(root, home, XDG_CACHE_HOME=str(home / "cache"), **environment))
    assert drawn[0].count('"id": "updown_fresh7_') == 2
    assert drawn[0] == drawn[1]


def listed(root: Path, folder: Path, **environment: str) -> str:
    """What `rtlbench specs list` says of two members, digests among it."""
    script = Path(sysconfig.get_path("scripts")) / "rtlbench"
    args = ["specs", "list", f"--suite=rtlbench={root}", "--fresh=7", "--count=2", "--json"]
    ran = subprocess.run(
        [sys.executable, str(script), *args],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **environment},
        timeout=500,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    last = ran.stderr.splitlines()[-1]
    assert last.startswith("fresh members of seed 7: 2 of 2, ")
    return ran.stdout


def test_seeds_draw_disjoint_behaviours(one_family: Path) -> None:
    folder = family_folders(one_family)[0]
    drawn = [points(list(islice(draw_members(folder, n), 2))) for n in (1, 2)]
    assert len(drawn[0]) == len(drawn[1]) == 2
    assert not drawn[0] & drawn[1]


def test_no_seed_draws_what_training_may_use_or_what_is_frozen(one_family: Path) -> None:
    folder = family_folders(one_family)[0]
    frozen = points(load_family(folder))
    for seed in (0, 12):
        for spec in islice(draw_members(folder, seed), 2):
            assert part_of("updown", spec.params) == "benchmark"
            assert point_class("updown", spec.params) == seed % BENCHMARK_CLASSES
            assert not points([spec]) & frozen


def test_both_parts_have_room_in_every_family() -> None:
    """Random points of each space fall into both parts, so neither side starves."""
    for folder in family_folders():
        family, rng = read_family(folder), random.Random(folder.name)
        parts = set()
        for _ in range(64):
            params = dict(rng.choice(family.members).params)
            for name, allowed in family.space.items():
                if name in params and isinstance(allowed, dict):
                    params[name] = rng.randint(allowed["min"], allowed["max"])
                elif name in ("edge", "reset_active"):
                    params[name] = rng.choice(allowed)
            parts.add(part_of(folder.name, params))
        assert parts == {"benchmark", "training"}, folder.name


def test_a_suite_of_fresh_members_is_named_by_seed_and_count(one_family: Path) -> None:
    name = with_fresh(f"rtlbench={one_family}", 5, 2)
    assert name == f"rtlbench@5x2={one_family}"
    drawn = read_suite(name)
    assert [s.id for s in drawn] == ["updown_fresh5_0", "updown_fresh5_1"]
    assert all(p.name in s.prompt for s in drawn for p in s.ports)


def test_a_set_is_drawn_once_and_then_kept(
    one_family: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = fresh_suite(5, 1, one_family)
    assert "1 of 1" in capsys.readouterr().err
    assert fresh_suite(5, 1, one_family) == first
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("suite", "seed", "count"), [("rtllm=x", 1, None), ("rtlbench", -1, None),
                                                      ("rtlbench", 1, 0)])
def test_what_cannot_be_drawn_is_refused(suite: str, seed: int, count: int | None) -> None:
    with pytest.raises(UserError, match="fresh"):
        with_fresh(suite, seed, count)


def test_a_family_whose_draws_all_fail_the_gate_is_passed_over(
    one_family: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = one_family / "updown_counter" / "updown" / "model.py"
    path.write_text(path.read_text().replace("self.q = self.p.reset_value", "self.q = 1 // 0"))
    with pytest.raises(UserError, match="only 0 of 1 members could be drawn"):
        fresh_suite(1, 1, one_family)
    told = capsys.readouterr().err
    assert f"0 of 1, {TRIALS} draws dropped; no more of updown (0)" in told
