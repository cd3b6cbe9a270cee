"""What one design does to Yosys is its own affair: not its neighbours', not the machine's."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from rtlbench.mutation.mutants import source_mutants
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.netlist import Netlist, NetlistFailure
from rtlbench.rtl.yosys import netlists
from rtlbench.rtl.yosys_calls import call, read
from rtlbench.sandbox.process import Finished, read_made
from rtlbench.sandbox.sandbox import private_folder
from rtlbench.suites.families import load_suite
from tests.support import judge

PLAIN = "module m(input a, output y); assign y = ~a; endmodule\n"
JOB = [*read("m.sv", "m"), "write_json m.json"]
SPOILT = {
    "crashes": ("exec -- kill -SEGV $PPID", "signal"),
    "is killed": ("exec -- kill -KILL $PPID", "signal"),
    "stands still": ("exec -- sleep 1000", "timeout"),
    "goes round for ever": ("exec -- while true; do :; done", "exit"),
    "leaves a process behind": ("exec -- (sleep 1000 &) > /dev/null 2>&1", "exit"),
    "prints without end": ("exec -- yes >&2", "exit"),
}


@pytest.mark.parametrize("company", [False, True])
@pytest.mark.parametrize("fault", SPOILT)
def test_a_job_that_breaks_costs_its_neighbours_nothing(fault: str, company: bool) -> None:
    command, reason = SPOILT[fault]
    with private_folder() as folder:
        (folder / "m.sv").write_text(PLAIN)
        ended = call(folder, [JOB, [*JOB[:1], command], JOB], cpu=1, company=company)
        assert isinstance(ended, list)
        first, broken, last = ended
        assert (first.ok, broken.reason, last.ok) == (True, reason, True), broken
        assert read_made(folder / "m.json")
        assert len(broken.stderr) < 1 << 20
    after = netlists([Unit(PLAIN, "m")])
    assert isinstance(after[0], Netlist)


def test_every_job_has_a_design_of_its_own() -> None:
    texts = [PLAIN.replace("~a", f"a {op} 1'b1") for op in "&|^"]
    made = netlists([Unit(text, "m") for text in texts])
    assert all(isinstance(n, Netlist) and len(n.module.ports) == 2 for n in made)
    again = [netlists([Unit(text, "m")])[0] for text in texts]
    for one, alone in zip(made, again, strict=True):
        assert isinstance(one, Netlist)
        assert isinstance(alone, Netlist)
        assert (one.cell_counts, one.outputs) == (alone.cell_counts, alone.outputs)


@pytest.mark.parametrize("company", [False, True])
def test_more_jobs_than_one_process_does_end_as_each_alone(company: bool) -> None:
    texts = [PLAIN.replace("~a", f"{k} + a") for k in range(40)]
    refused = PLAIN.replace("~a", "nothing_of_this_name")
    texts[0] = texts[5] = texts[6] = texts[17] = texts[39] = refused
    with private_folder() as folder:
        jobs = []
        for k, text in enumerate(texts):
            (folder / f"m{k}.sv").write_text(text)
            jobs.append([*read(f"m{k}.sv", "m"), "opt", f"write_json m{k}.json"])
        jobs[20].insert(1, "exec -- kill -SEGV $PPID")
        ended = call(folder, jobs, cpu=5, company=company)
        assert isinstance(ended, list)
        assert [k for k, end in enumerate(ended) if not end.ok] == [0, 5, 6, 17, 20, 39]
        assert ended[20].reason == "signal"
        assert all("nothing_of_this_name" in ended[k].stderr for k in (0, 5, 6, 17, 39))
        assert all(read_made(folder / f"m{k}.json") for k, end in enumerate(ended) if end.ok)
        assert all(end.cpu > 0 for end in ended)


def test_one_that_takes_long_is_done_again_with_all_of_its_time() -> None:
    long = [*JOB[:1], "exec -- sleep 13", *JOB[1:]]
    with private_folder() as folder:
        (folder / "m.sv").write_text(PLAIN)
        ended = call(folder, [JOB, long, JOB], cpu=5, company=True)
        assert isinstance(ended, list)
        assert [end.ok for end in ended] == [True, True, True]
        assert ended[1].wall > 12


def test_too_many_objects_for_names_of_theirs_are_no_fault() -> None:
    many = "".join(f"wire w{k} = a ^ b[{k}]; assign y[{k}] = w{k} & w{(k + 1) % 1100};\n"
                   for k in range(1100))  # fmt: skip
    text = f"module m(input a, input [1099:0] b, output [1099:0] y);\n{many}endmodule\n"
    units = [_apart(Unit(t, "m"), k) for k, t in enumerate([PLAIN, text, *[PLAIN] * 10])]
    (alone,), beside = netlists(units[1:2]), netlists(units)
    assert all(isinstance(n, Netlist) for n in (alone, *beside))
    assert _as_text(beside[1]) == _as_text(alone)


def test_what_one_unit_declares_beside_its_modules_reaches_no_other() -> None:
    """A unit with the name of another's top, or more than modules, has a design of its own."""
    given = [_apart(Unit(PLAIN.replace("~a", f"a {op} 1'b1"), "m"), k) for k, op in enumerate("&^")]
    package = "package p; localparam V = 1'b{}; endpackage\n"
    given += [
        Unit(package.format(v) + f"module m_{k}(input a, output y); assign y = a ^ p::V; endmodule",
             f"m_{k}", alone=True) for k, v in ((2, 0), (3, 1))
    ]  # fmt: skip
    given.append(Unit(PLAIN.replace("module m(", "module m_0("), "m_0"))
    alone = [netlists([unit])[0] for unit in given]
    assert [_as_text(n) for n in netlists(given)] == [_as_text(n) for n in alone]
    bodies = [n.verilog.partition(";")[2] for n in alone if isinstance(n, Netlist)]
    assert bodies[0] == bodies[2] != bodies[1] == bodies[3] == bodies[4]


