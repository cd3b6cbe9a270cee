"""The settings of an experiment: those that ship, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.errors import UserError
from training.experiments.settings import read_settings

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "training" / "experiments" / "threshold.toml"


def test_the_shipped_settings_are_those_of_the_plan() -> None:
    settings = read_settings(SHIPPED)
    assert (settings.raw.size, settings.raw.defects) == (2347, 0.55)
    assert len(settings.categories) == 6
    assert len(settings.seeds) == 3
    for path in (settings.policy, settings.tune.recipe, *settings.diagnostic):
        assert (ROOT / path).is_file(), path


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
