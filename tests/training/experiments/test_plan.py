"""Which stages an experiment takes, and what they are made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.pipeline.stages import Stage
from training.experiments.arms import ARMS, MAIN, chosen_arms
from training.experiments.plan import ground_of, models_of
from training.experiments.settings import read_settings

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "training" / "experiments" / "threshold.toml"
SEEDS = read_settings(SHIPPED).seeds


def stages(words: str) -> dict[str, Stage]:
    given = (read_settings(SHIPPED), chosen_arms(words), ROOT, Path("/work"))
    return {s.name: s for s in (*ground_of(*given), *models_of(*given))}


def test_the_ground_needs_nothing_else() -> None:
    given = (read_settings(SHIPPED), chosen_arms("all"), ROOT, Path("/work"))
    names = {s.name for s in ground_of(*given)}
    assert all(set(s.needs) <= names for s in ground_of(*given))
    assert not names & {s.name for s in models_of(*given)}


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
