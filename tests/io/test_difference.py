"""What a refusal to go on says of two configurations."""

from __future__ import annotations

from rtlbench.io.difference import changes, in_words

BEFORE = {"a": {"b": 1, "c": 2}}
NOW = {"a": {"b": 1, "c": 3}, "d": 4}


def test_differences_name_the_place() -> None:
    assert changes(BEFORE, NOW) == {"a.c": ("2", "3"), "d": ("none", "4")}
    assert in_words(BEFORE, NOW) == "a.c: 2 before, 3 now; d: none before, 4 now"


def test_alike_is_no_difference() -> None:
    assert in_words(NOW, NOW) == ""


def test_long_values_are_cut_where_they_are_shown_not_where_they_are_compared() -> None:
    before, now = {"path": "x" * 40 + "1"}, {"path": "x" * 40 + "2"}
    assert in_words(before, now, longest=9) == "path: xxxxxx... before, xxxxxx... now"
