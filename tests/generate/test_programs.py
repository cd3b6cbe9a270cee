"""Sources by name: endpoints that people have, a shell command, a Python function."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.answer import Request
from rtlbench.generate.programs import PythonFunction, ShellCommand
from rtlbench.generate.source import ADDRESSES, Generation, describe, generation


def requests(count: int) -> list[Request]:
    return [Request(spec_id=f"s{k}", sample=0, prompt=f"task {k}", seed=k) for k in range(count)]


def program(path: Path, text: str) -> str:
    path.write_text(text)
    return f"{sys.executable} {path}"


@pytest.mark.parametrize("prefix", ADDRESSES)
def test_a_known_endpoint_is_asked_where_it_is(prefix: str, monkeypatch: Any) -> None:
    url, variable = ADDRESSES[prefix]
    monkeypatch.setenv(variable or "OPENAI_API_KEY", "key-of-nobody")
    asked = generation({"model": f"{prefix}:owner/name:7b"})
    assert asked is not None
    found = describe(asked)
    assert (found.source, found.model, found.base_url) == ("openai", "owner/name:7b", url)
    assert asked.api_key_env == (variable or "OPENAI_API_KEY")
    elsewhere = generation({"model": f"{prefix}:m", "base_url": "http://127.0.0.1:1/v1"})
    assert elsewhere is not None
    assert elsewhere.base_url == "http://127.0.0.1:1/v1"


def test_a_command_gets_the_prompt_and_gives_the_answer(tmp_path: Path) -> None:
    run = program(tmp_path / "p.py", "import os, sys\n"
                  "print(sys.stdin.read(), os.environ['RTLBENCH_SPEC_ID'],\n"
                  "      os.environ['RTLBENCH_SEED'], os.environ['RTLBENCH_TEMPERATURE'])")
    asked = Generation(model=f"cmd:{run}", temperature=0.25)
    found = {a.spec_id: a.completion for a in ShellCommand(asked, run).answers(requests(3))}
    assert found == {f"s{k}": f"task {k} s{k} {k} 0.25\n" for k in range(3)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import sys; print('half'); sys.exit('no luck')", "ended with status 1: no luck"),
        ("import time; time.sleep(60)", "did not answer within --request-timeout"),
        ("print('x' * (17 << 20))", "gave more than 16 MiB"),
        ("import os; os.kill(os.getpid(), 9)", "ended with status -9"),
    ],
)
def test_a_command_that_fails_is_no_wrong_answer(text: str, told: str, tmp_path: Path) -> None:
    run = program(tmp_path / "p.py", text)
    asked = Generation(model=f"cmd:{run}", request_timeout=2.0)
    begun = time.monotonic()
    (answer,) = ShellCommand(asked, run).answers(requests(1))
    assert (answer.ended, answer.completion) == ("failed", "")
    assert told in answer.why
    assert time.monotonic() - begun < 20


def test_a_command_that_fails_each_time_is_asked_no_more(tmp_path: Path) -> None:
    run = program(tmp_path / "p.py", "raise SystemExit(1)")
    asked = Generation(model=f"cmd:{run}", concurrency=1)
    with pytest.raises(UserError, match="10 requests failed"):
        list(ShellCommand(asked, run).answers(requests(20)))


@pytest.mark.parametrize("name", ["no-such-program-anywhere", "", "'"])
def test_a_command_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(UserError, match="--model cmd:"):
        describe(Generation(model=f"cmd:{name}"))


def test_a_function_of_an_installed_package_answers(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "own_answers.py").write_text(
        "def shout(prompt):\n    if '1' in prompt: raise KeyError('one')\n"
        "    return None if '2' in prompt else prompt.upper()\n")  # fmt: skip
    folder = tmp_path / "own-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: own\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[rtlbench.answers]\nshout = own_answers:shout\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    asked = Generation(model="function:shout")
    assert describe(asked).revision == "own 1.0"
    found = {a.spec_id: a for a in PythonFunction(asked, "shout").answers(requests(3))}
    assert found["s0"].completion == "TASK 0"
    assert found["s1"].why == "raised KeyError: 'one'"
    assert found["s2"].why == "gave NoneType, not text"
    with pytest.raises(UserError, match="there are shout"):
        describe(Generation(model="function:other"))


SNOOP = """
import os, socket, sys
def tries(what):
    try: what(); return "yes"
    except OSError: return "no"
print(tries(lambda: open(FILE).read()), tries(lambda: open(FILE, "w")),
      tries(lambda: socket.create_connection(("127.0.0.1", PORT), 2)),
      "KEY" in os.environ, sorted(os.listdir(".")), sys.stdin.read(),
      os.environ["RTLBENCH_SPEC_ID"])
