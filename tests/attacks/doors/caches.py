"""The folder in which rendered Specs are kept: a golden that is changed there."""

from __future__ import annotations

import hashlib
from pathlib import Path

from rtlbench.io.cache import SEAL_BYTES
from tests.attacks.doors.door import SPEC_ID, WRONG_ANSWER, Door, Scene

DOOR = Door("caches")


def _poisoned(scene: Scene, name: str, *, sealed: bool) -> list[str]:
    """Whether a wrong answer passes once the golden that is kept is as wrong."""
    answer = scene.path(f"{name}.sv")
    answer.write_text(WRONG_ANSWER)
    scene.rtlbench("verify", "--spec", SPEC_ID, answer)  # has the Specs kept
    for file in (scene.yard.home / ".cache" / "rtlbench" / "suites").glob("*.msgpack"):
        _poison(file, sealed=sealed)
    ran = scene.rtlbench("verify", "--spec", SPEC_ID, answer)
    return [*ran.wrongs, *([] if ran.code == 1 else [f"it ended with {ran.code}"])]


def _poison(file: Path, *, sealed: bool) -> None:
    data = file.read_bytes()[SEAL_BYTES:].replace(b"q <= q - 1'b1;", b"q <= q - 4'd2;")
    seal = hashlib.blake2b(data, digest_size=SEAL_BYTES).digest() if sealed else bytes(SEAL_BYTES)
    file.write_bytes(seal + data)
    if sealed:
        file.parent.chmod(0o777)


@DOOR.tries("another golden", "has the golden of a Spec be a wrong one")
def _plain(scene: Scene) -> list[str]:
    return _poisoned(scene, "golden", sealed=False)


@DOOR.tries("another golden, well sealed", "has an account that may write there change a golden")
def _sealed(scene: Scene) -> list[str]:
    return _poisoned(scene, "sealed", sealed=True)
