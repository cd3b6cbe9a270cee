"""Verilator's own C++ is compiled once; what is built with it is as without."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlbench.records.candidate import Candidate
from rtlbench.simulation import verilator_runtime
from rtlbench.suites.families import load_suite
from rtlbench.verifier import Config, Verifier


@pytest.mark.slow
def test_it_is_kept_and_made_anew_where_it_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    spec = next(s for s in load_suite() if s.id == "updown_w4_sync")
    wrong = spec.golden.replace("+", "-")
    assert wrong != spec.golden
    kept: list[bytes] = []
    for _ in range(3):
        verilator_runtime.forget()
        right, other = Verifier(Config(simulator="verilator")).verify(
            spec, [Candidate(text=spec.golden), Candidate(text=wrong)]
        )
        assert (right.functional, other.functional) == (True, False)
        (file,) = (tmp_path / "rtlbench" / "verilator").iterdir()
        kept.append(file.read_bytes())
        file.write_bytes(kept[-1][:-100] if len(kept) == 1 else kept[-1])
    assert len(kept[0]) == len(kept[1]) > 1 << 20
    assert kept[1] == kept[2]
