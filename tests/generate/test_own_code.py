"""Models that come with code of their own, which leaves a mark where it is run: it never is, and
nobody is asked whether it may be."""

from __future__ import annotations

import itertools
import os
import pickle
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.loading import load_model, load_tokenizer
from rtlbench.training.model import fingerprint
from tests.generate.folders import configured, copied

pytestmark = pytest.mark.slow

CODE = """
from pathlib import Path
Path({mark!r}).write_text("run")
from transformers import Qwen2Config, Qwen2ForCausalLM, PreTrainedTokenizerFast
class OddConfig(Qwen2Config): model_type = "odd"
class OddForCausalLM(Qwen2ForCausalLM): config_class = OddConfig
class Qwen2Own(Qwen2ForCausalLM): pass
class OddTokenizer(PreTrainedTokenizerFast): pass
def generate(model, **kwargs): Path({mark!r}).write_text("run")
"""
PEFT = ("PeftModel", "PeftConfig")
"""Load no code and know no such word."""
MODEL = {"AutoConfig": "odd.OddConfig", "AutoModelForCausalLM": "odd.OddForCausalLM"}


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Where code that is run leaves its mark."""
    return tmp_path / "mark"


@pytest.fixture
def odd(model: Path, tmp_path: Path, mark: Path) -> Path:
    """A model of a kind of its own, with code."""
    folder = with_code(copied(model, tmp_path / "odd"), mark)
    return configured(folder, model_type="odd", auto_map=MODEL, architectures=["OddForCausalLM"])


def with_code(folder: Path, mark: Path) -> Path:
    """The folder with code beside its weights."""
    (folder / "odd.py").write_text(CODE.format(mark=str(mark)))
    (folder / "custom_generate").mkdir()
    (folder / "custom_generate" / "generate.py").write_text(CODE.format(mark=str(mark)))
    return folder


def test_a_model_of_its_own_kind_is_refused(odd: Path, mark: Path) -> None:
    for trainable in (False, True):
        with pytest.raises(UserError, match=r"code of its own \(auto_map\), which is never run"):
            load_model(odd, trainable=trainable)
    assert not mark.exists()


def test_training_names_its_base_without_running_it(odd: Path, mark: Path) -> None:
    assert len(fingerprint(str(odd))) == 64
    assert not mark.exists()


@pytest.mark.parametrize("told", ["odd.Qwen2Own", "owner/name--odd.Qwen2Own"])
def test_code_that_stands_in_for_a_known_kind_is_refused(
    model: Path, tmp_path: Path, mark: Path, told: str
) -> None:
    """The library has a class for the kind, but the folder's own may compute otherwise."""
    folder = with_code(copied(model, tmp_path / "m"), mark)
    configured(folder, auto_map={"AutoModelForCausalLM": told})
    with pytest.raises(UserError, match="code of its own"):
        load_model(folder)
    assert not mark.exists()


def test_a_copy_of_the_librarys_class_is_left_aside(
    model: Path, tmp_path: Path, mark: Path
) -> None:
    folder = with_code(copied(model, tmp_path / "m"), mark)
    configured(folder, auto_map={"AutoModelForCausalLM": "odd.Qwen2ForCausalLM"})
    load_model(folder)
    load_tokenizer(folder)
    assert not mark.exists()


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("kind", [["odd.OddTokenizer", None], [None, "odd.OddTokenizer"]])
def test_code_of_a_tokenizer_is_not_run(
    model: Path, tmp_path: Path, mark: Path, kind: list[str | None], own: bool
) -> None:
    folder = with_code(copied(model, tmp_path / "m"), mark)
    configured(
        folder, "tokenizer_config.json", auto_map={"AutoTokenizer": kind},
        tokenizer_class="OddTokenizer",
    )  # fmt: skip
    if own:
        configured(folder, model_type="odd", auto_map=MODEL)
    try:
        tokenizer: Any = load_tokenizer(folder)
    except UserError as e:
        assert "\n" not in str(e)
    else:
        expected: Any = load_tokenizer(model)
        assert tokenizer("module m;").input_ids == expected("module m;").input_ids
    assert not mark.exists()


class Marking:
    """Leaves a mark where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (self.mark, "run"))


@pytest.mark.parametrize("what", ["model", "adapter"])
def test_pickled_weights_that_run_are_refused(
    model: Path, adapter: Path, tmp_path: Path, mark: Path, what: str
) -> None:
    origin, name = (model, "pytorch_model") if what == "model" else (adapter, "adapter_model")
    folder = copied(origin, tmp_path / "pickled")
    for file in folder.glob("*.safetensors"):
        file.unlink()
    (folder / f"{name}.bin").write_bytes(pickle.dumps({"x": Marking(mark)}, protocol=2))
    with pytest.raises(UserError, match=f"cannot load the {what}: .* never run"):
        load_model(*((folder,) if what == "model" else (model,)),
                   adapter=None if what == "model" else folder)  # fmt: skip
    assert not mark.exists()


def test_an_adapter_that_names_a_module_to_import_is_not_followed(
    model: Path, adapter: Path, tmp_path: Path, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = with_code(copied(adapter, tmp_path / "a"), mark)
    told = {"base_model_class": "OddForCausalLM", "parent_library": "odd"}
    configured(folder, "adapter_config.json", auto_mapping=told)
    monkeypatch.syspath_prepend(folder)
    load_model(model, adapter=folder)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("how", "answer"), [("generate", "y\n" * 20), ("generate", ""), ("bench", "y\n" * 20)]
)
def test_nobody_is_asked(
    odd: Path, small_suite: Any, tmp_path: Path, how: str, answer: str
) -> None:
    """`yes |` on standard input would answer a question."""
    script = Path(sysconfig.get_path("scripts")) / "rtlbench"
    out = {"generate": ["--out", tmp_path / "a.jsonl"], "bench": ["--results", tmp_path / "r"]}
    argv = [how, "--model", odd, small_suite.option, *out[how]]
    ran = subprocess.run(
        [sys.executable, str(script), *map(str, argv)], input=answer, capture_output=True,
        text=True, cwd=tmp_path, env={**os.environ, "HF_HUB_OFFLINE": "1"}, timeout=200,
        check=False,
    )  # fmt: skip
    told = ran.stdout + ran.stderr
    assert ran.returncode == (2 if how == "generate" else 1), told
    assert "code of its own (auto_map), which is never run" in told
    assert "Do you wish" not in told
    assert not (tmp_path / "mark").exists()


def test_every_loading_in_the_library_says_so() -> None:
    """What is not said is asked on the terminal."""
    root = Path(__file__).parents[2]
    files = [p for folder in ("rtlbench", "training") for p in (root / folder).rglob("*.py")]
    calls = [
        (path.name, before, call)
        for path in files
        for before, call in itertools.pairwise(path.read_text().split(".from_pretrained("))
    ]
    silent = [
        (name, call[:80])
        for name, before, call in calls
        if "trust_remote_code=False" not in call[:300] and not before.endswith(PEFT)
    ]
    assert len(calls) > 4
    assert silent == []
