"""A Verdict does not hang on the walls that its tools ran behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtlbench.dataset.filter.cache import VerdictCache
from rtlbench.equivalence import compare
from rtlbench.errors import HarnessError
from rtlbench.judging.tool_trials import try_tools
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import Spec
from rtlbench.records.verdict import Outcome, Verdict
from rtlbench.sandbox.backends import BACKENDS
from rtlbench.sandbox.sandbox import behind
from rtlbench.scoring import figures_of
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Config, Verifier
from tests.checks.systemverilog import IDIOMS

SPEC = next(s for s in load_suite() if s.id == "updown_w4_sync")
HEAD = "module updown_counter(input clk, input rst, input up, output [3:0] q);\n"
STEP = "always @(posedge clk) if (rst) r <= 0; else r <= up ? r + 4'd1 : r - 4'd1;\n"
SHAPES = {
    "a register that only its reset assigns": f"{HEAD}reg [3:0] r; reg z;\n"
    "assign q = r ^ {4{z}};\n"
    f"always @(posedge rst or posedge clk) if (rst) z <= 0;\n{STEP}endmodule\n",
    "an initial block with a non-blocking assignment": f"{HEAD}reg [3:0] r; initial r <= 0; "
    f"assign q = r;\n{STEP}endmodule\n",
    "a latch": f"{HEAD}reg [3:0] r; reg h; always @* if (clk) h = up; assign q = r;\n"
    + STEP.replace("up ?", "h ?") + "endmodule\n",
    "a loop": f"{HEAD}wire w; assign w = ~w & up; assign q = {{4{{w ^ clk ^ rst}}}};\nendmodule\n",
    "no end to its elaboration": f"{HEAD}genvar g; for (g = 0; g < 100000000; g = g + 1) wire w;\n"
    f"reg [3:0] r; assign q = r;\n{STEP}endmodule\n",
    "no module": "I am sorry, but I cannot help with that.",
    "a path": f'{HEAD}initial $readmemh("/etc/passwd", q);\nendmodule\n',
    "ports ignored": f"{HEAD}endmodule\n",
}  # fmt: skip
"""Answers that take other ways through the tools than plain ones do."""


def without_walls(verdict: Verdict) -> Any:
    """What must be alike: all but the walls' name, and times."""
    told = msgspec.to_builtins(msgspec.structs.replace(verdict, isolation=""))
    for check in told["checks"].values():
        check["detail"].pop("seconds", None)
    return told


def behind_each(judge: Any) -> dict[str, Any]:
    """What `judge` gives behind each kind of walls that this machine has."""
    made = {}
    for name in BACKENDS:
        try:
            with behind(name) as level:
                assert level.kind == name
                made[name] = judge()
        except HarnessError:
            continue
    assert "none" in made
    if len(made) == 1:
        pytest.skip("this machine has no walls to compare with")
    return made


def same(texts: list[str], spec: Spec = SPEC, config: Config | None = None) -> list[Verdict]:
    """The Verdicts of `texts`, made sure to be the same behind all walls."""

    def judge() -> list[Verdict]:
        candidates = [Candidate(text=text, sample=k) for k, text in enumerate(texts)]
        return Verifier(config).verify(spec, candidates)

    made = behind_each(judge)
    first, *others = made
    for other in others:
        for here, there in zip(made[first], made[other], strict=True):
            assert without_walls(there) == without_walls(here), other
    verdicts: list[Verdict] = made[first]
    return verdicts


def test_right_wrong_and_odd_answers_get_the_same_verdict() -> None:
    wrong = SPEC.golden.replace("+ 1'b1", "+ 2'd2")
    verdicts = same([SPEC.golden, wrong, *SHAPES.values()])
    assert verdicts[0].outcome is Outcome.PASS
    assert {v.outcome for v in verdicts[1:]} >= {Outcome.FAIL}
    assert Outcome.ERROR not in {v.outcome for v in verdicts}


