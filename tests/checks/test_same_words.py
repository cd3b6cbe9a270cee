"""Answers that differ in white space and comments alone are simulated once, and told alike."""

from __future__ import annotations

import pytest

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Verdict
from rtlbench.rtl.batches import words_of
from rtlbench.simulation import lanes
from rtlbench.simulation.simulators import Simulator
from rtlbench.simulation.wrapper import Part
from rtlbench.verifier import Verifier
from tests.support import async_counter


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The top module of every lane that is played, without goldens."""
    seen: list[str] = []

    def play(parts: list[Part], simulator: Simulator) -> object:
        seen.extend(lane.top for part in parts for lane in part.lanes[:-1])
        return original(parts, simulator)

    original = lanes.play
    monkeypatch.setattr(lanes, "play", play)
    return seen


def judged(spec: Spec, *texts: str) -> list[Verdict]:
    return Verifier().verify(spec, [Candidate(text=t, spec_id=spec.id) for t in texts])


def spaced(text: str, k: int) -> str:
    return f"// answer {k}\n\n" + text.replace("\n", f"  // line of {k}\n\n", 4 * k)


def test_the_same_words_are_played_once_and_told_alike(played: list[str]) -> None:
    spec = async_counter()
    wrong = spec.golden.replace("+ 1'b1", "+ 2'd2")
    texts = [spaced(text, k) for k in range(4) for text in (spec.golden, wrong)]
    together = judged(spec, *texts)
    assert [name for name in played if name.startswith("lane")] == ["lane0_0", "lane1_0"]
    for text, verdict in zip(texts, together, strict=True):
        (alone,) = judged(spec, text)
        assert verdict == alone
    assert [v.functional for v in together] == [True, False] * 4


def test_where_the_first_is_not_played_to_its_end_each_is_asked(played: list[str]) -> None:
    """What Icarus does not compile is told of by the netlist of each answer itself."""
    spec = async_counter()
    unique = spec.golden.replace("if (!rst_n)", "unique if (!rst_n)", 1)
    nested = unique.replace("endmodule", "generate begin : a wire w; end endgenerate\nendmodule")
    texts = [spaced(text, k) for k in range(2) for text in (unique, nested)]
    together = judged(spec, *texts)
    assert all(v.functional for v in together)
    for text, verdict in zip(texts, together, strict=True):
        assert verdict == judged(spec, text)[0]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("assign a = 1;", "assign a =1;"),
        ("x = \\a ;", "x = \\a;"),
        ('s = "a b";', 's = "a  b";'),
        ("a\x0bb", "a b"),
    ],
)
def test_what_may_say_something_else_has_other_words(text: str, other: str) -> None:
    assert words_of(text) != words_of(other)
