"""Candidates of several Specs together: each gets the Verdict that it gets without the others."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from rtlbench.checks import lint
from rtlbench.errors import HarnessError
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.rtl import yosys_calls
from rtlbench.sandbox import process
from rtlbench.sandbox.process import Finished
from rtlbench.verifier import Verifier
from tests.support import CLASSIC, async_counter, plain_spec, updown

Pair = tuple[Spec | None, Candidate]
PACKAGE = "package p; localparam W = 4; endpackage\n" \
    "module m(input clk, input [p::W-1:0] d, output reg [p::W-1:0] q);\n" \
    "always @(posedge clk) q <= d;\nendmodule\n"  # fmt: skip
LATCH = "module m(input e, input d, output reg q);\nalways @* if (e) q = d;\nendmodule\n"
NO_YOSYS = "module m(input a, output b);\nassign b = a;\ninitial b = 1'b0;\nendmodule\n"
BROKEN_GOLDEN = plain_spec("broken", "input a", "output b", golden="module m(input a);")


def pairs() -> list[Pair]:
    """Right and wrong, of three Specs and of none, with words and without, in no order."""
    found: list[Pair] = []
    for spec in (async_counter(), *list(updown().values())[:2]):
        golden = spec.golden
        texts = (golden, golden.replace("+ 1'b1", "+ 2'd2"), golden[: len(golden) // 2], CLASSIC)
        found += [(spec, Candidate(text=t, sample=k)) for k, t in enumerate(texts)]
        found.append((spec, Candidate(text=f"// told\n{golden}", instruction="a register")))
    for text in (PACKAGE, LATCH, NO_YOSYS, CLASSIC, "no RTL"):
        found += [(None, Candidate(text=text, instruction=w)) for w in ("", "a 4-bit register")]
    random.Random(1).shuffle(found)
    return found


def one_by_one(given: list[Pair]) -> list[Verdict]:
    return [Verifier().verify(spec, [candidate])[0] for spec, candidate in given]


def test_a_mixed_batch_gives_what_each_gets_alone() -> None:
    given = pairs()
    mixed = Verifier().verify_mixed(given)
    assert mixed == one_by_one(given)
    assert len({v.outcome for v in mixed}) > 1


def test_a_mixed_batch_shares_the_static_tools(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    calls: Counter[str] = Counter()

    def counting(argv: tuple[str, ...], **given: object) -> Finished:
        calls[argv[0].rpartition("/")[2]] += 1
        return real(argv, **given)  # type: ignore[arg-type]

    real = process.run
    monkeypatch.setattr(yosys_calls, "run", counting)
    monkeypatch.setattr(lint, "run", counting)
    given: list[Pair] = [(s, Candidate(text=s.golden)) for s in list(updown().values())[:3]]
    assert {v.outcome for v in Verifier().verify_mixed(given)} == {Outcome.PASS}
    assert sorted(calls.values()) == [1, 2]  # one lint; netlists of the goldens, of the answers
    calls.clear()
    assert {v.outcome for v in Verifier().verify_mixed(given)} == {Outcome.PASS}
    assert sorted(calls.values()) == [1, 1]  # the goldens' are kept


def test_a_broken_golden_harms_nobody_else() -> None:
    right = async_counter()
    found = Verifier().verify_mixed([
        (BROKEN_GOLDEN, Candidate(text=CLASSIC)), (right, Candidate(text=right.golden)),
    ])
    assert [v.outcome for v in found] == [Outcome.ERROR, Outcome.PASS]


def test_where_the_shared_call_breaks_each_is_asked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Pair] = [(s, Candidate(text=s.golden)) for s in list(updown().values())[:2]]
    real = process.run

    def breaking(argv: tuple[str, ...], **given: object) -> Finished:
        if "unit1.sv" in (given["folder"] / yosys_calls.JOBS).read_text():  # type: ignore[operator]
            raise HarnessError("broken")
        return real(argv, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(yosys_calls, "run", breaking)
    assert [v.outcome for v in Verifier().verify_mixed(given)] == [Outcome.PASS] * 2