def test_formal_says_the_same() -> None:
    wrong = SPEC.golden.replace("+ 1'b1", "+ 2'd2")
    right, other = same([INVERTED, wrong], config=Config(formal=True))
    assert (right.formal, other.functional) == ("proved", False)


@pytest.mark.slow
def test_every_idiom_gets_the_same_verdict() -> None:
    texts = [t for text, old, new in IDIOMS.values() for t in (text, text.replace(old, new, 1))]
    verdicts = same(texts)
    assert [v.functional for v in verdicts] == [True, False] * len(IDIOMS)


@pytest.mark.slow
def test_what_verilator_judges_gets_the_same_verdict() -> None:
    same([SPEC.golden], config=Config(simulator="verilator"))


def test_every_tool_works_behind_every_kind_of_walls() -> None:
    trials = try_tools()
    assert {t.backend for t in trials} == set(BACKENDS)
    assert [t for t in trials if t.tool and not t.works] == []
    assert {t.tool for t in trials} >= {"yosys", "yosys, second reader", "yosys-abc", "verilator"}


def broken(program: Path, said: str) -> str:
    program.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def spoilt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Has a tool be one that refuses everything, as behind walls that hide what it reads."""
    from rtlbench.sandbox import level, locate
    from rtlbench.simulation.simulators import get_simulator

    level.choose("none")
    compare._solve.cache_clear()

    def spoil(name: str) -> None:
        program = broken(tmp_path / name, "cannot open shared object file")
        tool = locate.Tool(name=name, argv=(program,), origin=program)
        if name == "iverilog":
            both = (tool, locate.on_path("vvp"))
            monkeypatch.setattr(locate, "icarus", lambda: both)
            get_simulator.cache_clear()
        else:
            monkeypatch.setattr(locate, "yosys_abc", lambda: tool)

    yield spoil
    level.choose(None)
    get_simulator.cache_clear()


def test_a_compiler_that_refuses_everything_is_no_reason_to_ask_another(spoilt: Any) -> None:
    spoilt("iverilog")
    for text in (SPEC.golden, SPEC.golden.replace("+ 1'b1", "+ 2'd2")):
        verdict = Verifier().verify(SPEC, [Candidate(text=text)])[0]
        assert verdict.outcome is Outcome.ERROR
        reason = str(verdict.checks["simulation"].detail["reason"])
        assert "Icarus compiles nothing behind these walls (none: limits)" in reason
        assert "cannot open shared object file" in reason


INVERTED = f"{HEAD}reg [3:0] n; assign q = ~n;\n" + (
    "always @(posedge clk) if (rst) n <= 4'hf; else n <= up ? n - 4'd1 : n + 4'd1;\nendmodule\n"
)
"""Right, and not the golden's structure."""


@pytest.mark.parametrize("config", [Config(formal=True), Config(second_look=True)])
def test_a_look_that_cannot_be_taken_is_an_error_and_never_kept(
    spoilt: Any, config: Config, tmp_path: Path
) -> None:
    spoilt("yosys-abc")
    verdict = Verifier(config).verify(SPEC, [Candidate(text=INVERTED)])[0]
    assert verdict.outcome is Outcome.ERROR
    reason = str(verdict.checks["formal"].detail["reason"])
    assert "yosys-abc does not work behind these walls (none: limits)" in reason
    assert not verdict.is_for_good
    failed = msgspec.structs.replace(verdict, outcome=Outcome.FAIL)
    cache = VerdictCache(tmp_path / "kept", "judge")
    cache.keep({"error": verdict, "failed": failed, "good": _without(verdict, "formal")})
    assert set(cache.find(["error", "failed", "good"])) == {"good"}


def _without(verdict: Verdict, name: str) -> Verdict:
    """The Verdict as it were had that Check not been asked, under the key `good`."""
    checks = {n: c for n, c in verdict.checks.items() if n != name}
    weights = {n: w for n, w in verdict.weights.items() if n != name}
    figures = msgspec.structs.asdict(figures_of(checks, weights))
    return msgspec.structs.replace(verdict, **figures, checks=checks, weights=weights, key="good")