@pytest.mark.parametrize("fault", ["nothing_of_this_name", "a[1", "m_1.y", "$root.m_1.y"])
def test_what_fails_on_a_shared_design_leaves_the_others_as_they_are(fault: str) -> None:
    units = [_apart(Unit(PLAIN.replace("~a", f"{k} + a"), "m"), k) for k in range(4)]
    units[2] = Unit(units[2].text.replace("2 + a", fault), units[2].top)
    made = netlists(units)
    assert [isinstance(n, Netlist) for n in made[:2] + made[3:]] == [True] * 3
    assert _as_text(made[2]) == _as_text(netlists([units[2]])[0])


CHAIN = "q[0] <= 1'b0; " + " ".join(f"q[{k}] <= q[{k - 1}];" for k in range(1, 25))
ROUNDS = {
    "a register that nothing sets, unknown after one more":
        "logic [24:0] s; always_ff @(posedge clk) begin s <= s; q <= s; end",
    "a chain of constants, one a round": f"always_ff @(posedge clk) begin {CHAIN} end",
}  # fmt: skip


@pytest.mark.parametrize("kind", ROUNDS)
def test_a_unit_is_worked_on_for_as_long_as_it_needs_not_its_neighbours(kind: str) -> None:
    text = f"module r(input clk, output logic [24:0] q); {ROUNDS[kind]} endmodule\n"
    goldens = [Unit(spec.golden, spec.top) for spec in load_suite()[::30]]
    units = [_apart(unit, k) for k, unit in enumerate([Unit(text, "r"), *goldens])]
    made = netlists(units)[0]
    assert isinstance(made, Netlist)
    assert not made.cell_counts
    assert _as_text(made) == _as_text(netlists(units[:1])[0])


def test_a_netlist_has_the_ports_of_its_text_by_name_and_in_order() -> None:
    text = ("module m(input zz, a, clk, output reg [1:0] y, q);"
            " always @(posedge clk) begin y <= {zz, a}; q <= y; end endmodule\n")  # fmt: skip
    for before in (0, 3):
        made = netlists([*[Unit(PLAIN, "m")] * before, Unit(text, "m")])[-1]
        assert isinstance(made, Netlist)
        assert "module m(zz, a, clk, y, q);" in made.verilog
        assert "n0" not in made.verilog


@pytest.mark.slow
def test_netlists_of_many_are_the_same_in_any_company() -> None:
    specs = load_suite()[::9]
    units = [Unit(spec.golden, spec.top) for spec in specs if spec.golden]
    units += [Unit(m.text, spec.top) for spec in specs for m in source_mutants(spec, 4)]
    units += [Unit(text, "updown_w4_sync") for text in LATCHES]
    units = [_apart(unit, k) for k, unit in enumerate(units)]
    Random(0).shuffle(units)
    together, backwards = netlists(units), netlists(units[::-1])[::-1]
    alone = [netlists([unit])[0] for unit in units]
    assert sum(isinstance(n, Netlist) for n in alone) > 0.9 * len(units)
    for one, beside, other in zip(alone, together, backwards, strict=True):
        assert _as_text(one) == _as_text(beside) == _as_text(other)


def _apart(unit: Unit, k: int) -> Unit:
    """With module names of its own, as every caller gives them: such units share a design."""
    names = re.findall(r"^\s*module\s+(\w+)", unit.text, re.M)
    text = re.sub(rf"\b({'|'.join(names)})\b", rf"\1_{k}", unit.text)
    return Unit(text, f"{unit.top}_{k}")


LATCHES = [
    f"module updown_w4_sync(input en, clk, d, output reg [3:0] q, {kind} v);\n"
    f"always_latch if ({enable}) q = {{4{{d}}}}; always @(posedge clk) v <= {value}; endmodule\n"
    for kind in ("output reg", "output reg [3:0]")
    for enable in ("en", "clk", "en & ~d", "!en")
    for value in ("d", "q[1]", "~v", "q")
]


