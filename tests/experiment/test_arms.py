"""Which stages an experiment takes, and what they are made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.experiment.arms import ARMS, MAIN, chosen_arms, stages_of
from rtlbench.experiment.settings import read_settings
from rtlbench.experiment.stages import Stage

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "training" / "experiments" / "threshold.toml"
SEEDS = read_settings(SHIPPED).seeds


def stages(words: str) -> dict[str, Stage]:
    made = stages_of(read_settings(SHIPPED), chosen_arms(words), ROOT, Path("/work"))
    return {s.name: s for s in made}


def test_the_shipped_settings_are_those_of_the_plan() -> None:
    settings = read_settings(SHIPPED)
    assert (settings.raw.size, settings.raw.defects) == (2347, 0.55)
    assert len(settings.categories) == 6
    assert len(settings.seeds) == 3
    for path in (settings.policy, settings.tune.recipe, *settings.diagnostic):
        assert (ROOT / path).is_file(), path


def test_arms_are_named_one_by_one_or_together() -> None:
    assert [a.name for a in chosen_arms("main")] == list(MAIN)
    assert [a.name for a in chosen_arms("all")] == list(ARMS)
    assert [a.name for a in chosen_arms("gold_100,main,v1")] == ["gold_100", *MAIN]
    with pytest.raises(UserError, match="--arms v9"):
        chosen_arms("main,v9")


@pytest.mark.parametrize("words", ["main", "all", *ARMS])
def test_every_stage_needs_only_stages_that_there_are(words: str) -> None:
    found = stages(words)
    for stage in found.values():
        assert set(stage.needs) <= set(found), stage.name


def test_each_arm_is_tuned_and_judged_with_every_seed() -> None:
    found = stages("main")
    for arm in MAIN:
        for seed in SEEDS:
            tune, bench = found[f"tune_{arm}_s{seed}"], found[f"bench_{arm}_s{seed}"]
            assert f"train.seed={seed}" in tune.argv
            assert tune.name in bench.needs
            assert bench.argv[bench.argv.index("--sampling-seed") + 1] == str(seed)


def test_only_the_strict_arms_have_hand_written_examples() -> None:
    found = stages("main")
    assert "diagnostic_0" in found["strict_0.95"].needs
    assert found[f"tune_v2_s{SEEDS[0]}"].needs[0] == "keep_0.7"
    assert found[f"tune_v1_s{SEEDS[0]}"].needs[0] == "raw"


def test_all_arms_start_from_one_base_and_go_through_one_benchmark() -> None:
    found = stages("main")
    tunes = [s for s in found.values() if s.name.startswith("tune_")]
    assert len({next(w for w in s.argv if w.startswith("model.base=")) for s in tunes}) == 1

    def common(stage: Stage) -> list[str]:
        adapter = stage.argv.index("--adapter")
        return [*stage.argv[:adapter], *stage.argv[adapter + 2 :]]

    benches = [found[f"bench_{arm}_s{SEEDS[0]}"] for arm in MAIN]
    assert all(common(s) == common(benches[0]) for s in benches)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[base]\nmodel = 'm'\n", "tune"),
        ("seeds = [1, 1]\n[base]\nmodel = 'm'\n[tune]\nrecipe = 'r'\n", "each once"),
        ("[base]\n[tune]\nrecipe = 'r'\n", "a model's folder, or a recipe"),
        ("[raw]\nsizes = 3\n[base]\n[tune]\nrecipe = 'r'\n", "sizes"),
        ("[raw", "threshold.toml"),
    ],
)
def test_settings_that_make_no_sense_are_one_message(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "threshold.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=told) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)