open("mark", "w")
"""


@pytest.mark.parametrize("shut_in", [False, True])
def test_a_command_in_the_sandbox_has_nothing_of_the_users(
    tmp_path: Path, monkeypatch: Any, shut_in: bool
) -> None:
    monkeypatch.setenv("KEY", "key-of-nobody")
    monkeypatch.chdir(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        text = SNOOP.replace("FILE", repr(str(secret))).replace("PORT", str(port))
        run = program(tmp_path / "p.py", text)
        asked = Generation(model=f"cmd:{run}", cmd_in_sandbox=shut_in)
        found = [a.completion for a in ShellCommand(asked, run).answers(requests(2))]
    if shut_in:
        alone = "no no no False ['file0_p.py', 'prompt.txt']"
        assert sorted(found) == [f"{alone} task {k} s{k}\n" for k in range(2)]
        assert (secret.read_text(), (tmp_path / "mark").exists()) == ("secret", False)
    else:
        assert all(x.startswith("yes yes yes True") for x in found)
    assert describe(asked).sandboxed is shut_in


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import sys; print('half'); sys.exit('no luck')", "ended with status 1: no luck"),
        ("import time; time.sleep(60)", "did not answer within --request-timeout"),
        ("while True: pass", "did not answer within --request-timeout"),
        ("print('x' * (17 << 20))", "gave more than 16 MiB"),
        ("import os; os.kill(os.getpid(), 9)", "ended with status -9"),
    ],
)
def test_in_the_sandbox_too_a_command_that_fails_is_no_wrong_answer(
    text: str, told: str, tmp_path: Path
) -> None:
    run = program(tmp_path / "p.py", text)
    asked = Generation(model=f"cmd:{run}", request_timeout=2.0, cmd_in_sandbox=True)
    (answer,) = ShellCommand(asked, run).answers(requests(1))
    assert (answer.ended, answer.completion) == ("failed", "")
    assert told in answer.why


def test_the_sandbox_shows_the_systems_programs_and_takes_words_as_they_are() -> None:
    run = "sed 's/task/$HOME; `id`/'"
    asked = Generation(model=f"cmd:{run}", cmd_in_sandbox=True)
    (answer,) = ShellCommand(asked, run).answers(requests(1))
    assert answer.completion == "$HOME; `id` 0"


def test_a_sandbox_that_cannot_be_or_is_for_another_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--cmd-in-sandbox: True makes no sense"):
        generation({"model": "openai:m", "cmd_in_sandbox": True})
    big = tmp_path / "weights"
    with big.open("wb") as file:
        file.truncate(200 << 20)
    asked = Generation(model=f"cmd:cat {big}", cmd_in_sandbox=True)
    with pytest.raises(UserError, match="more than 128 MB"):
        ShellCommand(asked, f"cat {big}")


WITHOUT_WALLS = """
from rtlbench.generate.programs import ShellCommand
from rtlbench.generate.source import Generation
ShellCommand(Generation(model="cmd:cat", cmd_in_sandbox=True), "cat")
"""


def test_without_walls_a_command_is_not_shut_in() -> None:
    env = {**os.environ, "RTLBENCH_ISOLATION": "none"}
    ran = subprocess.run([sys.executable, "-c", WITHOUT_WALLS], env=env, capture_output=True,
                         text=True, check=False)  # fmt: skip
    assert ran.returncode == 1
    assert "UserError: --cmd-in-sandbox: no walls can be built here" in ran.stderr


@pytest.mark.slow
def test_a_command_is_resumed_and_recorded(
    small_suite: Any, rtlbench: Any, tmp_path: Path
) -> None:
    note = tmp_path / "asked"
    run = program(tmp_path / "p.py", f"import os\nopen({str(note)!r}, 'a').write("
                  "os.environ['RTLBENCH_SPEC_ID'] + '\\n')\nprint('module m; endmodule')")
    args = ["generate", small_suite.option, "--model", f"cmd:{run}", "--out", tmp_path / "a.jsonl"]
    assert rtlbench(*args).returncode == 0
    more = rtlbench(*args, "--samples", 2)
    assert more.returncode == 0, more.stderr
    lines = [json.loads(x) for x in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert Counter(x["spec_id"] for x in lines) == Counter(note.read_text().split())
    assert {(x["generator"]["source"], x["sample"]) for x in lines} == {("cmd", 0), ("cmd", 1)}
