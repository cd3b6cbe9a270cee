"""A results folder, whatever stands in it: it opens, or says in one message what is wrong; nothing
that stood there is lost; and what is recorded then is there once, and read back as it was."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import msgspec

from fuzz.choices import Choices
from fuzz.containers import broken
from fuzz.target import Target
from rtlbench.errors import UserError
from rtlbench.records.verdict import CheckResult, Finding, Outcome, Severity, Verdict
from rtlbench.runs.results import RUN, RUN_TORN, ResultsFolder, Run, RunConfig
from rtlbench.runs.samples import SAMPLES, TORN
from rtlbench.runs.sums import SUMS, sum_of
from rtlbench.scoring import figures_of

_CONFIG = RunConfig(
    suite="s", suite_hash="0", simulator="icarus", seed=0, samples=None, candidates="a.jsonl",
    tools={"yosys": "0.23"}, weights={"syntax": 1.0},
)  # fmt: skip
_RUN = Run(status="running", started="2026-01-01", rtlbench="0", config=_CONFIG, isolation="none")
_KEYS = ("a", "b", "c", "", "\x1b[2J", "\u2028", "k" * 300)
_WORDS = ("m", "", "\n", "\x00", "\x1b]0;x\x07", "\u202e", "pass", "\U0001f600")
_ODD = (
    b"", b"\n", b" \n", b"\r\n", b"{}\n", b"[]\n", b"null\n", b'{"key": 1}\n', b'{"key": "a"}\n',
    b'{"key": "a", "outcome": "\x1b"}\n', b"\xff\n", b"[" * 5000 + b"\n", b'{"x":' * 3000 + b"\n",
    b"\0" * 40, b"\0\n", b"{", b'{"spec_id": "half', b'{"key":"a","key":"b"}\n', b"\xef\xbb\xbf",
)  # fmt: skip
_NEW = ("new", "a")


class FolderCase(msgspec.Struct, frozen=True):
    """The files of a results folder; None where one is not there."""

    samples: bytes | None
    run: bytes | None
    sums: bytes | None = None


def make(c: Choices) -> FolderCase:
    """Verdicts among rubbish, torn and damaged, under a run.json that fits or does not."""
    samples = b"".join(_line(c) for _ in range(c.integer(0, 8)))
    if c.one_in(4):
        samples = broken(c, samples)
    run = msgspec.json.encode(_RUN)
    if c.one_in(4):
        run = broken(c, run)
    sums = b"".join(sum_of(line) + b"\n" for line in samples.splitlines() if not c.one_in(9))
    if c.one_in(9):
        sums = broken(c, sums)
    return FolderCase(
        None if c.one_in(9) else samples,
        None if c.one_in(3) else run,
        None if c.one_in(3) else sums,
    )


def _line(c: Choices) -> bytes:
    if c.one_in(5):
        return c.pick(_ODD)
    line = msgspec.json.encode(_verdict(c, c.pick(_KEYS))) + b"\n"
    return broken(c, line) if c.one_in(16) else line


def _verdict(c: Choices, key: str) -> Verdict:
    outcome = c.pick(tuple(Outcome))
    claimed = c.pick(tuple(Outcome)) if c.one_in(12) else outcome
    finding = Finding("lint.x", Severity.WARNING, c.pick(_WORDS), 1, 1)
    result = CheckResult(name="syntax", outcome=outcome, value=1.0, findings=(finding,))
    made = _judged(key, result)
    return msgspec.structs.replace(
        made, spec_id=c.pick((None, *_WORDS)), sample=c.integer(0, 3), model=c.pick(_WORDS),
        outcome=claimed, weights={} if c.one_in(20) else made.weights,
    )  # fmt: skip


def _judged(key: str, result: CheckResult) -> Verdict:
    """The Verdict of one Check."""
    weights = {result.name: 1.0}
    return Verdict(
        spec_id="s", sample=0, model="m", **msgspec.structs.asdict(
            figures_of({result.name: result}, weights)
        ), checks={result.name: result}, findings=result.findings, key=key, weights=weights,
    )  # fmt: skip


def check(case: FolderCase) -> bool:
    """True where the folder could be used."""
    with tempfile.TemporaryDirectory(prefix="rtlbench-fuzz-") as name:
        path = Path(name) / "results"
        path.mkdir()
        for file, data in ((SAMPLES, case.samples), (RUN, case.run), (SUMS, case.sums)):
            if data is not None:
                (path / file).write_bytes(data)
        try:
            return _check_folder(path)
        except UserError as e:
            _check_message(str(e), path)
            return False
        finally:
            _check_kept(case, path)


def _check_folder(path: Path) -> bool:
    """Open the folder, look at all of it, add to it, and look again.

    Raises:
        UserError: The folder says that it cannot be used.
    """
    folder = ResultsFolder(path)
    folder.open(_RUN)
    now = folder.read_run()
    assert now is not None
    assert msgspec.structs.replace(now, seal="") == _RUN
    recorded = dict(folder.recorded())
    before = list(folder.verdicts())
    assert len({v.key for v in before if v.key}) == sum(bool(v.key) for v in before)
    named = {v.key for v in before if v.key and v.outcome is not Outcome.ERROR}
    assert named == set(recorded), "what counts and what is gone by are two things"
    for key, offset in recorded.items():
        assert folder.read_at(offset).key == key
    _check_append(folder, before)
    return True


def _check_append(folder: ResultsFolder, before: list[Verdict]) -> None:
    """What is new is there, once, and everybody sees it; what was there stays."""
    known = set(folder.recorded())
    made = [_plain(key) for key in _NEW]
    folder.append(made)
    folder.append(made)
    again = ResultsFolder(folder.path)
    again.open(_RUN)
    assert not again.repairs, f"what was mended is torn again: {again.repairs}"
    assert dict(again.recorded()) == dict(folder.recorded())
    found = list(again.verdicts())
    fresh = [v for v in made if v.key not in known]
    replaced = {v.key for v in fresh}
    assert sorted(map(msgspec.json.encode, found)) == sorted(
        map(msgspec.json.encode, [*(v for v in before if v.key not in replaced), *fresh])
    )


def _plain(key: str) -> Verdict:
    return _judged(key, CheckResult(name="syntax", outcome=Outcome.PASS, value=1.0))


def _check_message(told: str, path: Path) -> None:
    """It names the file, and of samples.jsonl a line that is there."""
    assert told.startswith(str(path)), told
    place = re.match(rf"{re.escape(str(path / SAMPLES))}:(\d+): ", told)
    if place is not None:
        rows = (path / SAMPLES).read_bytes().split(b"\n")
        assert rows[int(place[1]) - 1].strip(), f"line {place[1]} is blank"


def _check_kept(case: FolderCase, path: Path) -> None:
    """Every line that stood there stands there still, or was moved aside."""
    now = (_read(path / SAMPLES) + b"\n" + _read(path / TORN)).split(b"\n")
    lost = [row for row in (case.samples or b"").split(b"\n") if row.strip() and row not in now]
    assert not lost, f"lost: {lost[0][:200]!r}"
    if case.run is not None and (path / RUN_TORN).is_file():
        assert _read(path / RUN_TORN) == case.run


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


TARGET = Target(case=FolderCase, make=make, check=check, share=3)
