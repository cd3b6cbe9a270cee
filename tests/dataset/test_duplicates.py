import random

from rtlbench.dataset.similarity.duplicates import DuplicateIndex
from rtlbench.dataset.similarity.signatures import signatures, signatures_of
from rtlbench.suites.families import load_suite
from tests.dataset.restructure import reformatted, renamed, restructured

# No tool makes a circuit of it (a delay), so that only its text can be compared.
CLOCKED = """module pulse (input clk, input start, output reg busy, output reg done);
    reg [5:0] left;
    always @(posedge clk) begin
        done <= 0;
        if (start && !busy) begin busy <= 1; left <= 6'd40; end
        else if (busy) begin
            left <= left - 1;
            if (left == 6'd3) begin busy <= 0; done <= 1; end
        end
    end
    initial begin busy = 0; #5 left = 0; end
endmodule
"""


def test_the_first_of_several_likes_stays() -> None:
    index = DuplicateIndex()
    rng = random.Random(1)
    golden = load_suite()[0].golden
    one, two, other = signatures_of([golden, renamed(golden, rng), load_suite()[40].golden])
    assert index.add("first", one) is None
    assert index.add("other", other) is None
    match = index.add("second", two)
    assert match is not None
    assert (match.record_id, match.measure, match.similarity) == ("first", "exact", 1.0)
    assert len(index) == 2


def test_prose_around_the_code_plays_no_part() -> None:
    golden = load_suite()[0].golden
    told = f"Here is the module:\n```verilog\n{golden}```\nIt counts.\n"
    assert signatures(told) == signatures(golden)


def test_a_restructured_copy_is_found_by_its_function() -> None:
    index = DuplicateIndex()
    golden = next(m.golden for m in load_suite() if m.id == "updown_w4_sync")
    copy, ways = restructured(renamed(golden, random.Random(2)), random.Random(2))
    assert len(ways) >= 2
    one, two = signatures_of([golden, copy])
    index.add("golden", one)
    match = index.add("copy", two)
    assert match is not None
    assert match.measure == "function"


def test_text_that_makes_no_circuit_is_compared_by_its_sketches() -> None:
    index = DuplicateIndex()
    near = CLOCKED.replace("done <= 0;\n", "done <= 1'b0;\n")
    far = "module m (input clk, input [5:0] a, output reg y); initial #3 y = a == 40; endmodule"
    one, two, three = signatures_of([CLOCKED, near, far])
    assert one.function is None
    assert index.add("one", one) is None
    match = index.add("two", two)
    assert match is not None
    assert match.measure in ("text", "syntax")
    assert 0.8 <= match.similarity < 1.0
    assert index.add("three", three) is None


def test_other_constants_are_another_design() -> None:
    index = DuplicateIndex()
    one, two = signatures_of([CLOCKED, CLOCKED.replace("6'd40", "6'd50")])
    assert index.add("40", one) is None
    assert index.add("50", two) is None


def test_a_polarity_is_another_design_where_circuits_tell() -> None:
    index = DuplicateIndex()
    golden = next(m.golden for m in load_suite() if m.id == "updown_w4_sync")
    one, two = signatures_of([golden, golden.replace("posedge", "negedge")])
    assert one.text != b""
    assert index.add("rising", one) is None
    assert index.add("falling", two) is None


def test_what_holds_no_rtl_is_a_duplicate_only_of_itself() -> None:
    index = DuplicateIndex()
    found = signatures_of(["", "I cannot do that.", "I will not do that.", "I cannot do that."])
    assert [index.add(str(k), one) is not None for k, one in enumerate(found)] == [
        False, False, False, True
    ]


def test_reformatted_and_renamed_copies_of_many_are_all_found() -> None:
    rng = random.Random(3)
    goldens = [m.golden for m in load_suite()[::20]]
    copies = [reformatted(renamed(text, rng), rng) for text in goldens]
    index = DuplicateIndex()
    before = [index.add(f"g{k}", one) for k, one in enumerate(signatures_of(goldens))]
    after = [index.add(f"c{k}", one) for k, one in enumerate(signatures_of(copies))]
    assert before == [None] * len(goldens)
    assert [m and (m.record_id, m.measure) for m in after] == [
        (f"g{k}", "exact") for k in range(len(goldens))
    ]
