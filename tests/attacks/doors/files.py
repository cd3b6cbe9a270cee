"""Files of answers that are no files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.attacks.doors.door import Door, Scene

DOOR = Door("files of answers")



def _refused(name: str, make: Callable[[Scene, Path], None]) -> Callable[[Scene], list[str]]:
    def act(scene: Scene) -> list[str]:
        path = scene.path(name)
        make(scene, path)
        results = scene.path(f"{name}-results")
        ran = scene.bench(path, results)
        told = [] if ran.code in (1, 2) else [f"it ended with {ran.code}"]
        return [*ran.wrongs, *told]

    return act


_KINDS: dict[str, tuple[str, Callable[[Scene, Path], None]]] = {
    "pipe": ("never says anything", lambda _, p: os.mkfifo(p)),
    "endless device": ("never ends", lambda _, p: p.symlink_to("/dev/zero")),
    "folder": ("is a folder", lambda _, p: p.mkdir()),
    "link to a secret": ("has a message quote it", lambda s, p: p.symlink_to(s.yard.canary)),
    "link to itself": ("leads nowhere", lambda _, p: p.symlink_to(p)),
    "process": ("is of the harness itself", lambda _, p: p.symlink_to("/proc/self/mem")),
}
for _name, (_tries, _make) in _KINDS.items():
    DOOR.tries(_name, _tries)(_refused(_name.replace(" ", "-"), _make))
