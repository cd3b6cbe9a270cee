"""llama.cpp in a process of its own: it answers as transformers does, for us alone, and ends with
whoever asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("gguf")
pytest.importorskip("xllamacpp")

from rtlbench.errors import UserError
from rtlbench.generate import llama_engine
from rtlbench.generate.answer import Request
from rtlbench.generate.course import Course
from rtlbench.generate.llama_engine import LlamaCpp, started
from rtlbench.generate.llama_server import Serving
from rtlbench.generate.source import Generation, describe, generation, open_source
from rtlbench.generate.transformers_model import TransformersModel
from tests.generate.folders import as_gguf

REQUESTS = [
    Request(spec_id=f"s{k}", sample=0, prompt="an 8-bit counter " * (1 + k), seed=k)
    for k in range(5)
]
REAL = os.environ.get("RTLBENCH_TEST_GGUF", "")


@pytest.fixture(scope="module")
def file(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return as_gguf(model, tmp_path_factory.mktemp("gguf") / "odd-rtl.gguf")


def asked_of(file: Path, **how: Any) -> Generation:
    return Generation(model=str(file), **{"max_tokens": 8, "batch_size": 4, **how})


def texts(source: Any) -> dict[str, str]:
    # The server holds back what is no whole letter at an answer's end.
    return {a.spec_id: a.completion.rstrip("\ufffd") for a in source.answers(REQUESTS, Course())}


def test_it_says_what_transformers_says(file: Path) -> None:
    own, theirs = (
        open_source(asked_of(file, temperature=0.0, model_engine=engine))
        for engine in ("llama.cpp", "transformers")
    )
    assert (type(own), type(theirs)) == (LlamaCpp, TransformersModel)
    assert texts(own) == texts(theirs)


def test_it_is_drawn_by_the_request_s_seed_and_recorded(file: Path) -> None:
    source = open_source(asked_of(file, temperature=1.0))
    course = Course()
    answers = list(source.answers(REQUESTS, course))
    assert {a.spec_id: a.completion.rstrip("\ufffd") for a in answers} == texts(source)
    assert len({a.completion for a in answers}) == len(answers)
    assert {a.generator for a in answers} == {describe(asked_of(file))}
    assert answers[0].generator.source == "llama.cpp"
    assert answers[0].sampling == asked_of(file, temperature=1.0).sampling
    assert course.tokens - sum(a.completion_tokens or 0 for a in answers) == 0


def test_nobody_without_the_key_is_answered(file: Path) -> None:
    serving = Serving(path=str(file), slots=1, context=64, threads=1, key="open sesame")
    with started(serving) as (address, _):
        assert address.startswith("http://127.0.0.1:")
        body = urllib.request.Request(f"{address}/v1/completions", b'{"prompt": "a"}')
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(body, timeout=30)


def test_what_is_not_installed_is_named_and_auto_does_without(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rtlbench.generate import source

    for place in (llama_engine, source):
        monkeypatch.setattr(place, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"needs more packages; pip install 'rtlbench\[llamacpp\]'"):
        describe(asked_of(file, model_engine="llama.cpp"))
    assert describe(asked_of(file)).source == "transformers"


def test_what_it_does_not_do_is_refused(file: Path, model: Path) -> None:
    with pytest.raises(UserError, match="--adapter and --load-in-4bit are not for"):
        describe(asked_of(file, model_engine="llama.cpp", load_in_4bit=True))
    with pytest.raises(UserError, match=r"computes GGUF files; .* is none"):
        describe(asked_of(model, model_engine="llama.cpp"))
    with pytest.raises(UserError, match=r"--model-engine is for FILE.gguf; cmd:cat is none"):
        describe(Generation(model="cmd:cat", model_engine="llama.cpp"))
    with pytest.raises(UserError, match=r"--model-engine: 'vllm' makes no sense"):
        generation({"model": str(file), "model_engine": "vllm"})


def test_a_file_that_llama_cpp_refuses_is_one_message(model: Path, tmp_path: Path) -> None:
    file = as_gguf(model, tmp_path / "m.gguf", words={"qwen2.block_count": 7})
    with pytest.raises(UserError, match=r"m\.gguf: llama\.cpp cannot serve it \(.+\)"):
        texts(open_source(asked_of(file, model_engine="llama.cpp")))


@pytest.mark.slow
def test_a_run_is_judged_and_says_what_computed(
    rtlbench: Callable[..., Any], file: Path, small_suite: Any, tmp_path: Path
) -> None:
    for engine in ("llama.cpp", "transformers"):
        folder = tmp_path / engine
        asked = ["bench", small_suite.option, "--model", file, "--model-engine", engine,
                 "--max-tokens", 8, "--workers", 1, "--results", folder]  # fmt: skip
        ran = rtlbench(*asked)
        assert ran.returncode == 0, ran.stderr
        noted = json.loads((folder / "run.json").read_text())
        assert noted["config"]["generator"]["source"] == engine
        assert noted["config"]["generator"]["model"] == "odd-rtl.gguf"
        assert noted["usage"]["answers"] == len(small_suite.specs)
        assert ("xllamacpp" in noted["sampled_with"]) == (engine == "llama.cpp")
    other = rtlbench(*asked[:-1], tmp_path / "llama.cpp")
    assert other.returncode == 2
    assert "source" in other.stderr


@pytest.mark.slow
def test_it_ends_with_who_asked(file: Path, small_suite: Any, tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "rtlbench", "generate", "--model", str(file), small_suite.option,
             "--samples", "50", "--max-tokens", "1500",
             "--out", str(tmp_path / "a.jsonl")]  # fmt: skip
    process = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = until(lambda: child_of(process.pid))
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not Path(f"/proc/{server}").exists() or None)


def child_of(parent: int) -> int | None:
    """The server that `parent` has started."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            stat = (place / "stat").read_text().rpartition(")")[2].split()
            words = (place / "cmdline").read_text()
        except OSError:
            continue
        if int(stat[1]) == parent and "llama_server" in words:
            return int(place.name)
    return None


def until(look: Callable[[], Any]) -> Any:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise AssertionError("it took more than four minutes")


@pytest.mark.slow
@pytest.mark.skipif(not REAL, reason="RTLBENCH_TEST_GGUF names no model")
def test_a_real_model_writes_verilog_in_both_ways() -> None:
    prompt = "Write a Verilog module named top: input a, output b, b is the inverse of a."
    request = Request(spec_id="s", sample=0, prompt=prompt, seed=1, top="top")
    for engine in ("llama.cpp", "transformers"):
        asked = Generation(model=REAL, temperature=0.0, max_tokens=120, model_engine=engine)
        [answer] = open_source(asked).answers([request], Course())
        assert "module" in answer.completion
