"""All rules of Findings, each with a small wrong answer and the message that it gets.

    .venv/bin/python -m tests.checks.rules

writes the tables of docs/rules.md, out of tests/checks/rules.toml. With `--measured`, it prints
instead what is told of each answer today.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec, Testbench
from rtlbench.records.verdict import Severity, Verdict
from rtlbench.verifier import Config, Verifier
from tests.support import sync_counter

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "rules.md"
DATA = Path(__file__).with_name("rules.toml")
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
FRAME = "module updown_counter (input clk, input rst, input up, output reg [3:0] q);\n"
RIGHT = "always @(posedge clk) if (rst) q <= 0; else q <= up ? q + 4'd1 : q - 4'd1;\n"
Place: TypeAlias = Literal["beside", "body", "whole"]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule, and a small answer that breaks it."""

    id: str
    means: str
    place: Place
    wrong: str
    message: str
    severity: Severity = Severity.ERROR
    words: str = ""
    """Of a record without a task; empty where the answer is one to the task."""
    bench: str = ""
    """The name of the testbench that judges; empty for the task's own reference."""
    formal: bool = False
    shown: str = ""
    """What the document has in place of `wrong`."""

    @property
    def answer(self) -> str:
        """The whole text that is judged."""
        if self.place == "whole":
            return self.wrong
        return FRAME + RIGHT * (self.place == "beside") + self.wrong + "\nendmodule\n"


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What rules.toml holds."""

    rule: tuple[Rule, ...]
    benches: dict[str, str]
    special: dict[str, str]
    """Rules that need more than a small answer, and what they mean."""

    def spec(self, rule: Rule) -> Spec | None:
        """The task that the example of a rule is judged by."""
        if rule.words:
            return None
        if not rule.bench:
            return sync_counter()
        golden = FRAME + RIGHT + "endmodule\n" if rule.bench == "suite" else ""
        bench = Testbench(text=self.benches[rule.bench])
        ports = sync_counter().ports if golden else ()
        return replace(sync_counter(), reference=None, golden=golden, ports=ports, testbench=bench)


@lru_cache(maxsize=1)
def all_rules() -> Rules:
    """What rules.toml holds, read once."""
    return msgspec.toml.decode(DATA.read_bytes(), type=Rules)


def judged(rules: Rules) -> list[Verdict]:
    """The Verdicts of all examples, in one batch for each configuration."""
    verdicts: dict[str, Verdict] = {}
    for formal in (False, True):
        asked = [r for r in rules.rule if r.formal == formal]
        pairs = [(rules.spec(r), Candidate(text=r.answer, instruction=r.words)) for r in asked]
        found = Verifier(Config(formal=formal)).verify_mixed(pairs)
        verdicts |= {r.id: v for r, v in zip(asked, found, strict=True)}
    return [verdicts[r.id] for r in rules.rule]


def document(rules: Rules) -> str:
    """What stands between the marks of docs/rules.md."""
    heads = dict.fromkeys(r.id.partition(".")[0] for r in rules.rule)
    parts = [_section(head, [r for r in rules.rule if r.id.startswith(f"{head}.")], rules.special)
             for head in heads]  # fmt: skip
    return "\n".join(parts)


def _section(head: str, rules: Sequence[Rule], special: dict[str, str]) -> str:
    lines = [f"## {head}", "", "| rule | severity | what it means | wrong | message |",
             "|---|---|---|---|---|", *map(_row, rules)]  # fmt: skip
    others = [(name, told) for name, told in special.items() if name.startswith(f"{head}.")]
    if others:
        lines += ["", "Not shown by a small answer (all errors):", ""]
        lines += [f"- `{name}`: {told}." for name, told in others]
    return "\n".join([*lines, ""])


def _row(rule: Rule) -> str:
    wrong = rule.shown or _code(rule.wrong)
    if rule.place == "beside":
        wrong = f"... {wrong}"
    if rule.words:
        wrong = f'"{rule.words}" {wrong}'
    cells = (f"`{rule.id}`", rule.severity.value, rule.means, wrong, _code(rule.message))
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    """`text` as code in a cell; more backticks around it where it holds some itself."""
    plain = " ".join(text.split()).replace("|", "\\|")
    if "`" not in plain:
        return f"`{plain}`"
    around = "```" if "``" in plain else "``"
    return f"{around} {plain} {around}"


def named_in_source() -> Iterator[str]:
    """The rules that the source names: as literals, and as the parts that are put behind
    `simulation.` and `intent.`."""
    text = "\n".join(p.read_text() for p in sorted((ROOT / "rtlbench").rglob("*.py")))
    heads = "syntax|safety|ports|lint|synthesis|intent|simulation|formal"
    yield from re.findall(rf'"((?:{heads})\.(?!log")[a-z]+(?:-[a-z]+)*)"', text)
    checks = ROOT / "rtlbench" / "checks"
    for name, call, head in (
        ("intent.py", "_error", "intent"), ("promises/held.py", "_finding", "intent"),
        ("testbench.py", "_failed", "simulation"), ("record_testbench.py", "_failed", "simulation"),
    ):  # fmt: skip
        found = re.findall(rf'{call}\(\s*"([a-z-]+)"', (checks / name).read_text())
        assert found, name
        yield from (f"{head}.{what}" for what in found)


def main() -> None:
    """Write the document, or print what is told today."""
    rules = all_rules()
    if "--measured" in sys.argv:
        for rule, verdict in zip(rules.rule, judged(rules), strict=True):
            found = [(f.severity.value, f.message) for f in verdict.findings if f.rule == rule.id]
            others = sorted({f"{f.rule}: {f.message}" for f in verdict.findings})
            said = "ok" if (rule.severity.value, rule.message) in found else f"{found} {others}"
            print(f"{rule.id}: {said}")
        return
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{document(rules)}\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
