"""Plans that are kept are the plans that would be made."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import HarnessError
from rtlbench.io import cache
from rtlbench.records.spec import Spec
from rtlbench.simulation import kept_plan as kept
from rtlbench.simulation.frames import Plan
from rtlbench.simulation.kept_plan import kept_plan
from rtlbench.simulation.stimulus import build_plan
from rtlbench.suites.families import load_suite
from tests.support import sync_counter


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where plans are kept."""
    monkeypatch.setattr(cache, "user_cache_dir", lambda _: str(tmp_path))
    return tmp_path / "stimulus"


def is_same(plan: Plan, made: Plan) -> bool:
    """Whether they hold the same frames, and give a simulator the same rows."""
    one, other = (msgspec.structs.replace(p, frames=tuple(p.frames)) for p in (plan, made))
    return one == other and plan.rows == made.rows


def widest() -> Spec:
    return max(load_suite(), key=lambda s: sum(p.width for p in s.ports))


@pytest.mark.parametrize("spec", [sync_counter(), widest()], ids=lambda s: s.id)
def test_what_is_read_back_is_what_was_made(
    spec: Spec, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build_plan(spec)
    assert is_same(kept_plan(spec), made)
    assert len(list(folder.iterdir())) == 1
    monkeypatch.setattr(kept, "build_plan", None)
    assert is_same(kept_plan(spec), made)


def test_another_seed_and_another_model_have_plans_of_their_own(
    folder: Path, tmp_path: Path
) -> None:
    spec = sync_counter()
    assert is_same(kept_plan(spec, 1), build_plan(spec, 1))
    assert not is_same(kept_plan(spec), build_plan(spec, 1))
    assert spec.reference is not None
    family = tmp_path / "other" / "family"
    shutil.copytree(spec.reference, family)
    model = family / "model.py"
    model.write_text(model.read_text().replace("class Reference(Model):",
                                               "class Reference(Model):\n    cycles = 7"))
    other = msgspec.structs.replace(spec, reference=str(family))
    assert len(kept_plan(other).frames) < len(kept_plan(spec).frames)
    assert len(list(folder.iterdir())) == 3


def test_a_damaged_file_is_made_anew(folder: Path) -> None:
    spec = sync_counter()
    made = kept_plan(spec)
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    assert is_same(kept_plan(spec), made)


def test_without_a_model_there_is_no_plan(folder: Path) -> None:
    with pytest.raises(HarnessError, match="no reference model"):
        kept_plan(msgspec.structs.replace(sync_counter(), reference=None))
    assert not folder.exists()
