"""The page of the experiment on real models: true at any point of it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rtlbench.gate.policy import Conditions, Policy
from rtlbench.generate.answer import Generator, Sampling, Usage
from rtlbench.refine.report import RefineConfig, RefineReport, Turn
from rtlbench.runs.finished import JudgedRun
from rtlbench.runs.two_verdicts import SuiteComparison
from rtlbench.statistics import Figure, summarise
from tests.gate.made import RUN, answers_of, run_of
from training.experiments.further import Further
from training.experiments.plan import BASE
from training.experiments.real_outcome import ModelResult, RealArm, counts_of, pairs_of
from training.experiments.real_page import of_categories, page
from training.experiments.real_plan import ModelPlan, RealPlan
from training.experiments.settings import Base, Bench, ExperimentSettings, Tune

TUNE = Tune(recipe="small.toml")
POLICY = Policy(require={"functional": 0.7}, run=Conditions(categories=("fsm",)))
MODEL = ModelPlan(name="one", seeds=(1, 2))
CONFIG = RefineConfig(
    tasks="fresh", task_count=20, tasks_hash="", samples=1, simulator="icarus", seed=0,
    formal=False, feedback=True, generator=Generator(source="transformers", model="m"),
    sampling=Sampling(temperature=0.2, top_p=1.0, max_tokens=9, seed=1), tools={}, weights={},
)  # fmt: skip
ARMS = ("v1", "v3")


def judged(right: int, of: int = 20, category: str = "fsm") -> JudgedRun:
    return run_of(answers_of([[1.0]] * right + [[0.0]] * (of - right), category))


def arm(name: str, runs: dict[int, JudgedRun] | None = None, **more: object) -> RealArm:
    made = RealArm(name=name, title=name, runs=runs or {})
    return msgspec.structs.replace(made, **more)


def result(base: RealArm, *arms: RealArm, done: int = 3, public: str = "") -> ModelResult:
    there = {"rtllm": public} if public else {}
    settings = ExperimentSettings(
        base=Base(model="m"), tune=TUNE, seeds=(1, 2), bench=Bench(public=there)
    )
    return ModelResult(
        plan=MODEL, settings=settings, base=base, arms=arms, own_answers=0, done=done, planned=9,
        seconds=600.0,
    )  # fmt: skip


def text_of(
    *results: ModelResult, public: dict[str, str] | None = None, further: Further | None = None
) -> str:
    models, asked = tuple(r.plan for r in results), further or Further()
    plan = RealPlan(models=models, tune=TUNE, public=public or {}, further=asked)
    return page(plan, results, POLICY, "plan.toml")


def section(text: str, head: str) -> list[str]:
    return text.partition(f"### {head}")[2].partition("\n###")[0].strip().splitlines()


def test_before_anything_has_run_no_figure_is_shown() -> None:
    text = text_of(result(arm(BASE), arm("v1"), done=0))
    assert "| one | 0 of 9 | not yet | 0 of 2 | 0 of 2 | 0 of 0 | 10 |" in text
    assert "Nothing of it has run yet." in text
    assert "met" not in text.partition("## one")[2]


def test_a_part_of_the_runs_is_told_as_a_part() -> None:
    text = text_of(result(arm(BASE, {1: judged(2)}), arm("v1"), arm("v3", {2: judged(16)})))
    assert "| one | 3 of 9 | yes | 0 of 4 | 1 of 4 |" in text
    (row,) = [line for line in section(text, "Fresh members of the 1 first categories")
              if line.startswith("| functional")]  # fmt: skip
    cells = [c.strip() for c in row.strip("|").split("|")]
    assert cells[1] == "0.7"
    assert cells[2].startswith("0.100 (") and cells[2].endswith(", not met")
    assert cells[3] == "not yet"
    assert cells[4].startswith("0.800 (") and cells[4].endswith(", met")


def test_a_figure_that_falls_short_is_not_met_whatever_its_interval() -> None:
    text = text_of(result(arm(BASE), arm("v3", {1: judged(13)})))
    assert "0.650 (" in text
    assert ", met" not in text


def test_the_rules_are_about_the_policys_categories_alone() -> None:
    both = run_of({**judged(20).answers, **judged(0, category="cache").answers})
    assert len(of_categories([both], POLICY)[0].answers) == 20
    text = text_of(result(arm(BASE), arm("v3", {1: both})))
    assert "1.000 (0.84 to 1.00), met" in text
    assert "| v3 | 0.500 (" in text  # of all that were asked


def test_arms_stand_beside_each_other_by_seed_and_beside_the_base_in_each() -> None:
    base = arm(BASE, {1: judged(1)})
    v1, v3 = arm("v1", {1: judged(2), 2: judged(3)}), arm("v3", {2: judged(9)})
    assert [(len(a.answers), len(b.answers)) for a, b in pairs_of(v3, v1)] == [(20, 20)]
    assert len(pairs_of(v1, base)) == 2
    assert pairs_of(arm("v2"), v1) == []
    text = text_of(result(base, v1, v3))
    assert "| v3 less v1 | functional | +0.300 (" in text
    assert "v2 less v1" not in text
    assert any(line.startswith("| v3 over v1 | fail") for line in section(text, "The gate"))


def test_an_arm_of_the_same_examples_is_named_and_not_waited_for() -> None:
    text = text_of(result(arm(BASE), arm("v3", {1: judged(3)}), arm("v3_plain", same_as="v3")))
    assert "**v3_plain** is the same examples as `v3`" in text
    assert "1 of 2 |" in text


def test_public_problems_by_both_rules_and_what_is_skipped(tmp_path: Path) -> None:
    rule = SuiteComparison(
        answers=20, says={"pass": 5}, agree=20, passed=Figure(0.25), differences=[],
        pass_at={"1": Figure(0.25, 0.1, 0.4, 20)},
    )  # fmt: skip
    run = msgspec.structs.replace(judged(5), run=msgspec.structs.replace(RUN, suite_rule=rule))
    asked = arm("v3", public={"rtllm": {1: run}})
    text = text_of(result(arm(BASE), asked, public=str(tmp_path)),
                   public={"rtllm": "x", "verilog-eval": "y"})  # fmt: skip
    assert "| `rtllm` | v3 | 1 | 20 | 25.0% (10.0% to 40.0%) | - |" in text
    assert "| `rtllm` | base | - | - | not yet | not yet |" in text
    assert "| 1 of 3 | 10 |" in text  # of two seeds, and the model as it is
    assert "Skipped, since not there: `verilog-eval`." in text


def test_turns_and_specialised_adapters_stand_beside_their_arm() -> None:
    further = Further(turns=3, refined=(BASE, "v3"), specialised=("v3",))
    solved = [Turn(turn=k, answers=summarise([]), solved=Figure(k / 4, 0.1, 0.9, 20),
                   usage=Usage(), kinds=[]) for k in (1, 2)]  # fmt: skip
    report = RefineReport(run_id="turns", status="finished", started="", config=CONFIG,
                          isolation="", chains=20, turns=solved)  # fmt: skip
    v3 = arm("v3", {1: judged(5)}, turns={1: report}, routed={1: judged(10)})
    text = text_of(result(arm(BASE), v3), further=further)
    turned = section(text, "Several turns")
    assert "| v3 | 1 | 20 | 25.0% (10.0% to 90.0%) | 50.0% (10.0% to 90.0%) | - |" in turned
    assert "| base | 1 | not yet | not yet | not yet | not yet |" in turned
    own = section(text, "An adapter for each category")
    fsm = next(line for line in own if line.startswith("| v3 | fsm |"))
    assert "0.250" in fsm.split("|")[3]
    assert "0.500" in fsm.split("|")[4]


def test_what_a_set_is_made_of(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    notes = [{"defect": None}, {"defect": None}, {"defect": "typo"}, {"source": "own-answer"}, {}]
    lines = [{"instruction": "a", "output": "b", "metadata": note} for note in notes]
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    found = counts_of(path)
    assert (found.records, found.right, found.wrong, found.own, found.other) == (5, 2, 1, 1, 1)


@pytest.mark.parametrize("done", [0, 3])
def test_the_page_says_when_and_where_it_was_written(done: int) -> None:
    assert "UTC, commit " in text_of(result(arm(BASE), done=done))
