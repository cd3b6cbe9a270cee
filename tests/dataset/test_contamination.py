import random

import pytest

from rtlbench.dataset.similarity.contamination import BenchmarkMember, Contamination
from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite
from tests.dataset.restructure import reformatted, renamed, restructured

WATCHED = load_suite()[::18]
EMPTY = "module m (input a, output y); assign y = a; endmodule"


@pytest.fixture(scope="module")
def suite() -> Contamination:
    return Contamination([
        BenchmarkMember(name=f"rtlbench/{m.id}", instruction=m.prompt, code=m.golden)
        for m in WATCHED
    ])


@pytest.mark.parametrize("at", range(0, len(WATCHED), 4))
def test_a_renamed_reformatted_copy_is_found_under_any_words(
    suite: Contamination, at: int
) -> None:
    rng = random.Random(at)
    copy = reformatted(renamed(WATCHED[at].golden, rng), rng)
    found = suite.check("Write a module that does it.", copy)
    assert found is not None
    assert (found.member, found.measure) == (f"rtlbench/{WATCHED[at].id}", "exact")


def test_a_restructured_copy_is_found(suite: Contamination) -> None:
    rng = random.Random(0)
    code, ways = restructured(renamed(WATCHED[1].golden, rng), rng)
    found = suite.check("Write a module that does it.", code)
    assert ways
    assert found is not None
    assert found.member == f"rtlbench/{WATCHED[1].id}"
    assert found.measure == "function"


@pytest.mark.parametrize("member", WATCHED, ids=lambda m: m.id)
def test_an_instruction_is_found_whatever_the_answer(suite: Contamination, member: Spec) -> None:
    asked = f"You are an engineer.\n\n{member.prompt}\n\nAnswer with code only."
    found = suite.check(asked, EMPTY)
    assert found is not None
    assert (found.member, found.measure) == (f"rtlbench/{member.id}", "instruction")
    assert found.similarity > 0.95


def test_members_that_are_not_watched_are_not_taken_for_others(suite: Contamination) -> None:
    """They share templates and interfaces with those that are."""
    others = load_suite()[1::18]
    told = [suite.check(m.prompt, m.golden) for m in others]
    assert told == [None] * len(others)


def test_the_same_words_with_another_number_ask_for_something_else(suite: Contamination) -> None:
    member = next(m for m in WATCHED if " 4" in m.prompt)
    other = member.prompt.replace("4", "6")
    assert suite.check(other, EMPTY) is None


def test_a_member_without_code_is_known_by_its_words() -> None:
    only_words = Contamination(
        [BenchmarkMember(name="x/one", instruction=WATCHED[0].prompt, code=""),
         BenchmarkMember(name="x/two", instruction="A short one.", code="")]
    )
    found = only_words.check(WATCHED[0].prompt, EMPTY)
    assert found is not None
    assert found.member == "x/one"
    assert only_words.unwatched == ["x/two"]
