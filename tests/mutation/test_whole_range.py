"""Every family's directed stimulus keeps to its ports, wherever in the space a member is drawn."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rtlbench.errors import HarnessError
from rtlbench.mutation import fresh
from rtlbench.records.spec import Spec
from rtlbench.simulation.stimulus import build_plan
from rtlbench.suites.families import family_folders, read_family
from tests.support import drawn_spec

FAMILIES = family_folders()
DRAWS = 15
NOT_ADMITTED = "does not fit"
"""A member whose own outputs are wider than their ports is never kept: no seed can mend it."""


def drawn(folder: Path, seed: int) -> Spec | None:
    """A member anywhere in the space; None where its templates make no sense."""
    family = read_family(folder)
    rng = random.Random(f"whole range/{folder.name}/{seed}")
    member = fresh._draw(family, rng, f"range{seed}")
    made = fresh._rendered(folder, family, member)
    return made if isinstance(made, Spec) else None


@pytest.mark.slow
@pytest.mark.parametrize("folder", FAMILIES, ids=[f.name for f in FAMILIES])
def test_stimulus_stays_within_the_ports_of_any_member(folder: Path) -> None:
    specs = [spec for seed in range(DRAWS) if (spec := drawn(folder, seed)) is not None]
    assert specs
    for seed, spec in enumerate(specs):
        try:
            build_plan(spec, seed)
        except HarnessError as e:
            assert NOT_ADMITTED in str(e), (spec.params, e)


@pytest.mark.parametrize(
    ("family", "params"),
    [
        ("write_through", {"index_width": 1, "tag_width": 2, "width": 4, "allocate": False,
                           "buffered": False, "reset": "sync"}),
        ("divide_prog", {"width": 2, "mode": "period", "zero": "stop", "longer": "low",
                         "tick": True}),
        ("fifo_levels", {"width": 6, "depth": 7, "mode": "inputs", "high": 0, "high_back": 1,
                         "low": 0, "low_back": 2, "show": False, "when_full": "swap",
                         "peaked": True}),
    ],
    ids=["write_through", "divide_prog", "fifo_levels"],
)  # fmt: skip
@pytest.mark.parametrize("seed", range(4))
def test_narrow_members_are_given_no_wider_values(
    family: str, params: dict[str, object], seed: int
) -> None:
    assert build_plan(drawn_spec(family, **params), seed).frames  # type: ignore[arg-type]
