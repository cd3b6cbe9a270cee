"""A finished run with one thing changed: lines dropped, doubled, put elsewhere, cut; or a field
of a Verdict or of run.json with another value. Where that would change a figure it is refused."""

from __future__ import annotations

import json
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from fuzz.choices import Choices
from fuzz.lines import REARRANGEMENTS, rearrange
from fuzz.target import Target
from rtlbench.errors import UserError
from rtlbench.records.verdict import CheckResult, Outcome, Verdict
from rtlbench.runs.finished import JudgedRun, read_run
from rtlbench.runs.results import RUN, ResultsFolder, Run, RunConfig
from rtlbench.runs.samples import SAMPLES
from rtlbench.scoring import WEIGHTS, figures_of
from rtlbench.statistics import Judged, by_category, summarise

_CONFIG = RunConfig(
    suite="s", suite_hash="0", simulator="icarus", seed=0, samples=2, candidates="a.jsonl",
    tools={"yosys": "0.23"}, weights=WEIGHTS,
)  # fmt: skip
_CHECKS = ("syntax", "safety", "ports", "lint", "synthesis", "simulation")
ANSWERS = 24
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, 2, -1, 0.0, 0.5, 1.0, 1e9, "", "pass", "fail", "error", "x", {}, [],
)  # fmt: skip


class ChangedRun(msgspec.Struct, frozen=True):
    """The two files after one change."""

    samples: str
    run: str
    what: str = ""
    """The change, in words."""


def make(c: Choices) -> ChangedRun:
    """One change of a whole run."""
    samples, run = whole()
    lines = samples.splitlines()
    what = c.pick((*REARRANGEMENTS, "cut", "field", "field", "check", "run", "run"))
    if what == "cut":
        text = samples[: c.integer(0, len(samples) - 1)]
        return ChangedRun(text, run, what)
    if what == "run":
        return ChangedRun(samples, _other_run(c, json.loads(run)), what)
    at = rearrange(c, lines, what)
    if what not in REARRANGEMENTS:
        lines[at] = _other_line(c, json.loads(lines[at]), in_check=what == "check")
    return ChangedRun("".join(f"{line}\n" for line in lines), run, what)


def _other_line(c: Choices, line: dict[str, Any], *, in_check: bool) -> str:
    place = line["checks"][c.pick(tuple(line["checks"]))] if in_check else line
    _change(c, place)
    return json.dumps(line)


def _other_run(c: Choices, run: dict[str, Any]) -> str:
    _change(c, c.pick((run, run["config"], run["total"], run["total"]["score"], run["record"])))
    return json.dumps(run)


def _change(c: Choices, place: dict[str, Any]) -> None:
    name = c.pick(tuple(place))
    if c.one_in(6):
        del place[name]
    else:
        place[name] = c.pick(VALUES)


def check(case: ChangedRun) -> bool:
    """True where the change was refused.

    Raises:
        AssertionError: It was not, and a figure is another.
    """
    with tempfile.TemporaryDirectory(prefix="rtlbench-fuzz-") as name:
        folder = Path(name)
        (folder / SAMPLES).write_text(case.samples)
        (folder / RUN).write_text(case.run)
        try:
            found = read_run(folder, "run")
        except UserError as e:
            assert str(e).startswith(str(folder)), e
            return True
    assert _told(found) == _told(_as_made()), f"{case.what}: another figure, and nothing is told"
    return False


def _told(run: JudgedRun) -> tuple[Any, ...]:
    """All that figures are made of."""
    said = msgspec.structs.replace(run.run, schema_version=0)
    return run.answers, run.errors, run.unjudged, said


@lru_cache(maxsize=1)
def whole() -> tuple[str, str]:
    """samples.jsonl and run.json of a finished run."""
    with tempfile.TemporaryDirectory(prefix="rtlbench-fuzz-") as name:
        folder = ResultsFolder(Path(name))
        run = Run(status="running", started="t", rtlbench="0", config=_CONFIG, isolation="none")
        folder.open(run)
        made = [_verdict(k) for k in range(ANSWERS)]
        folder.append(made)
        judged = [Judged.of(v) for v in made]
        folder.write_run(msgspec.structs.replace(
            run, status="finished", total=summarise(judged), categories=by_category(judged)
        ))
        return folder.samples.read_text(), (folder.path / RUN).read_text()


@lru_cache(maxsize=1)
def _as_made() -> JudgedRun:
    with tempfile.TemporaryDirectory(prefix="rtlbench-fuzz-") as name:
        for file, text in zip((SAMPLES, RUN), whole(), strict=True):
            (Path(name) / file).write_text(text)
        return read_run(Path(name), "run")


def _verdict(k: int) -> Verdict:
    outcomes = (Outcome.PASS, Outcome.FAIL, Outcome.PASS, Outcome.TIMEOUT, Outcome.ERROR)
    last = outcomes[k % len(outcomes)]
    checks = {n: CheckResult(name=n, outcome=Outcome.PASS, value=1.0) for n in _CHECKS}
    checks["simulation"] = CheckResult(
        name="simulation", outcome=last, value=float(last is Outcome.PASS)
    )
    weights = {n: WEIGHTS[n] for n in _CHECKS}
    return Verdict(
        spec_id=f"t{k // 2}", sample=k % 2, model="m",
        **msgspec.structs.asdict(figures_of(checks, weights)),
        checks=checks, findings=(), category=("fsm", "fifo")[k % 4 // 2], key=f"k{k}",
        weights=weights,
    )  # fmt: skip


TARGET = Target(case=ChangedRun, make=make, check=check, share=2)
