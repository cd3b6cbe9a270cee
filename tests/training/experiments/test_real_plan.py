"""The plan of the experiment on real models, and the stages that it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.pipeline.stages import Stage
from training.experiments.further import further_of
from training.experiments.plan import (
    MADE,
    OWN,
    SUITE,
    ground_of,
    models_of,
    public_of,
    shared_ground_of,
)
from training.experiments.real_plan import RealPlan, places_of, read_plan, settings_of, shared_of

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "training" / "experiments"
WORK = Path("/anywhere")
LEAST = """
[tune]
recipe = "training/recipes/small.toml"
[[models]]
name = "a"
"""


def plan_of(tmp_path: Path, text: str) -> RealPlan:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    return read_plan(path)


def stages(plan: RealPlan, name: str) -> dict[str, Stage]:
    model = next(m for m in plan.models if m.name == name)
    settings = settings_of(plan, model, "/m", ROOT, WORK)
    arms = plan.arms_of(model)
    given = (ROOT, WORK / name)
    found = [*ground_of(settings, arms, *given), *models_of(settings, arms, *given),
             *public_of(settings, plan.asked_in_public(arms), *given),
             *further_of(settings, arms, plan.further, *given)]  # fmt: skip
    assert len({s.name for s in found}) == len(found)
    return {s.name: s for s in found}


@pytest.mark.parametrize("name", ["real.toml", "real_small.toml", "real_long.toml"])
def test_every_stage_of_the_shipped_plans_needs_only_stages_that_there_are(name: str) -> None:
    plan = read_plan(FOLDER / name)
    for model in plan.models:
        found = stages(plan, model.name)
        assert all(set(s.needs) <= set(found) for s in found.values())
        tuned = {f"tune_{a.name}_s{s}" for a in plan.arms_of(model) for s in model.seeds}
        assert tuned <= set(found)
        assert str(WORK / "shared" / MADE / "data.jsonl") in found["raw"].argv
        asked = settings_of(plan, model, "/m", ROOT, WORK).raw.answers
        assert (OWN in found) is (asked > 0)
        assert not {MADE, SUITE} & set(found)


def test_all_arms_take_as_many_steps() -> None:
    found = stages(read_plan(FOLDER / "real.toml"), "SmolLM2-135M-Instruct")
    steps = {[w for w in s.argv if w.startswith("train.max_steps=")][-1]
             for s in found.values()
             if s.name.startswith("tune_") and "_by_category_" not in s.name}  # fmt: skip
    assert len(steps) == 1


def test_the_shared_corpus_is_enough_for_the_model_with_the_fewest_answers(tmp_path: Path) -> None:
    text = "[raw]\nsize = 100\nanswers = 40\n" + LEAST + '[[models]]\nname = "b"\nanswers = 10\n'
    plan = plan_of(tmp_path, text)
    made = next(s for s in shared_ground_of(shared_of(plan), ROOT, WORK) if s.name == MADE)
    assert made.argv[made.argv.index("--size") + 1] == "90"
    raw = stages(plan, "b")["raw"].argv
    assert raw[raw.index("--count") + 1] == "100"


def test_without_answers_of_its_own_a_model_is_asked_for_none(tmp_path: Path) -> None:
    found = stages(plan_of(tmp_path, "[raw]\nsize = 9\n" + LEAST), "a")
    assert OWN not in found
    assert found["raw"].needs == ()


def test_what_proves_is_asked_of_the_filter_for_the_proven_arm_alone() -> None:
    found = stages(read_plan(FOLDER / "real.toml"), "SmolLM2-135M-Instruct")
    tiers = {n: s.argv[s.argv.index("--accept") + 1] for n, s in found.items()
             if n in ("keep_0.95", "proven_0.95", "keep_0.7")}  # fmt: skip
    assert tiers == {"keep_0.7": "unproven", "keep_0.95": "unproven", "proven_0.95": "proven"}


def test_public_suites_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    text = f'[public]\nhere = "{tmp_path}"\nrtllm = "nowhere/at/all"\n' + LEAST
    names = [n for n in stages(plan_of(tmp_path, text), "a") if n.startswith("public_")]
    assert {n.split("_")[1] for n in names} == {"here"}


def test_a_model_may_have_another_size_of_benchmark(tmp_path: Path) -> None:
    text = "[bench]\ncount = 9\n" + LEAST + 'count = 3\ncategories = ["fsm"]\n'
    found = stages(plan_of(tmp_path, text), "a")
    argv = found["bench_v1_s1"].argv
    assert argv[argv.index("--count") + 1] == "3"
    assert found["suite"].argv[-2:] == ("--categories", "fsm")  # one of its own


def test_models_of_the_same_tasks_share_them_so_that_they_are_drawn_once(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, LEAST + '[[models]]\nname = "b"\n')
    drawn = {s.name: s for s in shared_ground_of(shared_of(plan), ROOT, WORK / "shared")}["tasks"]
    assert [stages(plan, name)["tasks"].argv for name in "ab"] == [drawn.argv] * 2


def test_one_engine_computes_the_base_and_the_arms(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, LEAST)

    def engines(place: str) -> set[tuple[str, ...]]:
        settings = settings_of(plan, plan.models[0], place, ROOT, WORK)
        found = models_of(settings, plan.arms_of(plan.models[0]), ROOT, WORK)
        benches = [s.argv for s in found if s.name.startswith("bench_")]
        return {argv[argv.index("--model-engine") :][:2] if "--model-engine" in argv else ()
                for argv in benches}  # fmt: skip

    assert engines("/m/one.gguf") == {("--model-engine", "transformers")}
    assert engines("/m/folder") == {()}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LEAST + '[[models]]\nname = "a"\n', "each by a name of its own"),
        (LEAST.replace('"a"', '"../a"'), "cannot be a folder's"),
        (LEAST.replace('"a"', '"shared"'), "cannot be a folder's"),
        (LEAST + "seeds = [1, 1]\n", "each once"),
        ("[raw]\nsize = 5\nanswers = 5\n" + LEAST, "below raw.size"),
        ('arms = ["v9"]\n' + LEAST, "there are main, all"),
        ("sise = 3\n" + LEAST, "sise"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        plan_of(tmp_path, text)


def test_models_are_told_apart_by_name(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, LEAST + '[[models]]\nname = "b"\n')
    assert places_of(plan, (str(tmp_path), f"b={tmp_path}")) == dict.fromkeys("ab", str(tmp_path))
    with pytest.raises(UserError, match="the plan has a, b"):
        places_of(plan, (f"c={tmp_path}",))
    with pytest.raises(UserError, match="there is no"):
        places_of(plan, (f"a={tmp_path}/none",))


def test_specialised_adapters_learn_what_their_arm_does_and_answer_through_one_router(
    tmp_path: Path,
) -> None:
    text = 'arms = ["v1"]\ncategories = ["fsm", "memory"]\n'
    further = '[further]\nspecialised = ["v1"]\nchanges = ["train.max_steps=2"]\n'
    found = stages(plan_of(tmp_path, text + further + LEAST), "a")
    arm, own = found["tune_v1_s1"].argv, found["tune_v1_by_category_fsm_s1"].argv
    assert own[own.index("--data") + 1] == arm[arm.index("--data") + 1]
    assert own[-2:] == ("--category", "fsm")
    assert own[-4:-2] == ("--set", "train.max_steps=2")  # after the recipe's and the plan's own
    router = found["routes_v1_by_category_s1"]
    assert router.needs == ("tune_v1_by_category_fsm_s1", "tune_v1_by_category_memory_s1")
    asked = found["bench_v1_by_category_s1"]
    assert f"router:{WORK}/a/routes_v1_by_category_s1/routes.toml" in asked.argv
    tasks = ("--suite", "--fresh", "--count", "--samples")
    plain = found["bench_v1_s1"].argv
    for word in tasks:
        assert (word in plain) is (word in asked.argv)
        if word in plain:
            assert plain[plain.index(word) + 1] == asked.argv[asked.argv.index(word) + 1]


def test_the_base_and_an_arm_answer_in_turns_the_tasks_of_the_benchmark(tmp_path: Path) -> None:
    further = '[further]\nturns = 3\nrefined = ["base", "v1"]\n'
    found = stages(plan_of(tmp_path, 'arms = ["v1"]\n' + further + LEAST), "a")
    assert "--adapter" not in found["refine_base_s1"].argv
    assert found["refine_v1_s1"].argv[-2] == "--adapter"
    assert set(found["refine_v1_s1"].needs) == {"tasks", "tune_v1_s1"}
    assert "--turns 3" in " ".join(found["refine_base_s1"].argv)


def test_an_arm_that_the_plan_lacks_cannot_go_further(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\[further\]: a has no arm v2"):
        plan_of(tmp_path, 'arms = ["v1"]\n[further]\nrefined = ["v2"]\n' + LEAST)
