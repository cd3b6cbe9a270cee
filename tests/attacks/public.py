"""`python -m tests.attacks.public [FOLDER]`: public suites, forged; by their own rule, and here.

For each task of each suite below FOLDER, three answers with the right ports that do nothing of what
is asked: one ends the run, one prints the suite's verdict, one waits for all else at time 0 and
then does both. Each is judged by the suite's own rule, as this project tells it again, and by
rtlbench. The table goes into docs/suites.md; exits with 1 where one passes here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.suites.cvdp import read_cvdp
from rtlbench.suites.rtllm import read_rtllm
from rtlbench.suites.verilog_eval import read_verilog_eval
from rtlbench.suites.verilog_eval_v1 import read_verilog_eval_v1
from rtlbench.verifier import Config, Verifier

ROOT = Path(__file__).parents[2]
SUITES = ROOT / ".." / "shared" / "suites"
DOCUMENT = ROOT / "docs" / "suites.md"
BEGIN, END = "<!-- attacks-public: begin -->", "<!-- attacks-public: end -->"
Reader = Callable[[Path], tuple[Spec, ...]]
VERDICTS = {
    "verilog-eval": "Mismatches: 0 in 439 samples",
    "verilog-eval-v1": "Mismatches: 0 in 439 samples",
    "cvdp": "** TESTS=1 PASS=1 FAIL=0 SKIP=0 **",
    "rtllm": "===========Your Design Passed===========",
}
"""What each suite's bench prints of a right answer, by the Spec's suite."""
FORGERIES = {
    "ends the run": "initial $finish;",
    "prints the verdict": 'initial begin $display("VERDICT"); $finish; end',
    "races at time 0": 'initial begin repeat (4) #0; $display("VERDICT"); $finish; end',
}
PLACES: dict[str, tuple[str, Reader]] = {
    "VerilogEval v2, spec-to-rtl": ("verilog-eval/dataset_spec-to-rtl", read_verilog_eval),
    "VerilogEval v2, completion": (
        "verilog-eval/dataset_code-complete-iccad2023", read_verilog_eval
    ),
    "VerilogEval v1, Human": (
        "verilog-eval-v1/VerilogEval_Human.jsonl", read_verilog_eval_v1
    ),
    "VerilogEval v1, Machine": (
        "verilog-eval-v1/VerilogEval_Machine.jsonl", read_verilog_eval_v1
    ),
    "RTLLM": ("rtllm", read_rtllm),
    "CVDP": ("cvdp", read_cvdp),
}  # fmt: skip


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one suite."""

    suite: str
    tasks: int
    by_rule: dict[str, int]
    """Tasks that the suite's own rule gives away, by forgery."""
    here: dict[str, int]
    """Likewise by rtlbench."""
    passed_here: list[str]


def forged(spec: Spec, how: str) -> str:
    """An answer to `spec` with its ports, and nothing but a forgery in it."""
    declared = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in spec.ports)
    body = FORGERIES[how].replace("VERDICT", VERDICTS[spec.suite])
    return f"module {spec.top}({declared});\n  {body}\nendmodule\n"


def attacked(suite: str, specs: Sequence[Spec]) -> Row:
    """Judge all forgeries of all tasks by both."""
    verifier = Verifier(Config(judge="both"))
    kinds = [(spec, how) for spec in specs for how in FORGERIES]
    pairs = [(spec, Candidate(text=forged(spec, how))) for spec, how in kinds]
    by_rule, here, passed = dict.fromkeys(FORGERIES, 0), dict.fromkeys(FORGERIES, 0), []
    for (spec, how), verdict in zip(kinds, verifier.verify_mixed(pairs), strict=True):
        by_rule[how] += verdict.suite_rule == "pass"
        here[how] += verdict.functional is True
        if verdict.functional is True:
            passed.append(f"{spec.id}: {how}")
    return Row(suite=suite, tasks=len(specs), by_rule=by_rule, here=here, passed_here=passed)


def rows_below(folder: Path) -> Iterator[Row]:
    """A row a suite that lies below `folder`."""
    for suite, (place, read) in PLACES.items():
        if (folder / place).exists():
            specs = [s for s in read(folder / place) if s.ports]
            yield attacked(suite, specs)


def table(rows: Sequence[Row]) -> str:
    """For the document: how many tasks are given away, by the rule and here."""
    head = ["suite", "tasks", *(f"{how}: rule / here" for how in FORGERIES)]
    lines = [head, ["---"] * len(head)]
    for row in rows:
        cells = [f"{row.by_rule[how]} / {row.here[how]}" for how in FORGERIES]
        lines.append([row.suite, str(row.tasks), *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(argv: Sequence[str]) -> int:
    """Write the table; 0 where nothing passed here."""
    folder = Path(argv[0]) if argv else SUITES
    rows = list(rows_below(folder))
    if not rows:
        sys.stderr.write(f"{folder}: no public suite below it; name the folder that holds them\n")
        return 2
    made = table(rows)
    text = DOCUMENT.read_text("utf-8")
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.S)
    DOCUMENT.write_text(between.sub(lambda _: f"{BEGIN}\n{made}\n{END}", text), "utf-8")
    passed = [f"{row.suite}: {p}" for row in rows for p in row.passed_here]
    sys.stdout.write("\n".join([made, *passed]) + "\n")
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
