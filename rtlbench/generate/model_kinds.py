"""What is given for a model and is none that can be asked here: an adapter, a folder of GGUF
files, a model that reads pictures, the name of a hosted one. Each is told before anything heavy is
loaded.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from rtlbench.errors import UserError

ADAPTER = "adapter_config.json"
_HOSTED = re.compile(r"gpt-\d|chatgpt|o[1-9](?:-|$)|claude|gemini|grok|deepseek-(?:chat|reasoner)$")
_OTHER_SENSES = ("vision_config", "audio_config", "image_token_id")
_COMMIT = re.compile(r"/snapshots/([0-9a-f]{40})/")
_HUB = "https://huggingface.co"
_WITHIN = 3.0
"""Seconds for the hub to be there."""


def refuse_other_kind(name: str, what: str) -> None:
    """Make sure that `name` may be a model of text, as far as that shows.

    Raises:
        UserError: It is something else; the message says how that is asked.
    """
    path = Path(name)
    if what != "model":
        return
    if path.is_dir() and (file := _gguf_alone(path)) is not None:
        raise UserError(f"{name}: a folder of GGUF files; name one of them: --model {file}")
    if path.is_dir():
        _refuse_folder(path)
    elif "/" not in name and _HOSTED.match(name):
        raise UserError(f"{name}: no folder and no name of the hub's; did you mean openai:{name}?")


def _gguf_alone(folder: Path) -> Path | None:
    """The first GGUF file of a folder that holds no other model."""
    return None if (folder / "config.json").exists() else min(folder.glob("*.gguf"), default=None)


def _refuse_folder(folder: Path) -> None:
    config = folder / "config.json"
    if not config.exists() and (folder / ADAPTER).is_file():
        base = _fields(folder / ADAPTER).get("base_model_name_or_path") or "its base"
        raise UserError(
            f"{folder}: an adapter, not a model; give --model {base} --adapter {folder}"
        )
    if any(_fields(config).get(name) is not None for name in _OTHER_SENSES):
        raise UserError(
            f"{folder}: a model that reads more than text is not loaded here; serve it by vLLM and "
            "ask it by --model openai:NAME --base-url URL"
        )


def _fields(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}  # loading tells
    return found if isinstance(found, dict) else {}


def refuse_missing_device(device: str) -> None:
    """Make sure that a GPU that was named is there.

    Raises:
        UserError: It is not.
    """
    import torch

    if device.startswith("cuda") and not torch.cuda.is_available():
        raise UserError(
            f"--device {device}: torch finds no GPU here; leave it out, or give cpu"
        )


def stay_offline_without_hub(path: str | Path) -> None:
    """Where the hub cannot be reached, have its library look at its cache alone: it would try for a
    minute. Proxies are left to it."""
    if Path(path).exists() or os.environ.get("HF_HUB_OFFLINE") or getproxies():
        return
    parts = urlsplit(os.environ.get("HF_ENDPOINT") or _HUB)
    try:
        port = parts.port or (80 if parts.scheme == "http" else 443)
        socket.create_connection((parts.hostname or "", port), _WITHIN).close()
    except OSError:
        os.environ["HF_HUB_OFFLINE"] = "1"
        if "huggingface_hub" in sys.modules:
            from huggingface_hub import constants

            constants.HF_HUB_OFFLINE = True


def hub_commit(name: str, needs: str, revision: str) -> str:
    """The commit that a name of the hub's means now, so that going on takes the same weights; where
    nobody tells, the revision as it was given.

    Args:
        needs: A file that each such folder has.
    """
    stay_offline_without_hub(name)
    try:
        from huggingface_hub import HfApi, try_to_load_from_cache
    except ImportError:
        return revision  # loading tells
    cached = try_to_load_from_cache(name, needs, revision=revision or None)
    if isinstance(cached, str) and (found := _COMMIT.search(cached)):
        return found[1]
    if os.environ.get("HF_HUB_OFFLINE") == "1":
        return revision
    try:
        return HfApi().model_info(name, revision=revision or None, timeout=10).sha or revision
    except (OSError, ValueError):  # loading tells
        return revision
