"""What the page says of made-up runs, and its figures against direct computation."""

from __future__ import annotations

from statistics import fmean

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlbench.gate.policy import Policy
from rtlbench.runs.finished import JudgedRun
from tests.gate.made import answers_of, run_of
from training.experiments.figures import change_of, mean, mean_of
from training.experiments.outcome import ArmData, ArmOutcome, ExperimentResult, union
from training.experiments.page import page
from training.experiments.settings import Base, ExperimentSettings, Tune
from training.tiny.recipe import TinyData, TinyRecipe
from training.tiny.run import FAMILIES, MadeFrom

SETTINGS = ExperimentSettings(base=Base(model="m"), tune=Tune(recipe="r"), seeds=(1, 2))
POLICY = Policy(require={"functional": 0.7})


def runs(*right: int) -> tuple[JudgedRun, ...]:
    """A run a seed: of 20 tasks with two samples each so many are right."""
    return tuple(run_of(answers_of([[1.0, 1.0]] * n + [[0.5, 0.5]] * (20 - n))) for n in right)


def arm(name: str, *right: int) -> ArmOutcome:
    data = ArmData(records=100, right=45, trained=90)
    return ArmOutcome(name=name, title=name, threshold=0.95, data=data, runs=runs(*right))


def made(*arms: ArmOutcome) -> ExperimentResult:
    base = msgspec.structs.replace(arm("base", 2), data=None)
    return ExperimentResult(
        settings=SETTINGS, base=base, made_from=None, arms=arms, seconds=600.0, busy=340.0
    )


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20)), max_size=8))
def test_the_time_of_stages_side_by_side_counts_once(spans: list[tuple[int, int]]) -> None:
    seconds = {t for begin, length in spans for t in range(begin, begin + length)}
    assert union([(begin, begin + length) for begin, length in spans]) == len(seconds)


def lines_of(text: str, section: str) -> list[str]:
    return text.partition(f"## {section}\n")[2].partition("\n## ")[0].strip().splitlines()


def test_the_page_shows_each_arm_and_whether_it_meets_the_policy() -> None:
    text = page(made(arm("v1", 4, 6), arm("v3", 16, 18)), POLICY, "threshold.toml")
    figures = lines_of(text, "Figures")
    assert figures[0].startswith("| version | examples | threshold | score |")
    assert [line.split(" | ")[0] for line in figures[2:5]] == ["| base", "| v1", "| v3"]
    assert "0.850 (" in figures[4]
    assert "The stages took 6 minutes, two at a time; one after another 10 minutes." in text
    rule = lines_of(text, "Requirements")[2]
    assert rule == "| functional, all | 0.7 | 0.100 (0 of 1) | 0.250 (0 of 2) | 0.850 (2 of 2) |"


def test_the_page_says_what_the_base_learnt_from() -> None:
    outcome = made(arm("v1", 4, 6), arm("v3", 16, 18))
    assert "- Base: `m`." in page(outcome, POLICY, "t")
    noisy = MadeFrom(
        recipe=TinyRecipe(name="noisy", data=TinyData(defects=0.25)), data=FAMILIES,
        data_sha256="", examples=3000, parameters=2_000_000, tokens=200.0, seconds=60.0,
        final_loss=0.1, versions={},
    )  # fmt: skip
    told = page(msgspec.structs.replace(outcome, made_from=noisy), POLICY, "t")
    assert "3,000 other examples, 25% of them made wrong." in told
    other = msgspec.structs.replace(noisy, data="data.jsonl")
    told = page(msgspec.structs.replace(outcome, made_from=other), POLICY, "t")
    assert f"3,000 other examples, {SETTINGS.raw.defects:.0%} of them made wrong." in told


def test_the_main_arms_have_a_time_of_their_own() -> None:
    outcome = made(arm("v1", 4, 6), arm("v3", 16, 18))
    assert "alone" not in page(outcome, POLICY, "t")
    told = page(msgspec.structs.replace(outcome, main_busy=120.0), POLICY, "t")
    assert "6 minutes, two at a time, those of V1, V2 and V3 alone 2 minutes; one" in told


def test_the_page_says_which_arms_were_the_same() -> None:
    outcome = made(arm("v1", 4, 6), arm("v3", 16, 18))
    assert "trained once" not in page(outcome, POLICY, "t")
    told = page(msgspec.structs.replace(outcome, same={"v3_0.98": "v3"}), POLICY, "t")
    data = "\n".join(lines_of(told, "Training data"))
    assert "**as V3, at least 0.98** is the same examples as **V3: at least 0.95, and" in data


def test_the_gate_passes_the_better_arm_and_not_the_worse() -> None:
    gates = lines_of(page(made(arm("v1", 4, 6), arm("v3", 16, 18)), POLICY, "t"), "The gate")
    rows = {line.split(" | ")[0].strip("| "): line for line in gates[2:]}
    assert rows["v3 over v1"].count("pass") == 2
    assert rows["v1 over v3"].count("fail") == 2
    assert rows["v3 over v3"].count("no difference") == 2


def test_an_unexpected_outcome_is_reported_like_any_other() -> None:
    text = page(made(arm("v1", 16, 18), arm("v3", 4, 6)), POLICY, "t")
    differences = lines_of(text, "Differences")
    functional = next(x for x in differences if x.startswith("| v3 less v1 | functional"))
    assert "-0.600" in functional
    rows = lines_of(text, "The gate")
    assert any(x.startswith("| v3 over v1") and x.count("fail") == 2 for x in rows)


def test_a_mean_is_that_of_seeds_and_tasks() -> None:
    found = mean_of(runs(4, 6), "functional")
    assert found.value == pytest.approx(0.25)
    assert found.seeds == pytest.approx((0.2, 0.3))
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.2
    assert found.high > 0.3
    change = change_of(runs(16, 18), runs(4, 6), "functional")
    assert change.value == pytest.approx(0.6)
    assert change.seeds == pytest.approx((0.6, 0.6))


VALUES = st.lists(st.floats(0, 1), min_size=3, max_size=3)


@settings(max_examples=15)
@given(st.lists(VALUES, min_size=1, max_size=3))
def test_a_mean_lies_inside_its_interval(rows: list[list[float]]) -> None:
    found = mean([{f"t{k}": v for k, v in enumerate(row)} for row in rows])
    assert found.value == pytest.approx(fmean(v for row in rows for v in row))
    assert found.low is not None
    assert found.high is not None
    lowest = min(v for row in rows for v in row)
    highest = max(v for row in rows for v in row)
    assert lowest - 1e-9 <= found.low <= found.high <= highest + 1e-9


def test_of_no_common_task_there_is_no_mean() -> None:
    assert mean([{"a": 1.0}, {"b": 1.0}]).value is None
    assert mean([]).value is None
