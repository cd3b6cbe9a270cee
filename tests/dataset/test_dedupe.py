import json
import random
from pathlib import Path

import pytest

from rtlbench.dataset.similarity.contamination import read_members
from rtlbench.dataset.similarity.signatures import BATCH
from rtlbench.errors import UserError
from rtlbench.suites.families import load_suite
from tests.conftest import Command
from tests.dataset.restructure import reformatted, renamed

SUITES = Path(__file__).parents[3] / "shared" / "suites"
TINY = "module inverter (input a, output y); assign y = ~a; endmodule\n"
GATE = "module gate (input a, input b, output y); assign y = a & b; endmodule\n"


def write(path: Path, records: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records) + "{broken\n")
    return path


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_command_keeps_the_first_and_reports_the_rest(
    tmp_path: Path, command: Command
) -> None:
    rng = random.Random(1)
    member = next(m for m in load_suite() if m.id == "updown_w4_sync")
    source = write(tmp_path / "raw.jsonl", [
        {"instruction": "Invert a.", "output": TINY},
        {"instruction": "Both of a and b.", "output": GATE},
        {"instruction": "The opposite of a, please.", "output": renamed(TINY, rng)},
        {"instruction": "And.", "output": GATE.replace("a & b", "~(~a | ~b)")},
        {"instruction": "Count.", "output": reformatted(renamed(member.golden, rng), rng)},
        {"instruction": member.prompt, "output": "I do not know."},
    ])
    out = tmp_path / "clean.jsonl"
    ran = command("dedupe", str(source), "--out", str(out))
    assert ran.returncode == 0, ran.stderr
    assert [r["instruction"] for r in read(out)] == ["Invert a.", "Both of a and b."]
    removed = [(r["where"], r["reason"], r["like"], r["measure"])
               for r in read(tmp_path / "clean.removed.jsonl")]
    name = f"rtlbench/{member.id}"
    assert removed == [
        ("raw.jsonl:3", "duplicate", "raw.jsonl:1", "exact"),
        ("raw.jsonl:4", "duplicate", "raw.jsonl:2", "function"),
        ("raw.jsonl:5", "benchmark", name, "exact"),
        ("raw.jsonl:6", "benchmark", name, "instruction"),
    ]
    report = json.loads((tmp_path / "clean.dedupe.json").read_text())
    assert (report["records"], report["kept"], report["broken"]) == (6, 2, 1)
    assert report["members"] == {name: 2}


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, command: Command) -> None:
    goldens = [m.golden for m in load_suite()[:6]]
    source = write(tmp_path / "raw.jsonl",
                   [{"instruction": "x", "output": g} for g in goldens * 2])
    made = []
    for name in ("one", "two"):
        out = tmp_path / f"{name}.jsonl.gz"
        ran = command("dedupe", str(source), "--out", str(out), "--against", "none")
        assert ran.returncode == 0, ran.stderr
        made.append((out.read_bytes(), (tmp_path / f"{name}.removed.jsonl").read_bytes()))
    assert made[0] == made[1]
    assert "6 of 12 records kept" in ran.stdout


@pytest.mark.slow
def test_any_number_of_processes_gives_the_same_bytes(tmp_path: Path, command: Command) -> None:
    gates = [f"module m (input [9:0] a, output y); assign y = a < {k % 30}; endmodule"
             for k in range(BATCH + 4)]
    source = write(tmp_path / "raw.jsonl",
                   [{"instruction": f"Below {g}", "output": g} for g in gates])
    made = []
    for workers in ("1", "2"):
        out = tmp_path / workers / "clean.jsonl"
        out.parent.mkdir()
        ran = command("dedupe", str(source), "--out", str(out), "--against", "none", "-n", workers)
        assert ran.returncode == 0, ran.stderr
        made.append({p.name: p.read_bytes() for p in out.parent.iterdir()})
    assert made[0] == made[1]
    assert "30 of 36 records kept" in ran.stdout


def test_mistakes_are_told_in_a_line(tmp_path: Path, command: Command) -> None:
    source = write(tmp_path / "raw.jsonl", [])
    out = str(tmp_path / "out.jsonl")
    unknown = command("dedupe", str(source), "--out", out, "--against", "nosuch")
    assert unknown.returncode == 2
    assert "verilog-eval" in unknown.stderr
    assert command("dedupe", str(source), "--out", str(source)).returncode == 2
    assert not Path(out).exists()


@pytest.mark.parametrize("name", ["verilog-eval", "cvdp"])
def test_a_suite_needs_its_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"{name}=FOLDER"):
        read_members(name)
    with pytest.raises(UserError, match="nothing of"):
        read_members(f"{name}={tmp_path}")


@pytest.mark.skipif(not SUITES.is_dir(), reason=f"no public suites in {SUITES}")
@pytest.mark.parametrize(
    ("name", "least"), [("verilog-eval", 78), ("cvdp", 1), ("rtllm", 25)]
)
def test_public_suites_are_read_as_they_are(name: str, least: int) -> None:
    members = read_members(f"{name}={SUITES / name}")
    assert len({m.name for m in members}) >= least
    assert all(m.instruction.strip() and "module" in m.code for m in members)


def test_a_folder_of_members_in_their_layout(tmp_path: Path) -> None:
    (tmp_path / "Prob1_prompt.txt").write_text("Invert a.")
    (tmp_path / "Prob1_ref.sv").write_text(TINY)
    (tmp_path / "Prob2_prompt.txt").write_text("No reference.")
    found = read_members(f"verilog-eval={tmp_path}")
    assert [(m.name, m.code) for m in found] == [
        ("verilog-eval/Prob1", TINY), ("verilog-eval/Prob2", "")
    ]
    entry = {"id": "c1", "input": {"prompt": "Invert a.", "context": {}},
             "output": {"context": {"rtl/a.sv": TINY, "docs/a.md": "words"}}}
    (tmp_path / "c.jsonl").write_text(json.dumps(entry) + "\n")
    found = read_members(f"cvdp={tmp_path}")
    assert [(m.name, m.instruction, m.code) for m in found] == [("cvdp/c1", "Invert a.", TINY)]