def _as_text(made: Netlist | NetlistFailure) -> str:
    """All of it but the numbers that Yosys counts by, which are as many in the same order."""
    if isinstance(made, NetlistFailure):
        return f"{made.reason}: {made.message}"
    numbers: dict[str, str] = {}
    text = re.sub(r"unit\d+\.sv", "unit.sv", f"{made.module}\n{made.verilog}")
    return re.sub(r"1\d{8}(?!\d)", lambda n: numbers.setdefault(n[0], f"#{len(numbers)}"), text)


def test_a_netlist_is_the_same_text_whatever_was_read_before_it() -> None:
    latch = Unit(
        "module m(input d, input en, output logic q, output [2:0] v); "
        "always_latch if (en) q = d; assign v = {q, en, d}; endmodule\n", "m",
    )  # fmt: skip
    others = [
        Unit(f"module m(output {a}, input {b}, {c}); assign {a} = {b} ^ {c}; endmodule\n", "m")
        for a, b, c in (("q", "v", "en"), ("v", "q", "d"), ("en", "d", "q"))
    ]
    (alone,) = netlists([latch])
    for before in (others, others[::-1], [*others[1:], latch]):
        beside = netlists([*before, latch])[-1]
        assert isinstance(alone, Netlist)
        assert isinstance(beside, Netlist)
        assert beside.verilog == alone.verilog
        assert list(beside.module.cells) == list(alone.module.cells)


def _in(body: str) -> str:
    return f"module m(input clk, input a, output logic y);\n{body}\nendmodule\n"


HOSTILE = {
    "include": '`include "/etc/passwd"\n' + PLAIN,
    "include of a device": '`include "/dev/zero"\n' + PLAIN,
    "a memory from a file": _in('reg [7:0] t [0:9]; initial $readmemh("/etc/passwd", t);'
                                " assign y = t[a][0];"),
    "a file": _in('integer f; initial f = $fopen("/tmp/escaped", "w"); assign y = a;'),
    "a command": _in('initial $system("touch /tmp/escaped"); assign y = a;'),
    "DPI": _in('import "DPI-C" function int system(string s); int r;'
               ' initial r = system("touch /tmp/escaped"); assign y = a;'),
    "bind": _in("assign y = a;") + "module spy(input a); endmodule\nbind m spy s(.a(a));\n",
    "an end": _in("initial $finish; assign y = a;"),
    "protected": "`pragma protect begin_protected\n" + PLAIN,
    "a macro without end": "`define X `X `X\n" + _in("assign y = `X;"),
    "nested without end": _in(f"assign y = {'(' * 30000}a{')' * 30000};"),
    "a module in itself": _in("m u(clk, a, y);"),
    "a generate without end": _in("for (genvar i = 0; i >= 0; i++) begin : g wire w; end"),
    "a loop without end": _in("always_comb begin y = a; while (1) y = ~y; end"),
    "a constant function without end":
        _in("function int f(); f = 0; while (1) f = f + 1; endfunction localparam K = f();"
            " assign y = K[0];"),
    "a gigantic vector": _in("logic [2147483646:0] v; assign v = {2147483647{a}};"
                             " assign y = ^v;"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_reaches_nothing_and_nobody(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Straight to Yosys, past the Checks that would have refused it before."""
    monkeypatch.setattr("rtlbench.rtl.yosys.BASE_CPU_SECONDS", 2)
    beside = [Unit(PLAIN.replace("module m", f"module {top}"), top) for top in ("p", "q")]
    first, made, last = netlists([beside[0], Unit(HOSTILE[kind], "m"), beside[1]])
    assert isinstance(first, Netlist)
    assert isinstance(last, Netlist)
    if isinstance(made, NetlistFailure):
        assert "root:" not in made.message
        assert len(made.message) <= 500
    assert not Path("/tmp/escaped").exists()


@pytest.mark.parametrize("attribute", ["blackbox", "whitebox", "keep", "full_case", "init = 1"])
def test_attributes_do_not_reach_it(attribute: str) -> None:
    plain = "module m(input clk, input a, output logic y); always @(posedge clk) y <= a; endmodule"
    marked = plain.replace("module", f"(* {attribute} *) module", 1)
    marked = marked.replace("always", f"(* {attribute} *) always").replace(
        "output logic y", f"(* {attribute} *) output logic y"
    )
    one, other = judge(plain), judge(marked)
    assert one.outcome == other.outcome
    assert one.checks["synthesis"].detail == other.checks["synthesis"].detail


def test_a_call_that_breaks_as_a_whole_is_told() -> None:
    with private_folder() as folder:
        (folder / "ended.json").mkdir()
        assert isinstance(call(folder, [JOB], cpu=1), Finished)
