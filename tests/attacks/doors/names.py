"""Names of files given to `rtlbench verify`, and files there that are none."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.attacks.doors.door import SPEC_ID, WRONG_ANSWER, Door, Scene

_NAMES = {
    "terminal escape": b"\x1b[2J\x1b]0;owned\x07.sv",
    "forged line": b"a\nupdown_w4_sync sample 0 (m): pass, score 1.000.sv",
    "not UTF-8": b"\xff\xfe.sv",
    "right to left": "\u202evs.tuo".encode(),
    "markup": b"<script>alert(1)<.sv",
    "option": b"--json.sv",
    "shell": b"$(touch rtlbench_owned);`touch rtlbench_owned`.sv",
    "long": b"n" * 250 + b".sv",
}


_OF_JSON = ("a line without an end", repr("\u202e"))


def _together(scene: Scene) -> dict[str, list[str]]:
    places = [os.fsencode(scene.path("names")) + b"/" + name for name in _NAMES.values()]
    (scene.yard.cwd / "names").mkdir()
    for place in places:
        Path(os.fsdecode(place)).write_text(WRONG_ANSWER)
    files = [Path(os.fsdecode(p)) for p in places]
    shown = scene.rtlbench("verify", "--spec", SPEC_ID, "--", *files)
    listed = scene.rtlbench("verify", "--spec", SPEC_ID, "--json", "--", *files)
    # JSON is for programs: one line may be long, and what no terminal obeys stands as it is.
    wrongs = [*shown.wrongs, *(w for w in listed.wrongs if not w.endswith(_OF_JSON))]
    wrongs += [] if shown.code == 1 else [f"it ended with {shown.code}: {shown.told[-200:]!r}"]
    outcomes = {v["outcome"] for v in json.loads(listed.told)} if listed.code == 1 else {"nothing"}
    wrongs += [f"{o} among the outcomes" for o in outcomes - {"fail"}]
    return {DOOR.attempts[0].name: wrongs}


DOOR = Door("names of files", _together)
for _name in _NAMES:
    DOOR.add(f"name: {_name}", "has its name do something where it is shown")


def _refused(scene: Scene, path: Path) -> list[str]:
    ran = scene.rtlbench("verify", "--spec", SPEC_ID, path)
    return [*ran.wrongs, *([] if ran.code == 2 else [f"it ended with {ran.code}"])]


@DOOR.tries("no such file, with an escape", "has the message clear the screen")
def _missing(scene: Scene) -> list[str]:
    return _refused(scene, Path("\x1b[2Jnone.sv"))


@DOOR.tries("endless file", "takes all memory")
def _endless(scene: Scene) -> list[str]:
    return _refused(scene, Path("/dev/zero"))


@DOOR.tries("pipe", "never says anything")
def _pipe(scene: Scene) -> list[str]:
    path = scene.path("pipe.sv")
    os.mkfifo(path)
    return _refused(scene, path)


@DOOR.tries("large file", "takes all memory")
def _large(scene: Scene) -> list[str]:
    path = scene.path("large.sv")
    with path.open("wb") as file:
        file.truncate(1 << 36)
    ran = scene.rtlbench("verify", "--spec", SPEC_ID, path)
    path.unlink()
    return [*ran.wrongs, *([] if ran.code == 1 else [f"it ended with {ran.code}"])]
