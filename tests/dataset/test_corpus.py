"""Training examples with known truth: what they are drawn from, and that the truth is true."""

from __future__ import annotations

import os
import random
import subprocess
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from rtlbench.dataset.corpus import (
    CorpusOptions,
    _folders,
    _orders,
    make_corpus,
    training_members,
)
from rtlbench.dataset.corpus_examples import ExampleOrder, examples
from rtlbench.dataset.filter.judge import judge
from rtlbench.dataset.filter.matching import Matcher
from rtlbench.dataset.golden_edits import SPOILT, restyled, spoilt, suspects, with_comments
from rtlbench.errors import UserError
from rtlbench.io.shipped import shipped
from rtlbench.mutation.fresh import frozen_points, part_of
from rtlbench.records.example import Placed, Record
from rtlbench.rtl.preprocessing import prepare
from rtlbench.suites.families import family_folders, load_family, read_family
from rtlbench.verifier import Verifier
from tests.conftest import SmallSuite
from tests.support import async_counter, judge_all, updown

UPDOWN = shipped("hdl_specs") / "updown_counter" / "updown"


def order(count: int, defects: float, number: int = 0) -> ExampleOrder:
    member = next(islice(training_members(UPDOWN, 5), number, None))
    return ExampleOrder(
        folder=UPDOWN, member=member, count=count, defects=defects, seed=f"5/{number}"
    )


def read(path: Path) -> list[Record]:
    return [msgspec.json.decode(x, type=Record) for x in path.read_bytes().splitlines()]


def options(out: Path, **given: object) -> CorpusOptions:
    plain: dict[str, object] = {"size": 12, "per_member": 6, "categories": ("updown_counter",)}
    return CorpusOptions(out=str(out), **{**plain, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize("folder", family_folders(), ids=lambda f: f.name)
def test_no_member_is_of_the_benchmarks_part(folder: Path) -> None:
    for member in islice(training_members(folder, 1), 3):
        assert part_of(folder.name, member.params) == "training"


def test_frozen_members_are_not_drawn() -> None:
    frozen = [m.params for m in read_family(UPDOWN).members]
    drawn = [m.params for m in islice(training_members(UPDOWN, 2), 50)]
    assert frozen_points(read_family(UPDOWN))
    assert [p for p in drawn if p in frozen] == []


def test_members_go_on_when_all_points_were_shown() -> None:
    folder = min(family_folders(), key=lambda f: len(read_family(f).space))
    assert len(list(islice(training_members(folder, 0), 400))) == 400


def test_an_order_gives_its_share_of_wrong_answers() -> None:
    made = examples(order(10, 0.5))
    assert sum(r.metadata["defect"] is None for r in made) == 5
    assert sum(r.metadata["defect"] is not None for r in made) == 5
    assert len({r.output for r in made}) == 10


def test_the_filters_verdict_agrees_with_the_truth() -> None:
    records = examples(order(16, 0.55))
    truth = [r.metadata["defect"] for r in records]
    hidden = [
        msgspec.structs.replace(
            r, metadata={k: v for k, v in r.metadata.items() if k != "defect"}
        )
        for r in records
    ]
    placed = [Placed(index=k, where=str(k), record=r) for k, r in enumerate(hidden)]
    found = judge(placed, Verifier(), Matcher([]))
    assert {j.match.how for j in found} == {"member"}
    assert not any(j.match.reworded for j in found)
    assert [j.verdict.score >= 0.95 for j in found] == [t is None for t in truth]
    assert [j.verdict.functional is True for j in found] == [t is None for t in truth]


@pytest.mark.slow
def test_any_number_of_processes_writes_the_same_bytes(tmp_path: Path) -> None:
    alone, together = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    make_corpus(options(alone, workers=1, defects=0.5))
    make_corpus(options(together, workers=2, defects=0.5))
    assert alone.read_bytes() == together.read_bytes()
    assert len(read(alone)) == 12


def test_a_small_corpus_is_of_all_categories_and_of_many_families(tmp_path: Path) -> None:
    made = options(tmp_path / "d.jsonl", size=60, per_member=20, categories=())
    orders = list(islice(_orders(made, _folders(made)), 60))
    assert {o.count for o in orders} == {1}
    folders = family_folders()
    there = Counter(f.parent.name for f in folders)
    taken = Counter(f.parent.name for f in {o.folder for o in orders})
    most = max(taken.values())
    assert len({o.folder for o in orders}) == min(60, len(folders))
    assert all(taken[c] >= min(there[c], most - 1) for c in there)


def test_another_seed_gives_other_members() -> None:
    points = [[m.params for m in islice(training_members(UPDOWN, s), 5)] for s in (1, 2)]
    assert points[0] != points[1]


@pytest.mark.parametrize("seed", range(6))
def test_style_keeps_behaviour(seed: int) -> None:
    rng = random.Random(seed)
    spec = list(updown().values())[seed % len(updown())]
    text = prepare(spec.golden).text
    styled = [with_comments(spec, restyled(spec, text, rng), rng) for _ in range(6)]
    assert len(set(styled)) > 3
    verdicts = judge_all(styled, spec)
    assert [(v.outcome, v.score) for v in verdicts] == [("pass", 1.0)] * 6


def test_the_classics_are_among_the_suspects() -> None:
    spec = async_counter()
    made = {d.kind: d.text for d in suspects(spec, prepare(spec.golden).text, 12, 0)}
    assert {"unused-enable", "unassigned-output"} <= set(made)
    classics = [made["unused-enable"], made["unassigned-output"]]
    for verdict in judge_all(classics, spec):
        assert verdict.all_io_used is False
        assert verdict.score < 0.95


@pytest.mark.parametrize("kind", SPOILT)
def test_a_spoilt_answer_never_passes(kind: str) -> None:
    spec = async_counter()
    text = spoilt(spec, prepare(spec.golden).text, kind, random.Random(0))
    assert text is not None
    assert judge_all([text], spec)[0].outcome == "fail"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"size": 0}, "--size"),
        ({"defects": 1.5}, "--defects"),
        ({"categories": ("spoons",)}, "spoons"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, given: dict[str, object], told: str) -> None:
    with pytest.raises(UserError, match=told):
        make_corpus(options(tmp_path / "x.jsonl", **given))
    assert not (tmp_path / "x.jsonl").exists()


def test_a_broken_simulator_ends_the_command_and_is_not_the_members_fault(
    tmp_path: Path, rtlbench: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "vvp").write_text("#!/bin/sh\nexit 3\n")
    (folder / "vvp").chmod(0o755)
    ran = rtlbench("corpus", "--out", "x.jsonl", "--size", "2", "--per-member", "2", "-n", "1",
                   "--categories", "updown_counter",
                   PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert ran.returncode == 3, ran.stderr
    assert "the golden alone ends in crash" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "cwd" / "x.jsonl").exists()


def test_a_member_whose_golden_contradicts_its_model_gives_nothing(
    small_suite: SmallSuite,
) -> None:
    small_suite.spoil_golden()
    assert len(examples(order(1, 0.0))) == 1
    assert examples(msgspec.structs.replace(order(1, 0.0), folder=small_suite.family)) == []


def test_a_member_whose_golden_makes_no_sense_gives_nothing() -> None:
    broken = msgspec.structs.replace(order(4, 0.0).member, names={"clk": "module"})
    assert load_family(UPDOWN)
    assert examples(msgspec.structs.replace(order(4, 0.0), member=broken)) == []
