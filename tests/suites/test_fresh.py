"""Fresh members: drawn by a seed, validated, disjoint from training and from other seeds."""

from __future__ import annotations

import random
import shutil
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.suites import read_suite, with_fresh
from rtlbench.suites.families import family_folders, load_family, read_family, specs_root
from rtlbench.suites.fresh import (
    BENCHMARK_CLASSES,
    draw_members,
    fresh_suite,
    part_of,
    point_class,
)
from rtlbench.suites.validate import validate_spec

FAMILY = specs_root() / "updown_counter" / "updown"


@pytest.fixture
def one_family(tmp_path: Path) -> Path:
    """A suite of one family."""
    root = tmp_path / "specs"
    shutil.copytree(FAMILY, root / "updown_counter" / "updown")
    return root


def test_the_same_seed_gives_the_same_members_byte_for_byte(one_family: Path) -> None:
    folder = family_folders(one_family)[0]
    first, second = (msgspec.json.encode(list(islice(draw_members(folder, 7), 3))) for _ in "ab")
    assert first == second


def test_seeds_draw_disjoint_behaviours(one_family: Path) -> None:
    folder = family_folders(one_family)[0]
    drawn = [
        {msgspec.json.encode(s.params, order="sorted") for s in islice(draw_members(folder, n), 4)}
        for n in (1, 2)
    ]
    assert len(drawn[0]) == len(drawn[1]) == 4
    assert not drawn[0] & drawn[1]


def test_no_seed_draws_what_training_may_use_or_what_is_frozen(one_family: Path) -> None:
    folder = family_folders(one_family)[0]
    frozen = {msgspec.json.encode(s.params, order="sorted") for s in load_family(folder)}
    for seed in (0, 3, 12):
        for spec in islice(draw_members(folder, seed), 3):
            assert part_of("updown", spec.params) == "benchmark"
            assert point_class("updown", spec.params) == seed % BENCHMARK_CLASSES
            assert msgspec.json.encode(spec.params, order="sorted") not in frozen


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


def test_a_fresh_member_passes_the_gate_and_names_its_ports(one_family: Path) -> None:
    (spec,) = fresh_suite(5, 1, one_family)
    assert validate_spec(spec) == []
    assert all(p.name in spec.prompt for p in spec.ports)


def test_a_suite_of_fresh_members_is_named_by_seed_and_count(one_family: Path) -> None:
    name = with_fresh(f"rtlbench={one_family}", 5, 2)
    assert name == f"rtlbench@5x2={one_family}"
    assert [s.id for s in read_suite(name)] == ["updown_fresh5_0", "updown_fresh5_1"]


@pytest.mark.parametrize(("suite", "seed", "count"), [("rtllm=x", 1, None), ("rtlbench", -1, None),
                                                      ("rtlbench", 1, 0)])
def test_what_cannot_be_drawn_is_refused(suite: str, seed: int, count: int | None) -> None:
    with pytest.raises(UserError, match="fresh"):
        with_fresh(suite, seed, count)


def test_more_members_than_a_space_holds_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "specs"
    shutil.copytree(FAMILY, root / "updown_counter" / "updown")
    path = root / "updown_counter" / "updown" / "spec.toml"
    text = path.read_text().replace("max = 32", "max = 8")
    text = text.replace('"posedge", "negedge"', '"posedge"')
    path.write_text(text.replace('edge = "negedge"', 'edge = "posedge"'))
    with pytest.raises(UserError, match="could be drawn"):
        fresh_suite(1, 500, root)
