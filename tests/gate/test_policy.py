"""The policy file: the shipped one, and what makes no sense in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.errors import UserError
from rtlbench.gate.policy import Policy, read_policy

SHIPPED = Path(__file__).parents[2] / "training" / "gate.toml"
NIGHTLY = SHIPPED.parent / "nightly" / "gate.toml"


def test_the_shipped_policy_holds_the_targets() -> None:
    policy = read_policy(SHIPPED)
    assert policy.require == {
        "all_io_used": 0.85, "score": 0.75, "synthesis": 0.90, "functional": 0.70,
    }
    assert policy.category == {
        "shift_register": {"score": 0.65}, "edge_detect": {"score": 0.70}, "fsm": {"score": 0.70},
    }
    assert policy.weakest_category == {"score": 0.65}
    assert len(policy.run.categories) == 6


def test_the_nightly_policy_asks_for_state_machines_and_no_step_back() -> None:
    policy = read_policy(NIGHTLY)
    assert policy.category == {"fsm": {"functional": 0.75}}
    assert policy.baseline.not_below == ("functional",)


def test_a_policy_of_a_line_has_the_defaults_for_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_text("[require]\nscore = 1\n")
    assert read_policy(path) == Policy(require={"score": 1.0})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[require", "not TOML"),
        ("", "holds no rule"),
        ("# nothing yet\n", "holds no rule"),
        ("[require]\n", r"\[require\]: holds no rule"),
        ("[weakest_category]\n[require]\nscore = 0.5\n", r"\[weakest_category\]: holds no rule"),
        ("[category.fsm]\n", r"\[category.fsm\]: holds no rule"),
        ("[category]\n", "holds no rule"),
        ("[run]\nleast_tasks = 5\n", "holds no rule"),
        ("[requires]\nscore = 1\n", "requires"),
        ("[require]\nscores = 0.5\n", r"\[require\] scores: no such figure"),
        ("[require]\nscore = 85\n", "give a share from 0 to 1"),
        ("[require]\nscore = 'high'\n", "float"),
        ("[category.fsm]\nx = 0.5\n", r"\[category.fsm\] x: no such figure"),
        ("[weakest_category]\nscore = -1\n", r"\[weakest_category\] score"),
        ("[baseline]\nfigures = ['speed']\n", "no figure speed"),
        ("[baseline]\nlevel = 0\n", "between 0 and 1"),
        ("[baseline]\nnot_below = ['syntax']\n", "syntax is not among the figures"),
        ("[baseline]\ntoo_few = 'maybe'\n", "maybe"),
        ("[baseline]\nfigures = []\n", "holds no rule"),
        ("[run]\nmax_unjudged = 2\n", "max_unjudged"),
        ("[run]\ncategories = ['fsm']\n[category.serial]\nscore = 0.5\n", "category.serial"),
    ],
)
def test_what_makes_no_sense_is_one_message_with_the_file(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=told) as caught:
        read_policy(path)
    assert str(path) in str(caught.value)


def test_a_missing_policy_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gate.toml: cannot read the policy"):
        read_policy(tmp_path / "gate.toml")
