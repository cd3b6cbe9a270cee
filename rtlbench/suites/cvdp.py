"""Reader of CVDP's native JSONL, non-agentic code generation: a datapoint a line, with its own
cocotb harness, which is the judge.

Guarantee: the words are the suite's own, the context files below them. Where a datapoint is in two
files, the one with a solution is read.

Limits: what needs a commercial simulator, is agentic, or has no harness is listed by `not_judged`
and read as no Spec. An answer is one text; where several files are asked for, it is the first of
them, and the others are empty. CVDP states no ports; they are the solution's, where there is one.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.cache import kept
from rtlbench.records.spec import Difficulty, Spec, Testbench
from rtlbench.suites.interface import digest_of_texts, ports_of, with_roles
from rtlbench.suites.native import read_text

RTL = (".v", ".sv", ".vh", ".svh")
_COMMERCIAL = re.compile(
    r"__VERIF_EDA_IMAGE__|\b(?:xcelium|xrun|vcs|questa|jaspergold|imc)\b", re.I
)
_SETTING = re.compile(r"^\s*(\w+)\s*=\s*(.*?)\s*$", re.M)
_DIFFICULTIES: dict[str, Difficulty] = {"easy": "easy", "medium": "medium", "hard": "hard"}
_MODULE = re.compile(r"\bmodule\s+(?:automatic\s+)?(\w+)")


class Datapoint(msgspec.Struct, frozen=True, kw_only=True):
    """One line, as far as it is used."""

    id: str
    categories: list[str] = []
    input: dict[str, Any] | None = None
    output: dict[str, Any] | None = None
    harness: dict[str, Any] | None = None
    patch: Any = None

    @property
    def files(self) -> dict[str, str]:
        """The harness's files."""
        found = (self.harness or {}).get("files") or {}
        return {n: t for n, t in found.items() if isinstance(t, str)}

    @property
    def wanted(self) -> dict[str, str]:
        """The files that an answer is made of; their solutions, where there are any."""
        return _texts((self.output or {}).get("context"))

    @property
    def context(self) -> dict[str, str]:
        """The files that come with the words."""
        return _texts((self.input or {}).get("context"))


def _texts(files: Any) -> dict[str, str]:
    return {n: t or "" for n, t in (files or {}).items() if isinstance(t, str | None)}


def read_cvdp(folder: Path | None) -> tuple[Spec, ...]:
    """The datapoints below `folder`, or of that file, in order of their names, that can be judged.

    Raises:
        UserError: No folder is given, nothing of CVDP is there, or a line is broken.
    """
    if folder is None:
        raise UserError("--suite cvdp needs its folder or file: --suite cvdp=FOLDER")
    found = datapoints(folder)
    if not found:
        raise UserError(f"--suite cvdp={folder}: no JSONL of CVDP below that folder")
    judged = [d for d in found if not reason_not_judged(d)]
    if not judged:
        raise UserError(f"--suite cvdp={folder}: nothing that can be judged: {told_of(found)}")
    texts = [msgspec.json.encode(d).decode() for d in judged]
    return kept(digest_of_texts(texts), lambda: with_roles([_spec(d) for d in judged]), "public")


def datapoints(folder: Path) -> list[Datapoint]:
    """All datapoints, one of each name."""
    found: dict[str, Datapoint] = {}
    for file in problem_files(folder):
        for number, line in enumerate(read_text(file).splitlines(), 1):
            if line.strip():
                one = _datapoint(f"{file}:{number}", line)
                if one.id not in found or any(one.wanted.values()):
                    found[one.id] = one
    return [found[name] for name in sorted(found)]


def problem_files(folder: Path) -> list[Path]:
    """CVDP's files below a folder."""
    files = [folder] if folder.is_file() else sorted(folder.rglob("*cvdp*.jsonl"))
    return [f for f in files if f.is_file()]


def _datapoint(where: str, line: str) -> Datapoint:
    try:
        return msgspec.json.decode(line, type=Datapoint)
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise UserError(f"{where}: not of CVDP ({e})") from e


def reason_not_judged(datapoint: Datapoint) -> str:
    """Why nothing here can judge an answer to it; empty where the harness can."""
    if datapoint.patch is not None or datapoint.input is None:
        return "agentic"
    files = datapoint.files
    if not any(n.endswith(".py") for n in files):
        return "no harness in Python"
    if _COMMERCIAL.search("\n".join((*files.values(),))):
        return "needs a commercial tool"
    if not [n for n in datapoint.wanted if n.endswith(RTL)]:
        return "asks for no RTL"
    return ""


def not_judged(folder: Path) -> dict[str, list[str]]:
    """The names of datapoints that are read as no Spec, by category and reason."""
    found: dict[str, list[str]] = {}
    for datapoint in datapoints(folder):
        if why := reason_not_judged(datapoint):
            found.setdefault(f"{_category(datapoint)}: {why}", []).append(datapoint.id)
    return found


def told_of(found: list[Datapoint]) -> str:
    """How many are not judged, and why, in one line."""
    reasons = Counter(why for d in found if (why := reason_not_judged(d)))
    return ", ".join(f"{count} {why}" for why, count in sorted(reasons.items())) or "none"


def _category(datapoint: Datapoint) -> str:
    return next((c for c in datapoint.categories if c not in _DIFFICULTIES), "cvdp")


def _spec(datapoint: Datapoint) -> Spec:
    wanted = {n: t for n, t in datapoint.wanted.items() if n.endswith(RTL)}
    golden = "\n".join(t for t in wanted.values() if t.strip())
    files = {n: t for n, t in datapoint.files.items() if n != "Dockerfile"}
    context = {f"code/{n}": t for n, t in datapoint.context.items()}
    top = _top(datapoint, wanted)
    levels = (_DIFFICULTIES[c] for c in datapoint.categories if c in _DIFFICULTIES)
    return Spec(
        id=datapoint.id,
        category=_category(datapoint),
        family=datapoint.id,
        difficulty=next(levels, "medium"),
        title=datapoint.id.removeprefix("cvdp_").replace("_", " "),
        prompt=_prompt(datapoint),
        top=top,
        ports=ports_of(golden, top) if golden else (),
        golden=golden,
        testbench=Testbench(
            text="", files={**context, **files}, targets=tuple(f"code/{n}" for n in wanted)
        ),
        suite="cvdp",
    )


def _top(datapoint: Datapoint, wanted: dict[str, str]) -> str:
    """The module that an answer must define: the harness's top, unless the context has that."""
    settings = dict(_SETTING.findall(datapoint.files.get("src/.env", "")))
    top = settings.get("TOPLEVEL", "").strip("\"'")
    elsewhere = {m for n, t in datapoint.context.items() if n not in wanted
                 for m in _MODULE.findall(t)}  # fmt: skip
    return top if top and top not in elsewhere else PurePosixPath(next(iter(wanted))).stem


def _prompt(datapoint: Datapoint) -> str:
    words = str((datapoint.input or {}).get("prompt", ""))
    shown = [f"\n\n{name}:\n```\n{text.rstrip()}\n```" for name, text in datapoint.context.items()]
    return words + "".join(shown)
