"""What cannot be asked is told in one message, in seconds, and names what to do."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from rtlbench.errors import UserError
from rtlbench.generate.answer import Request, without_second_copy
from rtlbench.generate.model_kinds import stay_offline_without_hub
from rtlbench.generate.openai_endpoint import Endpoint
from rtlbench.generate.source import Generation, describe

RIGHT = "module top(input a, output b);\n  assign b = ~a;\nendmodule\n"


def folder_with(path: Path, **files: Any) -> str:
    path.mkdir(exist_ok=True)
    for name, held in files.items():
        (path / name.replace("__", ".")).write_text(json.dumps(held))
    return str(path)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"adapter_config__json": {"base_model_name_or_path": "base/m"}},
         "an adapter, not a model; give --model base/m --adapter"),
        ({"weights__gguf": 0}, "a folder of GGUF files; name one of them"),
        ({"config__json": {"vision_config": {}}}, "reads more than text is not loaded here"),
        ({}, "holds no model"),
    ],
)  # fmt: skip
def test_a_folder_of_another_kind(files: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=told):
        describe(Generation(model=folder_with(tmp_path / "m", **files)))


@pytest.mark.parametrize("name", ["gpt-4o", "claude-sonnet-4", "o3-mini", "gemini-2.5-pro"])
def test_a_hosted_models_name_without_prefix(name: str) -> None:
    with pytest.raises(UserError, match=f"did you mean openai:{name}"):
        describe(Generation(model=name))


def test_a_hub_that_is_not_there_costs_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("http", "https", "all"):
        for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper()):
            monkeypatch.delenv(name, raising=False)
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HUB_OFFLINE", "")
    begun = time.monotonic()
    stay_offline_without_hub("owner/name")
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("ALL_PROXY", "socks5://u:secretsecret@127.0.0.1:9",
         r"cannot be asked by the proxy socks5://127.0.0.1:9 \(ALL_PROXY\)"),
        ("HTTP_PROXY", "http://u:secretsecret@127.0.0.1:9",
         r"cannot be reached by the proxy http://127.0.0.1:9 \(HTTP_PROXY\)"),
    ],
)  # fmt: skip
def test_a_proxy_that_does_not_work_is_named(
    variable: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    asked = Generation(model="openai:m", base_url="http://example.invalid/v1")
    with pytest.raises(UserError, match=told) as raised:
        list(Endpoint(asked, "m").answers([Request(spec_id="s", sample=0, prompt="p", seed=1)]))
    assert "secretsecret" not in str(raised.value)


@pytest.mark.slow
def test_a_gpu_that_is_not_there(model: Path) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is one")
    from rtlbench.generate.loading import load_model

    with pytest.raises(UserError, match="--device cuda: torch finds no GPU here"):
        load_model(model, device="cuda")


@pytest.mark.slow
def test_a_chat_template_that_raises(model: Path) -> None:
    from rtlbench.generate.answer import Message, as_prompt
    from rtlbench.generate.loading import load_tokenizer

    tokenizer = load_tokenizer(model)
    tokenizer.chat_template = "{{ raise_exception('no system here') }}"
    with pytest.raises(UserError, match=r"chat template .*no system here.*see --system"):
        as_prompt(tokenizer, "x", [Message("system", "s"), Message("user", "x")])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (RIGHT, RIGHT),
        (RIGHT + "module sub(input c);\nendmodule\n", None),
        (RIGHT + RIGHT.replace("~", ""), RIGHT),
        (RIGHT + "\nmodule top(input a", RIGHT + "\n"),
        (f"```\n{RIGHT}```\n```\n{RIGHT.replace('~', '')}", f"```\n{RIGHT}```\n```\n"),
        ("module top(input a);\n" + RIGHT, None),
        ("module other; endmodule\n" + RIGHT, None),
    ],
)
def test_a_base_models_second_copy_does_not_replace_the_first(text: str, kept: str | None) -> None:
    assert without_second_copy(text, "top") == (text if kept is None else kept)


def test_a_name_of_the_hubs_means_one_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    place = tmp_path / "models--owner--name"
    for name, commit in (("main", "a" * 40), ("v2", "b" * 40)):
        (place / "snapshots").mkdir(parents=True, exist_ok=True)
        folder_with(place / "snapshots" / commit, config__json={})
        (place / "refs").mkdir(exist_ok=True)
        (place / "refs" / name).write_text(commit)
    asked = [Generation(model=f"owner/name{at}") for at in ("", "@v2", "@" + "b" * 40)]
    assert [describe(a).revision for a in asked] == ["a" * 40, "b" * 40, "b" * 40]
    assert describe(Generation(model="owner/other@v1")).revision == "v1"
