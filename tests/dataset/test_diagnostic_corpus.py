"""The hand-written examples that ship: they are what their folders say, and all of them right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from rtlbench.dataset.filter.judge import JudgedRecord, judge
from rtlbench.dataset.filter.matching import Matcher
from rtlbench.dataset.similarity.contamination import BenchmarkMember, Contamination
from rtlbench.mutation.mutants import source_mutants
from rtlbench.records.example import Placed, Record
from rtlbench.records.spec import Port, Spec, Testbench
from rtlbench.records.verdict import Outcome
from rtlbench.rtl.slang import elaborate
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier
from scripts.make_diagnostic_corpus import TRAINING, jsonl, read_folders
from tests.support import judge_all

CORE = {"fsm": 10, "shift_register": 10, "edge_detect": 5}


def read(name: str) -> list[Record]:
    lines = (TRAINING / f"{name}.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Record) for line in lines]


def judged(records: list[Record]) -> list[JudgedRecord]:
    placed = [Placed(index=k, where=str(k), record=r) for k, r in enumerate(records)]
    return judge(placed, Verifier(), Matcher([]))


def as_suite(record: Record) -> Spec:
    """A Spec whose solution is the example, judged by its bench."""
    assert record.testbench is not None
    view = elaborate(record.output, None)
    assert view.top is not None
    ports = tuple(
        Port(id=p.name, name=p.name, direction="output" if p.direction.name == "Out" else "input",
             width=int(p.type.bitWidth), role="clock" if p.name == "clk" else "data")
        for p in view.top.body.portList
    )
    return Spec(
        id=kind(record), category=str(record.metadata["category"]), family="", difficulty="medium",
        title="", prompt=record.instruction, top=view.top.name, ports=ports, golden=record.output,
        testbench=Testbench(text=record.testbench), suite="diagnostic",
    )  # fmt: skip


def kind(record: Record) -> str:
    return str(record.metadata["kind"])


def test_the_files_are_what_the_folders_say() -> None:
    every = read_folders(TRAINING / "diagnostic")
    assert (TRAINING / "diagnostic_corpus_expanded.jsonl").read_bytes() == jsonl(every)
    core = [r for r in every if r.metadata["category"] in CORE]
    assert (TRAINING / "diagnostic_corpus.jsonl").read_bytes() == jsonl(core)


def test_the_weak_categories_are_all_there() -> None:
    core = read("diagnostic_corpus")
    assert Counter(r.metadata["category"] for r in core) == CORE
    assert len({kind(r) for r in core}) == len(core)


def test_each_instruction_names_its_module_and_ports() -> None:
    for record in read("diagnostic_corpus_expanded"):
        header = record.output[: record.output.index(");")]
        words = header.replace(",", " ").replace("(", " ").split()
        names = [w for w, after in zip(words, [*words[1:], "input"], strict=True)
                 if after in ("input", "output") and w not in ("input", "output")]
        assert names, kind(record)
        assert [n for n in names if f"`{n}`" not in record.instruction] == [], kind(record)


def test_no_folder_lacks_a_file() -> None:
    folders = [f for f in (TRAINING / "diagnostic").glob("*/*") if f.is_dir()]
    expected = {"instruction.md", "rtl.sv", "tb.v"}
    assert all({f.name for f in Path(folder).iterdir()} == expected for folder in folders)


@pytest.mark.slow
def test_every_example_is_clean_under_every_check_simulation_included() -> None:
    records = read("diagnostic_corpus_expanded")
    told = {kind(j.placed.record): j.verdict for j in judged(records)}
    assert len(told) == len(records)
    for name, verdict in told.items():
        assert (verdict.outcome, verdict.score) == (Outcome.PASS, 1.0), name
        simulation = verdict.checks["simulation"]
        assert simulation.decided, (name, simulation.detail)


@pytest.mark.slow
@pytest.mark.parametrize("record", read("diagnostic_corpus_expanded"), ids=kind)
def test_the_testbench_of_each_example_tells_right_from_wrong(record: Record) -> None:
    """As the bench of a suite, with the example as its solution: small changes of it must fail."""
    spec = as_suite(record)
    mutants = source_mutants(spec, 12)
    right, *wrong = judge_all([record.output, *(m.text for m in mutants)], spec)
    assert right.functional is True
    assert right.score == 1.0
    killed = sum(v.functional is False for v in wrong)
    assert killed >= 0.7 * len(wrong)


@pytest.mark.slow
def test_none_resembles_a_member_of_the_benchmark() -> None:
    members = [
        BenchmarkMember(name=s.id, instruction=s.prompt, code=s.golden) for s in load_suite()
    ]
    suite = Contamination(members)
    records = read("diagnostic_corpus_expanded")
    assert [kind(r) for r in records if suite.check(r.instruction, r.output)] == []


def test_a_broken_example_is_refused_by_its_own_testbench() -> None:
    record = next(r for r in read("diagnostic_corpus") if kind(r) == "debouncer")
    assert "3'd5" in record.output
    broken = msgspec.structs.replace(record, output=record.output.replace("3'd5", "3'd4"))
    verdict = judged([broken])[0].verdict
    assert verdict.functional is False
    assert verdict.score < 0.95
