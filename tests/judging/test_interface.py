"""`import rtlbench`: cheap, documented, and its first example runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import rtlbench
from tests.support import sync_counter

ROOT = Path(__file__).parents[2]


def python(code: str, folder: Path) -> str:
    """What a script prints; nothing guards it against being run again."""
    script = folder / "script.py"
    script.write_text(code)
    ran = subprocess.run(
        [sys.executable, script], cwd=folder, capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_the_readmes_example_judges_an_answer(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    code = re.search(r"```python\n(import rtlbench\n.*?)```", readme, re.DOTALL)
    assert code is not None
    assert readme[: code.start()].count("\n") < 30, "in the first screen"
    assert len([line for line in code[1].splitlines() if line]) == 5
    wrong = sync_counter().golden.replace("+ 1'b1", "+ 2'd2")
    (tmp_path / "answer.sv").write_text(wrong)
    first, *findings = python(code[1], tmp_path).splitlines()
    assert first.startswith("fail 0.7")
    assert first.endswith("False")
    assert findings[-1].startswith("simulation.mismatch None cycle")


def test_a_script_that_judges_says_nothing_of_its_own_at_its_end(tmp_path: Path) -> None:
    spec = sync_counter()
    code = f"""import rtlbench
task = next(s for s in rtlbench.read_suite("rtlbench") if s.id == {spec.id!r})
mine = rtlbench.Judge(workers=1)  # nobody closes it
for text in (task.golden, "module m("):
    print(rtlbench.judge(task, text).outcome.value, mine.judge(task, text).outcome.value)
"""
    assert python(code, tmp_path) == "pass pass\nfail fail\n"


def test_importing_imports_nothing(tmp_path: Path) -> None:
    code = """import sys
before = set(sys.modules)
import rtlbench
print(sorted(set(sys.modules) - before - {"__future__"}))
"""
    assert python(code, tmp_path) == "['rtlbench']\n"


def test_every_name_is_there_and_documented() -> None:
    page = (ROOT / "docs" / "python.md").read_text()
    for name in rtlbench.__all__:
        assert getattr(rtlbench, name).__doc__, name
        assert re.search(rf"^\|.*`{name}`.*\|$", page, re.MULTILINE), name
    assert set(rtlbench.__all__) <= set(dir(rtlbench))
