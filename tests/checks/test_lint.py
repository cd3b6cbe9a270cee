"""The lint Check: warnings lower the value, and never fail."""

from __future__ import annotations

from rtlbench.records.verdict import Outcome, Severity
from tests.support import async_counter, judge, judge_all

CLEAN = "module m(input [7:0] a, output [7:0] y);\n    assign y = ~a;\nendmodule\n"
NARROW = CLEAN.replace("~a", "a[3:0]")


def test_clean_code_is_clean() -> None:
    result = judge(CLEAN).checks["lint"]
    assert (result.outcome, result.value, result.findings) == (Outcome.PASS, 1.0, ())


def test_warnings_lower_the_value_and_never_fail() -> None:
    result = judge(NARROW).checks["lint"]
    assert result.outcome is Outcome.PASS
    assert 0.0 <= result.value < 1.0
    assert {f.severity for f in result.findings} == {Severity.WARNING}
    assert result.detail["warnings"] == len(result.findings)


def test_a_finding_has_rule_line_and_column_and_the_modules_own_name() -> None:
    text = "\n" + CLEAN.replace("assign", "sub u(.x(a));\n    assign")
    text += "module sub(input [3:0] x);\nendmodule\n"
    found = judge(text, words="").checks["lint"].findings
    width = next(f for f in found if f.rule == "lint.widthtrunc")
    assert width.line == 3
    assert width.column is not None
    assert not any("unit0" in f.message for f in found)


def test_more_warnings_never_raise_the_value() -> None:
    more = NARROW.replace("endmodule", "    wire idle = a[7];\nendmodule")
    assert judge(more).checks["lint"].value <= judge(NARROW).checks["lint"].value


def test_answers_do_not_see_each_others_warnings() -> None:
    together = judge_all([CLEAN, NARROW, CLEAN])
    assert [bool(v.checks["lint"].findings) for v in together] == [False, True, False]


def test_the_golden_is_clean() -> None:
    assert judge(async_counter().golden, async_counter()).checks["lint"].value == 1.0


def test_names_in_a_neighbours_module_are_no_warning() -> None:
    first = CLEAN.replace("assign", "function automatic number(input x); number = x; endfunction\n"
                          "    assign")
    second = CLEAN.replace("a,", "number,").replace("~a", "~number")
    alone, beside = judge(first), judge_all([first, second])[0]
    assert alone.checks["lint"].findings == beside.checks["lint"].findings
