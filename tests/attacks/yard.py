"""The place where attacks are let loose: canaries in it, and a look at what became of them."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec
from platformdirs import user_cache_dir

from rtlbench.checks.golden_netlists import GoldenNetlists, netlist_digest
from rtlbench.io.cache import SEAL_BYTES
from rtlbench.io.untrusted import MAX_MESSAGE
from rtlbench.records.verdict import Verdict
from rtlbench.sandbox.process import Limits
from rtlbench.sandbox.sandbox import private_folder
from rtlbench.simulation.kept_plan import kept_plan, plan_digest
from rtlbench.simulation.simulators import get_simulator
from rtlbench.suites.families import load_suite

MARK = "rtlbench_owned"
"""The name of every file that an attack would make."""
RUNTIME = "home/.cache/rtlbench/verilator/"
"""Where the harness keeps Verilator's own part compiled (rtlbench.simulation.verilator_runtime)."""
STIMULUS = "home/.cache/rtlbench/stimulus/"
"""Where it keeps what it plays (rtlbench.simulation.kept_plan)."""
NETLISTS = "home/.cache/rtlbench/netlists/"
"""Where it keeps what Yosys made of the goldens (rtlbench.checks.golden_netlists)."""
_HOST_WORDS = ("root:x:0", "/etc/passwd: ")


class Yard:
    """A home, a current folder and a folder for temporary files, with a secret in each."""

    def __init__(self, root: Path, secret: str) -> None:
        self.root = root
        self.secret = secret
        self.home, self.cwd, self.temp = (root / n for n in ("home", "cwd", "temp"))
        self.canary = self.home / "canary.txt"
        self.owned = self.home / MARK

    @classmethod
    def laid_out(cls, root: Path) -> Yard:
        """A new yard in `root`."""
        yard = cls(root, secrets.token_hex(8))
        for folder in (yard.home, yard.cwd, yard.temp):
            folder.mkdir(parents=True)
            (folder / "canary.txt").write_text(f"{yard.secret}\n")
        return yard

    def environment(self) -> dict[str, str]:
        """The environment of whoever works in the yard; the secret is in it too."""
        places = {"HOME": str(self.home), "TMPDIR": str(self.temp), "ATTACK_SECRET": self.secret}
        return {**os.environ, **places}

    def effects(self, expected: tuple[str, ...] = ()) -> list[str]:
        """What is not as it was: canaries touched, files new or gone.

        Args:
            expected: Folders and files below the root that may be there, by their beginnings.
        """
        found = [f"{path} is new" for path in (Path("/tmp") / MARK, Path("/") / MARK)
                 if path.exists()]
        for folder in (self.home, self.cwd, self.temp):
            canary = folder / "canary.txt"
            if not canary.is_file() or canary.read_text() != f"{self.secret}\n":
                found.append(f"{canary.relative_to(self.root)} was touched")
        known = {str(f.relative_to(self.root) / "canary.txt")
                 for f in (self.home, self.cwd, self.temp)}
        for path in self.root.rglob("*"):
            name = str(path.relative_to(self.root))
            if name.startswith(RUNTIME) and path.read_bytes() == _runtime(path.name):
                continue  # the harness's own, and whole
            if name.startswith(STIMULUS) and path.read_bytes() == _stimulus(path.stem):
                continue
            if name.startswith(NETLISTS) and _said(path) == _netlist(path.stem):
                continue
            if path.is_file() and name not in known and not name.startswith(expected):
                found.append(f"{name} is new")
        return found

    def leaks(self, verdict: Verdict) -> Iterator[str]:
        """What a Verdict holds that came from the host, or that would fool its reader."""
        texts = [*(f.message for f in verdict.findings),
                 *(str(v) for c in verdict.checks.values() for v in c.detail.values())]
        for text in texts:
            if self.secret in text or any(w in text for w in _HOST_WORDS):
                yield "what a file or the environment holds"
            if any(not c.isprintable() and c != "\n" for c in text):
                yield "a control character"
        for finding in verdict.findings:
            if "\n" in finding.message or len(finding.message) > MAX_MESSAGE:
                yield "a message of several lines or without an end"


def _runtime(name: str) -> bytes | None:
    """The file of that name as it is where nothing attacks; None where there is none."""
    with private_folder() as folder:
        (folder / "plain.sv").write_text("module plain(input a, output b); assign b = a; endmodule")
        get_simulator("verilator").build(
            folder, "plain.sv", "plain", Limits(wall=60.0, cpu=10, memory=1 << 30)
        )
    return _kept(f"verilator/{name}")


def _stimulus(digest: str) -> bytes | None:
    """The same for the stimulus of a task of the suite."""
    for spec in load_suite():
        if plan_digest(spec) == digest:
            kept_plan(spec)
    return _kept(f"stimulus/{digest}.msgpack")


def _netlist(digest: str) -> str | None:
    """What is said in the same for the netlist of a golden of the suite."""
    for spec in load_suite():
        if netlist_digest(spec.digest()) == digest:
            GoldenNetlists().of(spec)
    return _said(Path(user_cache_dir("rtlbench")) / "netlists" / f"{digest}.msgpack")


def _said(path: Path) -> str | None:
    """A kept file, but for the number that the golden had among those that were made with it."""
    if not path.is_file():
        return None
    said = msgspec.msgpack.decode(path.read_bytes()[SEAL_BYTES:])
    return re.sub(r"unit\d+", "unit", str(said))


def _kept(name: str) -> bytes | None:
    own = Path(user_cache_dir("rtlbench")) / name
    return own.read_bytes() if own.is_file() else None
