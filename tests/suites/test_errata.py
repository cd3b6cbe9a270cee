"""Errata of public suites: what is measured, what is kept by hand, and what a run shows of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from rtlbench.errors import UserError
from rtlbench.mutation.errata import erratum_of, is_the_same, measured
from rtlbench.suites.errata import (
    Erratum,
    digest_of,
    errata_of,
    place_of,
    read_errata,
    write_errata,
)
from rtlbench.suites.rtllm import read_rtllm
from tests.attacks.public import SUITES
from tests.suites.test_rtllm import BLIND, GOOD, REFERENCE, layout, needs_suite, read_one

ENTRY = Erratum(digest="0" * 16, reference="pass", mutants=8, noticed=7)


def test_a_sound_task_has_a_clean_entry(tmp_path: Path) -> None:
    found = erratum_of(read_one(tmp_path), 6)
    assert (found.reference, found.stubs, found.is_unsound) == ("pass", (), False)
    assert found.mutants >= found.noticed > 0


@pytest.mark.parametrize(("check", "passed"), [
    ("", {"always 0", "always 1", "never assigned", "always unknown", "the inputs"}),
    (BLIND, {"never assigned", "always unknown"}),
    ("if (held > 200) error = error + 1;", {"always 0", "never assigned", "always unknown"}),
])  # fmt: skip
def test_a_bench_that_passes_what_does_nothing_is_at_fault(
    tmp_path: Path, check: str, passed: set[str]
) -> None:
    found = erratum_of(read_one(tmp_path, layout(check)), 2)
    assert passed <= set(found.stubs)
    assert found.is_unsound


@pytest.mark.parametrize(("change", "says"), [
    (("8'd100 : value", "8'd101 : value"), "fail"),
    (("input rst_n, input [7:0] level", "input reset, input [7:0] level"), "compile"),
])  # fmt: skip
def test_a_reference_that_its_own_bench_refuses_is_at_fault(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    spec = read_one(tmp_path)
    wrong = replace(spec, golden=spec.golden.replace(*change).replace("!rst_n", "!reset")
                    if says == "compile" else spec.golden.replace(*change))  # fmt: skip
    found = erratum_of(wrong, 2)
    assert (found.reference, found.is_unsound, found.mutants) == (says, True, 0)
    assert found.told


def test_a_module_that_is_what_the_task_asks_is_no_stub(tmp_path: Path) -> None:
    spec = read_one(tmp_path)
    assert is_the_same(spec, GOOD)
    assert not is_the_same(spec, GOOD.replace("100", "101"))


def test_what_is_by_hand_and_of_other_tasks_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "errata" / "rtllm.toml"
    by_hand = replace(ENTRY, note='the words omit "carry"\nin \\ out', issues=("rtllm#12",))
    stubs = ("always 0", "the inputs")
    write_errata(path, {"one": by_hand, "a [b] c": replace(ENTRY, stubs=stubs)})
    write_errata(path, {"one": replace(ENTRY, reference="fail", told="5 errors", noticed=0)})
    found = read_errata(path)
    assert found["one"] == replace(by_hand, reference="fail", told="5 errors", noticed=0)
    assert found["a [b] c"].stubs == stubs


HEAD = '[one]\ndigest = "0"\n'


@pytest.mark.parametrize("text", [
    "[one]\n", "x = 1\n", "\xff", f'{HEAD}reference = "no"\n',
    f'{HEAD}reference = "pass"\nodd = 1\n',
])  # fmt: skip
def test_a_file_that_is_not_errata_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError, match=r"x\.toml"):
        read_errata(path)


def test_an_entry_holds_for_the_text_that_it_was_found_with(tmp_path: Path) -> None:
    spec = read_one(tmp_path)
    assert spec.testbench is not None
    others = (replace(spec, golden=REFERENCE),
              replace(spec, testbench=replace(spec.testbench, text="module x; endmodule")),
              replace(spec, testbench=replace(spec.testbench, files={})))  # fmt: skip
    assert len({digest_of(spec), *map(digest_of, others)}) == 4
    assert digest_of(replace(spec, prompt="other words")) == digest_of(spec)
    assert errata_of([spec]) == {}


def test_what_ships_can_be_read() -> None:
    for name in ("rtllm", "verilog-eval"):
        found = read_errata(place_of(name))
        assert len(found) > 20, name
        assert all(0 <= e.noticed <= e.mutants for e in found.values())


def test_a_suite_without_bench_has_nothing_to_measure(tmp_path: Path) -> None:
    spec = replace(read_one(tmp_path), testbench=None)
    with pytest.raises(UserError, match="nothing to measure"):
        next(measured([spec]))


@needs_suite
def test_a_run_shows_its_figures_without_tasks_at_fault(tmp_path: Path) -> None:
    every = read_rtllm(SUITES / "rtllm")
    known = errata_of(every)
    assert len(known) == len(every), "what ships holds for the suite as it is"
    wrong = next(s for s in every if known[s.id].stubs)
    sound = next(s for s in every if not known[s.id].is_unsound and known[s.id].mutants)
    answers = tmp_path / "answers.jsonl"
    lines = [{"spec_id": wrong.id, "rtl": "module nothing; endmodule"},
             {"spec_id": sound.id, "rtl": sound.golden}]  # fmt: skip
    answers.write_text("".join(json.dumps(line) + "\n" for line in lines))
    shown = (f"without 1 task whose own bench is at fault ({wrong.id}): "
             "functional 1.000, by the suite's rule 1.000")  # fmt: skip
    for when, told in (("on", shown), ("off", "")):
        results = tmp_path / when
        words = ["bench", f"--suite=rtllm={SUITES / 'rtllm'}", f"--candidates={answers}",
                 f"--results={results}", "--judge=both", f"--errata={when}",
                 "--partial"]  # fmt: skip
        ran = subprocess.run([sys.executable, "-m", "rtlbench", *words], capture_output=True,
                             text=True, check=False)  # fmt: skip
        assert (told or "errata") in ran.stdout if told else "errata" not in ran.stdout, ran.stdout
        run = json.loads((results / "run.json").read_text())
        assert run["total"]["functional"]["value"] == 0.5
        assert bool(run.get("without_errata")) == bool(told)


def test_errata_are_on_or_off(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-m", "rtlbench", "bench", "--errata=maybe"],
                         capture_output=True, text=True, check=False, cwd=tmp_path)  # fmt: skip
    assert ran.returncode == 2
    assert "--errata maybe: choose on or off" in ran.stdout + ran.stderr
