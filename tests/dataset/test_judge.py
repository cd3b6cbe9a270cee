"""Records in, Verdicts out: what each is held to, and what is kept between runs."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.dataset.filter.cache import FILE, VerdictCache
from rtlbench.dataset.filter.judge import JudgedRecord, judge
from rtlbench.dataset.filter.matching import Matcher
from rtlbench.dataset.filter.tiers import TierRule, scores, standing_of
from rtlbench.dataset.filter.written import as_written, reason_of
from rtlbench.errors import UserError
from rtlbench.io.shipped import shipped
from rtlbench.records.example import Placed, Record
from rtlbench.records.tier import Tier
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.suites.families import read_family
from rtlbench.verifier import Verifier
from tests.support import CLASSIC, async_counter, updown

FOLDER = shipped("hdl_specs") / "updown_counter" / "updown"
SYNC = "module m(input clk, input rst, input d, output reg q);\nalways @(posedge clk)\n" \
    "    if (rst) q <= 0;\n    else q <= d;\nendmodule\n"  # fmt: skip


def placed(*records: Record) -> list[Placed]:
    return [Placed(index=k, where=f"d.jsonl:{k + 1}", record=r) for k, r in enumerate(records)]


def judged(
    *records: Record, cache: VerdictCache | None = None, trusting: bool = False
) -> list[JudgedRecord]:
    matcher = Matcher(updown().values(), trusting=trusting)
    return judge(placed(*records), Verifier(), matcher, cache)


def written(found: JudgedRecord, threshold: float) -> Record:
    rule = TierRule(accept=Tier.UNPROVEN)
    return as_written(found, standing_of(found, rule), threshold, rule, {"yosys": "1"})


def record(instruction: str, output: str, **metadata: Any) -> Record:
    return Record(instruction=instruction, output=output, metadata=metadata)


def test_a_batch_of_different_instructions_holds_each_record_to_its_own() -> None:
    found = judged(
        record("flip-flop with synchronous reset", SYNC),
        record("flip-flop with asynchronous reset", SYNC),
        record("", SYNC),
        record("   ", SYNC),
        record("a counter", CLASSIC),
    )
    assert [j.verdict.outcome.value for j in found] == ["pass", "fail", "pass", "pass", "fail"]
    assert "intent" not in found[2].verdict.checks
    assert reason_of(found[1].verdict) == "intent.reset-kind"
    assert [scores(j.verdict, 0.95) for j in found] == [True, False, True, True, False]
    assert all(j.verdict.functional is None for j in found)


def test_records_of_specs_are_simulated_and_keep_their_order() -> None:
    spec = async_counter()
    wrong = spec.golden.replace("+ 1'b1", "+ 2'd2")
    other = updown()["w4_sync"]
    found = judged(
        record(spec.prompt, wrong),
        record("words", "no code"),
        record(other.prompt, other.golden),
        record(spec.prompt, spec.golden),
    )
    assert [j.verdict.functional for j in found] == [False, None, True, True]
    assert [j.placed.index for j in found] == [0, 1, 2, 3]
    assert [j.match.how for j in found] == ["prompt", "none", "prompt", "prompt"]
    assert all(not r.trace for j in found for r in j.verdict.checks.values())


def test_a_reworded_record_is_held_to_its_own_words_though_the_golden_breaks_them() -> None:
    spec = async_counter()
    words = "Up/down counter with a synchronous reset, active low."
    both = (words, "A counter.")
    records = [record(w, spec.golden, spec_id=spec.id) for w in both]
    assert [j.verdict.functional for j in judged(*records)] == [None, None]
    found = judged(*records, trusting=True)
    assert [j.match.reworded for j in found] == [True, True]
    assert [j.verdict.outcome for j in found] == [Outcome.FAIL, Outcome.PASS]
    assert reason_of(found[0].verdict) == "intent.reset-kind"


def test_records_of_a_drawn_member_are_simulated() -> None:
    family = read_family(FOLDER)
    member = {
        "family": FOLDER.name,
        "phrasing": family.phrasings[0].style,
        "params": {**family.members[0].params, "reset": "none"},
        "names": {"q": "level"},
        "top": "drawn_counter",
    }
    spec = Matcher(()).member_spec(member)
    assert spec is not None
    wrong = spec.golden.replace("+ 1'b1", "+ 2'd2")
    found = judged(
        record(spec.prompt, spec.golden, member=member, defect="said to be wrong"),
        record(spec.prompt, wrong, member=member, defect=None),
    )
    assert [j.verdict.functional for j in found] == [True, False]
    assert [j.match.how for j in found] == ["member", "member"]


def test_categories() -> None:
    found = judged(
        record("a UART transmitter", SYNC),
        record("a UART transmitter", SYNC, category="fsm"),
        record("a UART transmitter", SYNC, category="of my own"),
        record(async_counter().prompt, SYNC, category="fsm"),
    )
    assert [j.category for j in found] == ["serial", "fsm", "serial", "updown_counter"]


def test_what_is_written_is_the_rtl_that_was_judged() -> None:
    answer = f"Sure! Here it is:\n\n```verilog\n{SYNC}```\nEnjoy."
    found = judged(record("flip-flop", answer, source="x"), record("flip-flop", SYNC))
    first, second = (written(j, 0.95) for j in found)
    assert first.output == SYNC
    assert first.metadata["source"] == "x"
    assert first.metadata["rtlbench"]["original_output"] == answer
    assert second.output == SYNC
    assert "original_output" not in second.metadata["rtlbench"]
    refused = written(found[0], 1.1)
    assert refused.output == answer
    assert refused.metadata["rtlbench"]["refused"] == "score"


def test_the_verdict_of_kept_text_is_that_of_the_record() -> None:
    answer = f"First try:\n```\n{CLASSIC}```\nBetter:\n```\n{SYNC}```\n"
    (found,) = judged(record("flip-flop", answer))
    kept = written(found, 0.0)
    (again,) = judged(record("flip-flop", kept.output))
    assert (again.verdict.outcome, again.verdict.score) == (
        found.verdict.outcome,
        found.verdict.score,
    )


def cache_in(folder: Path, judge_hash: str = "tools") -> VerdictCache:
    return VerdictCache(folder / "cache", judge_hash)


def test_a_second_pass_judges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [record("flip-flop", SYNC), record("counter", CLASSIC), record("flip-flop", SYNC)]
    first = judged(*records, cache=cache_in(tmp_path))

    def refuse(*_: object) -> None:
        raise AssertionError("judged again")

    monkeypatch.setattr(Verifier, "verify_mixed", refuse)
    assert judged(*records, cache=cache_in(tmp_path)) == first
    with pytest.raises(AssertionError, match="judged again"):
        judged(*records, cache=cache_in(tmp_path, "other tools"))
    with pytest.raises(AssertionError, match="judged again"):
        judged(record("other words", SYNC), cache=cache_in(tmp_path))


def test_errors_are_not_kept(tmp_path: Path) -> None:
    (found,) = judged(record("flip-flop", SYNC))
    cache = cache_in(tmp_path)
    error = msgspec.structs.replace(found.verdict, outcome=Outcome.ERROR)
    right = found.verdict.key
    cache.keep({right: found.verdict, "error": error})
    assert cache.find([right, "error", "none"]) == {right: found.verdict}


def test_the_cache_is_the_users_own(tmp_path: Path) -> None:
    cache_in(tmp_path)
    folder = tmp_path / "cache"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    with pytest.raises(UserError, match="others may write"):
        cache_in(tmp_path)


def test_a_file_that_is_no_cache_is_told(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o700)
    (tmp_path / "cache" / FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(UserError, match="--cache"):
        cache_in(tmp_path)


def test_a_damaged_entry_is_judged_again(tmp_path: Path) -> None:
    first = judged(record("flip-flop", SYNC), cache=cache_in(tmp_path))
    with sqlite3.connect(tmp_path / "cache" / FILE) as base:
        base.execute("UPDATE verdict SET body = x'00'")
    assert judged(record("flip-flop", SYNC), cache=cache_in(tmp_path)) == first


@pytest.mark.parametrize(
    "claim",
    [{"functional": True}, {"score": 1.0}, {"outcome": Outcome.PASS}, {"schema_version": 99}],
)
def test_an_entry_that_does_not_follow_from_its_checks_is_judged_again(
    tmp_path: Path, claim: dict[str, Any]
) -> None:
    wrong = record("flip-flop", SYNC.replace("q <= d;", "q <= d"))
    (first,) = judged(wrong, cache=cache_in(tmp_path))
    assert first.verdict.outcome is Outcome.FAIL
    believed = msgspec.structs.replace(first.verdict, **claim)
    _put_everywhere(tmp_path, believed)
    assert judged(wrong, cache=cache_in(tmp_path)) == [first]


def test_an_entry_of_another_answer_is_judged_again(tmp_path: Path) -> None:
    wrong = record("flip-flop", SYNC.replace("q <= d;", "q <= d"))
    (first,) = judged(wrong, cache=cache_in(tmp_path))
    (right,) = judged(record("flip-flop", SYNC))
    assert right.verdict.outcome is Outcome.PASS
    _put_everywhere(tmp_path, right.verdict)
    assert judged(wrong, cache=cache_in(tmp_path)) == [first]


def _put_everywhere(folder: Path, verdict: Verdict) -> None:
    """Write `verdict` over every entry of the cache."""
    with sqlite3.connect(folder / "cache" / FILE) as base:
        base.execute("UPDATE verdict SET body = ?", (msgspec.msgpack.encode(verdict),))
