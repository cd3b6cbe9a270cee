"""What the lines that a testbench prints say."""

from __future__ import annotations

import pytest

from rtlbench.checks.bench_words import has_praise, read_words

LINES = (
    ("wrong", "Test 2 FAILED"),
    ("wrong", "ERROR at time 20"),
    ("wrong", "3 errors"),
    ("wrong", "10 mismatches in 20 samples"),
    ("right", "passed with 0 errors"),
    ("right", "Errors: 0"),
    ("right", "no mismatch found"),
    ("right", "error_count = 0"),
    ("right", "All tests passed"),
    ("right", "Mismatches: 0 in 439 samples"),
    ("wrong", "Mismatches: 12 in 439 samples"),
    ("nothing", "Mismatches: 0 in 0 samples"),
    ("right", "Hint: Output 'q' has no mismatches."),
    ("wrong", "Hint: Output 'q' has 3 mismatches. First mismatch occurred at time 20."),
    ("right", "Hint: Total mismatched samples is 0 out of 439 samples"),
    ("wrong", "Hint: Total mismatched samples is 7 out of 439 samples"),
    ("right", "failures = 0"),
    ("wrong", "failures = 2"),
    ("wrong", "=========== Test completed with          3 /100 failures ==========="),
    ("right", "Test completed with          0 errors."),
    ("right", "Test completed with 0/20 failures"),
    ("wrong", "Failed at          0: clk=1"),
    ("wrong", "Failed: out=0000 (expected 1101)"),
    ("wrong", "Error at time 0"),
    ("wrong", "Error: got 0, expected 1"),
    ("wrong", "7/10 tests passed"),
    ("right", "10/10 tests passed"),
    ("right", "10 tests passed, 0 failed"),
    ("wrong", "Passed: 7, Failed: 3"),
    ("right", "Passed: 7, Failed: 0"),
    ("nothing", "0 tests passed"),
    ("wrong", "TIMEOUT"),
    ("right", "TIMEOUT\nMismatches: 0 in 20 samples"),
    ("wrong", "TIMEOUT\nMismatches: 1 in 20 samples"),
    ("right", "Test error_flag: PASS"),
    ("right", "Testing error injection...\nALL OK"),
    ("wrong", "ERROR: bench.sv:4: bad"),
    ("wrong", "FATAL: bench.sv:4: "),
    ("nothing", "count = 5"),
    ("right", "Simulation done, success"),
    ("wrong", "Test 1 failed: expected PASS"),
    ("wrong", "Errors: x"),
    ("wrong", "mismatch at 10: q=0 expected 1"),
    ("nothing", "a=1, b=0, z=1"),
    ("right", "Test 3 (wrong address): passed"),
    ("wrong", "Error: Data read from address 3 is incorrect"),
    ("wrong", "The result is incorrect"),
    ("right", "The result is correct"),
    ("right", "Total errors:    0"),
    ("wrong", "Total errors:    4"),
    ("right", "Number of errors: 0 / 100"),
    ("wrong", "Total: 3 errors out of 10"),
    ("wrong", " 20 Fail 3 * 4: 0 instead of 12"),
    ("right", "  20 Passed 3 * 4 = 12"),
    ("right", "error=0"),
    ("wrong", "Test did not pass"),
    ("right", "simulation completed without errors"),
    ("right", "ERROR COUNT = 0"),
    ("wrong", "error_count = 1"),
    ("right", "fail_cnt: 0, pass_cnt: 20"),
    ("wrong", "fail_cnt: 1, pass_cnt: 20"),
    ("right", "Errors detected: 0"),
    ("wrong", "FAIL"),
    ("right", "PASS"),
    ("wrong", "ERROR: 5 != 3"),
    ("wrong", "ERROR: 0 != 3"),
    ("wrong", "error 0: q is 3, expected 4"),
)


@pytest.mark.parametrize(("says", "printed"), LINES)
def test_lines(says: str, printed: str) -> None:
    assert read_words(printed).says == says


def test_one_complaint_outweighs_all_praise() -> None:
    assert read_words("PASS\nPASS\nFAIL\nTest completed: all passed").says == "wrong"


def test_a_count_is_a_better_word_than_a_word() -> None:
    found = read_words("check 1 passed\nErrors: 0\ncheck done, ok")
    assert (found.says, found.by, found.told) == ("right", "count", "Errors: 0")


def test_an_end_with_complaint_is_one() -> None:
    found = read_words("All tests passed", clean_exit=False)
    assert (found.says, found.by) == ("wrong", "severity")


@pytest.mark.parametrize(
    ("testbench", "has"),
    [
        ('$display("PASSED");', True),
        ('$display("it is a success");', True),
        ('// "passed"', False),
        ('$display("by the bypass");', False),
        ("reg passed;", False),
    ],
)
def test_whether_a_testbench_has_a_word_for_right(testbench: str, *, has: bool) -> None:
    assert has_praise(testbench) is has
