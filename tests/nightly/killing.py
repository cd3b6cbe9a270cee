"""Killing a command at its N-th step on the disk, and what is left when all is done."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.nightly.made import surroundings

HOOK = """
import os, signal, sys
if os.environ.get("KILL_AT") and sys.argv[-1:] != ["-c"]:
    left = [int(os.environ.pop("KILL_AT"))]
    def hook(event, args):
        if event in ("os.rename", "os.symlink", "os.rmdir", "shutil.copyfile"):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
"""
"""A sitecustomize.py: the process ends by SIGKILL just before it gives its N-th file, link or
folder a name, or removes or copies it."""
TIMES = frozenset(
    {"started", "finished", "seconds", "resumed_at", "made", "manifest_sha256", "timestamp", "sent",
     "adapter_revision", "copies_id", "night_sha256", "disk"}
)  # fmt: skip
"""Fields that hold times, or hashes of files that hold some."""
UNLIKE = ("log.txt", "junit.xml", "report.html", "README.md", "generation.log")
"""Files whose text holds times; that they are there is what counts."""
PASSING = ("lock", ".lock", ".torn", "generation.end")


def killed_at(step: int, argv: Sequence[str], folder: Path) -> bool:
    """Whether the command ended by the kill; else it has ended before that step."""
    hook = folder / "hook"
    hook.mkdir(exist_ok=True)
    (hook / "sitecustomize.py").write_text(HOOK)
    env = {**surroundings(), "PYTHONPATH": str(hook), "KILL_AT": str(step),
           "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, timeout=900, check=False, env=env)
    assert done.returncode in (-9, 0, 1), done.stdout + done.stderr
    return done.returncode == -9


def left(root: Path) -> dict[str, Any]:
    """What is below `root`, times aside."""
    return {
        str(p.relative_to(root)): _content(p, str(root))
        for p in sorted(root.rglob("*"))
        if not p.name.endswith(PASSING) and (p.is_file() or p.is_symlink())
    }


def _content(path: Path, root: str) -> Any:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    if path.name in UNLIKE or path.name.endswith(".log"):
        return "there"
    if path.name == "stage.json":  # names its inputs by hashes of files with times
        return json.loads(path.read_text().replace(root, "ROOT"))["argv"]
    if path.suffix == ".json":
        found = json.loads(path.read_text().replace(root, "ROOT"))
        return _timeless(found, path.name == "manifest.json")
    if path.suffix == ".jsonl":
        text = path.read_text().replace(root, "ROOT").splitlines()
        return sorted((_timeless(json.loads(line), False) for line in text), key=json.dumps)
    return path.read_bytes()


def _timeless(value: Any, is_manifest: bool) -> Any:
    """JSON without times; of a snapshot's manifest the names alone, since its hashes are of files
    with times."""
    if is_manifest:
        return sorted(value["files"])
    if isinstance(value, list):
        return [_timeless(v, False) for v in value]
    if isinstance(value, dict):
        return {k: _timeless(v, False) for k, v in value.items() if k not in TIMES}
    return value
