"""The small model's examples: of the training part alone, right by the filter's own judgement."""

from __future__ import annotations

from collections import Counter

import msgspec

from rtlbench.mutation.fresh import frozen_points, part_of
from rtlbench.records.candidate import Candidate
from rtlbench.records.example import Record
from rtlbench.suites.families import Member, family_folders, load_suite, read_family
from rtlbench.suites.rendering import family_specs
from rtlbench.verifier import Verifier
from training.tiny.data import CATEGORIES, digest, records

COUNT = 296
RECORDS = list(records(CATEGORIES, COUNT, 3))
FOLDERS = {f.name: f for f in family_folders()}


def member(record: Record) -> Member:
    told = {k: v for k, v in record.metadata["member"].items() if k != "family"}
    return msgspec.convert({"id": "drawn", **told}, Member)


def test_no_example_is_of_a_point_that_the_benchmark_can_show() -> None:
    prompts = {s.prompt for s in load_suite()}
    for record in RECORDS:
        family = record.metadata["member"]["family"]
        assert part_of(family, member(record).params) == "training"
        assert record.instruction not in prompts
        frozen = [m.params for m in read_family(FOLDERS[family]).members]
        assert member(record).params not in frozen
    assert frozen_points(read_family(FOLDERS["updown"]))


def test_every_family_of_the_six_categories_has_its_share() -> None:
    families = Counter(r.metadata["member"]["family"] for r in RECORDS)
    assert set(families) == {f.name for f in FOLDERS.values() if f.parent.name in CATEGORIES}
    assert len(set(families.values())) == 1


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    again = list(records(CATEGORIES, 74, 3))
    assert digest(again) == digest(RECORDS[:74])
    assert digest(list(records(CATEGORIES, 74, 4))) != digest(again)


def test_names_differ_from_example_to_example() -> None:
    tops = [r.metadata["member"]["top"] for r in RECORDS]
    assert len(set(tops)) > 0.8 * len(tops)


def test_an_example_s_answer_is_the_golden_of_its_member_and_right() -> None:
    verifier = Verifier()
    for record in RECORDS[::37]:
        folder = FOLDERS[record.metadata["member"]["family"]]
        spec = family_specs(folder, read_family(folder), [member(record)])[0]
        assert (spec.prompt, spec.golden) == (record.instruction, record.output)
        verdict = verifier.verify(spec, [Candidate(text=record.output)])[0]
        assert verdict.syntax_valid, verdict
