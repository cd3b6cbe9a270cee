"""The goldens' netlists: made once, kept for later processes, and never one of another golden."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from rtlbench.checks.golden_netlists import GoldenNetlists
from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite

UP = "updown_w8_async_low_en"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "rtlbench" / "netlists"


@pytest.fixture
def spec() -> Spec:
    return next(s for s in load_suite() if s.id == UP)


def test_what_was_made_is_read_back_the_same(folder: Path, spec: Spec) -> None:
    made = GoldenNetlists().of(spec)
    (file,) = folder.iterdir()
    written = file.stat().st_mtime_ns
    found = GoldenNetlists().of(spec)
    assert made is not None
    assert found is not None
    assert (found.module, found.verilog) == (made.module, made.verilog)
    assert file.stat().st_mtime_ns == written


def test_it_is_the_kept_one_that_is_used(folder: Path, spec: Spec) -> None:
    other = next(s for s in load_suite() if s.id != UP)
    made = GoldenNetlists().of(other)
    (file,) = folder.iterdir()
    content = file.read_bytes()
    GoldenNetlists().prepare([spec])
    (own,) = (f for f in folder.iterdir() if f != file)
    own.write_bytes(content)
    found = GoldenNetlists().of(spec)
    assert made is not None
    assert found is not None
    assert found.module == made.module


def test_what_is_damaged_is_made_anew(folder: Path, spec: Spec) -> None:
    made = GoldenNetlists().of(spec)
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    found = GoldenNetlists().of(spec)
    assert made is not None
    assert found is not None
    assert found.module == made.module


def test_another_golden_has_another_netlist(folder: Path, spec: Spec) -> None:
    changed = replace(spec, golden=spec.golden.replace("+ 1'b1", "+ 2'd2"))
    first, second = GoldenNetlists().of(spec), GoldenNetlists().of(changed)
    assert first is not None
    assert second is not None
    assert first.module != second.module
    assert len(list(folder.iterdir())) == 2


def test_a_golden_that_yosys_refuses_is_not_kept(folder: Path, spec: Spec) -> None:
    refused = spec.golden.replace("endmodule", "  initial $fatal;\n  assign q = 'z;\nendmodule")
    kept = GoldenNetlists()
    kept.prepare([replace(spec, golden=refused)])
    assert kept.of(replace(spec, golden=refused)) is None
    assert not folder.exists()
