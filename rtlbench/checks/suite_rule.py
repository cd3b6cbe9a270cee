"""A suite's own verdict, for comparing with published figures: its bench compiled and run with the
answer as the suite does it, and judged by what is printed.

It is worth what a printed word is worth: an answer that prints the word, or ends the run, gets it.
VerilogEval's benches also print TIMEOUT after a while, in some tasks before their own reference is
through: what counts is the number of mismatches.

So it is kept beside our verdict, and never becomes one, unless `--judge own` asks for nothing else.
It runs behind the walls of the sandbox; without walls, nothing runs that the safety Check refuses.
"""

from __future__ import annotations

import re

import msgspec

from rtlbench.io.untrusted import one_line
from rtlbench.records.spec import Testbench
from rtlbench.records.verdict import SuiteWord
from rtlbench.rtl.testbench_text import testbench_top, write_files
from rtlbench.sandbox.process import Finished, Limits
from rtlbench.sandbox.sandbox import isolation, private_folder
from rtlbench.simulation.cocotb_harness import run_harness
from rtlbench.simulation.simulators import compile_together, run_compiled

LIMITS = Limits(wall=180.0, cpu=30, memory=4 << 30, output=4 << 20)
"""VerilogEval gives 30 seconds."""
TOLD = 200
_MISMATCHES = re.compile(r"^Mismatches: (\d+) in \d+ samples$", re.M)
_FIRST = re.compile(r"^Hint: Output .* First mismatch occurred at time \d+\.?$", re.M)


class SuiteVerdict(msgspec.Struct, frozen=True):
    """What a suite's own rule says of an answer, and the line that says it."""

    says: SuiteWord
    told: str = ""


def may_run(*, is_safe: bool) -> bool:
    """Whether an answer may be run as it is: one that the safety Check refuses needs walls."""
    return is_safe or isolation().kind != "none"


def by_suite_rule(bench: Testbench, top: str, answer: str) -> SuiteVerdict:
    """What the suite says of `answer`, whose top module is called `top`."""
    if bench.targets:
        return _by_harness(bench, answer)
    with private_folder() as folder:
        write_files(folder, bench)
        texts = {"bench.sv": bench.text, "answer.sv": answer, "beside.sv": bench.beside}
        for name, text in texts.items():
            (folder / name).write_text(f"{text}\n", "utf-8", "replace")
        built = compile_together(folder, tuple(texts), testbench_top(bench.text, top), LIMITS)
        if not built.ok:
            return SuiteVerdict("compile", _line(built.stderr))
        return _said(bench, run_compiled(folder, LIMITS))


def _by_harness(bench: Testbench, answer: str) -> SuiteVerdict:
    ran = run_harness(bench, answer)
    says: SuiteWord = "fail" if ran.ended == "broken" else ran.ended
    return SuiteVerdict(says, _line(ran.told))


def _said(bench: Testbench, ran: Finished) -> SuiteVerdict:
    if ran.reason == "timeout":
        return SuiteVerdict("timeout", f"no end within {LIMITS.cpu} s")
    if not bench.compares:
        says: SuiteWord = "pass" if "pass" in ran.stdout.lower() else "fail"
        return SuiteVerdict(says, _line("\n".join(reversed(ran.stdout.splitlines()))))
    counted = _MISMATCHES.findall(ran.stdout)
    shown = [*_MISMATCHES.finditer(ran.stdout), *_FIRST.finditer(ran.stdout)]
    told = one_line("; ".join(m.group() for m in shown[:2]), TOLD) or _line(ran.stdout)
    is_right = bool(counted) and all(int(n) == 0 for n in counted)
    return SuiteVerdict("pass" if is_right else "fail", told)


def _line(text: str) -> str:
    return one_line(next((s for s in text.splitlines() if s.strip()), "nothing").strip(), TOLD)
