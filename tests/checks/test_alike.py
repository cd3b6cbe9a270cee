"""Answers that say the same are judged once; what each is told is what it would be told alone."""

from __future__ import annotations

import pytest
from msgspec.structs import asdict, replace

from rtlbench.checks.alike import leaders
from rtlbench.checks.base import Context, Work
from rtlbench.records.candidate import CUT_OFF, Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.preprocessing import prepare
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Verifier


@pytest.fixture(scope="module")
def spec() -> Spec:
    return next(s for s in load_suite() if s.id == "updown_w8_async_low_en")


def told(verdict: Verdict) -> dict[str, object]:
    """All that is said of an answer, but whose it is and how long it took."""
    own = {"sample", "model", "candidate_hash", "key", "extraction", "truncated"}
    return {k: v for k, v in asdict(verdict).items() if k not in own}


def ways(text: str) -> list[str]:
    """The same words with other comments, fences, line ends and blanks at the end."""
    lines = text.splitlines()
    return [
        text,
        f"{text}// and that is all\n\n",
        "\n".join(f"{line}  // line {k}" for k, line in enumerate(lines)),
        "\r\n".join(f"{line}\t" for line in lines),
        text.replace("endmodule", "endmodule /* the end */", 1),
        text.replace("always_ff", "always_ff", 1) + " " * 40,
    ]


@pytest.mark.parametrize("wrong", [("+ 1'b1", "+ 2'd2"), ("<= 8'd0", "<= 8'd1"), ("", "")])
def test_each_is_told_what_it_would_be_told_alone(spec: Spec, wrong: tuple[str, str]) -> None:
    texts = ways(spec.golden.replace(*wrong) if wrong[0] else spec.golden)
    candidates = [Candidate(text=t, sample=k, model="m") for k, t in enumerate(texts)]
    verifier = Verifier()
    together = verifier.verify(spec, candidates)
    alone = [verifier.verify(spec, [c])[0] for c in candidates]
    assert [told(v) for v in together] == [told(v) for v in alone]
    assert [v.sample for v in together] == list(range(len(texts)))
    assert [v.candidate_hash for v in together] == [c.digest() for c in candidates]
    assert {v.functional for v in together} == {not wrong[0]}


def test_a_line_more_is_told_at_its_own_line(spec: Spec) -> None:
    broken = spec.golden.replace("<= 8'd0", "<= 8'd0 +")
    candidates = [Candidate(text=t) for t in (broken, f"\n\n{broken}", f"{broken}// here\n")]
    lines = [v.findings[0].line for v in Verifier().verify(spec, candidates)]
    assert lines[0] is not None
    assert lines == [lines[0], lines[0] + 2, lines[0]]


def works(spec: Spec, texts: list[str], words: str = "") -> list[Work]:
    context = Context(spec, worded=True, simulator=None, golden=None)
    made = []
    for text in texts:
        extraction = extract(text, spec.top, words)
        made.append(Work(Candidate(text=text), extraction, prepare(extraction.rtl), context, words))
    return made


def led(given: list[Work]) -> list[int]:
    places = {id(w): k for k, w in enumerate(given)}
    return [places[id(w)] for w in leaders(given)]


def test_those_of_the_same_words_have_one_leader(spec: Spec) -> None:
    assert led(works(spec, ways(spec.golden))) == [0] * 6


@pytest.mark.parametrize(
    "other",
    [
        "\n{}",  # told at other lines
        "{} module more; endmodule",
        "```verilog\n{}",
        "",
        "no module at all",
    ],
)
def test_what_may_be_told_otherwise_leads_itself(spec: Spec, other: str) -> None:
    given = works(spec, [spec.golden, other.format(spec.golden), spec.golden.replace("+", "-")])
    assert led(given) == [0, 1, 2]


def test_blanks_in_a_string_count(spec: Spec) -> None:
    text = spec.golden.replace("endmodule", 'localparam s = "a{}";\nendmodule', 1)
    assert led(works(spec, [text.format(""), text.format(" ")])) == [0, 1]


def test_answers_to_two_specs_are_two(spec: Spec) -> None:
    one, two = works(spec, [spec.golden])[0], works(spec, [spec.golden])[0]
    assert led([one, two]) == [0, 1]


def test_an_answer_cut_off_is_told_so_alone(spec: Spec) -> None:
    whole = Candidate(text=spec.golden)
    verdicts = Verifier().verify(spec, [whole, replace(whole, finish_reason=CUT_OFF)])
    assert [v.truncated for v in verdicts] == [False, True]
