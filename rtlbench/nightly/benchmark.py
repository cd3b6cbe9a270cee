"""Benchmark: the night's model, the last one that was published, and the mainline model, alike.
Gate: whether the night's may be published, by the library's gate and a policy.

What an earlier night has measured of a model counts again where it can be compared: the same
model by the hash of its files, the same tasks, sampling and tools.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.gate.policy import Policy, read_policy
from rtlbench.gate.rules import Change, GateReport, Requirement, judge_gate
from rtlbench.gate.runs import differences, refuse_differences
from rtlbench.gate.text import figure_name, gate_table
from rtlbench.generate.adapters import folder_revision
from rtlbench.generate.answer import Generator
from rtlbench.io.atomic import write_record
from rtlbench.nightly.night import Ended, Night, project_file
from rtlbench.nightly.publish import published
from rtlbench.nightly.train import recipe
from rtlbench.pipeline.stages import OUT, RTLBENCH, UNJUDGED, Stage
from rtlbench.runs.finished import JudgedRun, read_run
from rtlbench.runs.results import ResultsFolder
from rtlbench.statistics import Figure, by_category, summarise

PLACE = "benchmark"
RESULTS = "results"
CANDIDATE, LAST, MAINLINE = "candidate", "last_nightly", "mainline"


def benchmark(night: Night) -> Ended:
    """Judge answers of all three; the results' folders below the root, by model.

    Raises:
        UserError: A benchmark failed.
    """
    if not night.state.result("train").get("model"):
        return Ended(message="no model tonight: nothing to judge")
    candidate = _judged(night, CANDIDATE, night.paths.model)
    found = {CANDIDATE: candidate}
    reused: list[str] = []
    for name, adapter in baselines(night):
        before = _measured(night, name, candidate, adapter)
        reused += [name] if before is not None else []
        found[name] = before or _judged(night, name, adapter)
    metrics = {name: figures(run) for name, run in found.items()}
    result: dict[str, Any] = {
        "results": {n: night.paths.named(Path(run.folder)) for n, run in found.items()},
        "reused": reused,
        "metrics": metrics,
        "intervals": {name: intervals(run) for name, run in found.items()},
        "tools": candidate.run.config.tools,
        "suite_hash": candidate.run.config.suite_hash,
    }
    return Ended(message=_told(metrics, reused), result=result)


def plan_benchmark(night: Night) -> list[str]:
    """What would be done."""
    model = night.paths.model
    lines = [f"$ {night.shown(command(night, CANDIDATE, model), PLACE)}"]
    for name, adapter in baselines(night):
        what = adapter.name if adapter is not None else "the base"
        lines.append(f"{name} ({what}), unless an earlier night's results can be compared:")
        lines.append(f"$ {night.shown(command(night, name, adapter), PLACE)}")
    return lines


def baselines(night: Night) -> Iterator[tuple[str, Path | None]]:
    """What the night's model is held against, by name, with its adapter.

    Raises:
        UserError: `latest_nightly` is no link to a model, or the mainline adapter is not there.
    """
    last = published(night.paths.latest)
    if last is not None:
        yield LAST, last
    named = night.settings.mainline
    mainline = night.paths.root / named if named else None
    if mainline is not None and not mainline.is_dir():
        raise UserError(f"--mainline {named}: there is no such folder in {night.paths.root}")
    yield MAINLINE, mainline


def command(night: Night, name: str, adapter: Path | None) -> Stage:
    """The benchmark of one model."""
    settings, model = night.settings, recipe(night).model
    chosen = " or ".join(f"[{category}/" for category in settings.categories)
    argv = [
        *RTLBENCH, "bench", "--suite", settings.suite, "--model", model.base,
        *(["--adapter", str(adapter)] if adapter is not None else []),
        *(["--load-in-4bit"] if model.four_bit else []),
        "--samples", str(settings.samples), "--results", f"{OUT}/{RESULTS}",
        "-n", settings.processes, *settings.bench_option,
        *(["-k", chosen] if chosen else []),
    ]  # fmt: skip
    return Stage(name=name, argv=tuple(argv), tolerates=UNJUDGED)


def figures(run: JudgedRun) -> dict[str, float | None]:
    """The figures of a run that people look at first."""
    return {name: figure.value for name, figure in _figures(run).items()}


def intervals(run: JudgedRun) -> dict[str, tuple[float, float]]:
    """Their 95% intervals."""
    return {
        name: (figure.low, figure.high)
        for name, figure in _figures(run).items()
        if figure.low is not None and figure.high is not None
    }


def _figures(run: JudgedRun) -> dict[str, Figure]:
    answers = list(run.answers.values())
    found = {"": summarise(answers)} if answers else {}
    found |= {f"/{name}": summary for name, summary in sorted(by_category(answers).items())}
    return {
        f"{name}{of}": figure
        for of, summary in found.items()
        for name, figure in (("functional", summary.functional), ("score", summary.score))
    }


def _judged(night: Night, name: str, adapter: Path | None) -> JudgedRun:
    work = night.run([command(night, name, adapter)], PLACE)
    return read_run(work / name / RESULTS, name)


def _measured(
    night: Night, name: str, candidate: JudgedRun, adapter: Path | None
) -> JudgedRun | None:
    """A finished run of the model in an earlier night that can be compared with `candidate`."""
    wanted = _generator(candidate, adapter)
    if wanted is None or (night.paths.night / PLACE / name).exists():
        return None
    for folder in _earlier(night):
        try:
            before = ResultsFolder(folder).read_run()
            if before is None or not _is_same(before.config.generator, wanted):
                continue
            run = read_run(folder, name)
        except UserError:
            continue
        if not run.note and not differences(candidate, run):
            return run
    return None


def _earlier(night: Night) -> Iterator[Path]:
    """Results of earlier nights, the latest first."""
    for date in reversed(night.paths.nights()):
        if date != night.paths.date:
            for name in (CANDIDATE, LAST, MAINLINE):
                folder = night.paths.of(date).night / PLACE / name / RESULTS
                if folder.is_dir():
                    yield folder


def _generator(candidate: JudgedRun, adapter: Path | None) -> Generator | None:
    """Who answers, where the base answers with another adapter."""
    own = candidate.run.config.generator
    if own is None:
        return None
    revision = folder_revision(adapter) if adapter is not None else ""
    name = adapter.name if adapter is not None else None
    return msgspec.structs.replace(own, adapter=name, adapter_revision=revision)


def _is_same(one: Generator | None, other: Generator) -> bool:
    """Whether two answer alike; what a folder is called plays no part."""
    if one is None or (one.adapter is None) != (other.adapter is None):
        return False
    return msgspec.structs.replace(one, adapter=other.adapter) == other


def _told(metrics: dict[str, dict[str, float | None]], reused: list[str]) -> str:
    parts = []
    for name, found in metrics.items():
        value = found.get("functional")
        shown = "-" if value is None else f"{value:.3f}"
        parts.append(f"{name} {shown}" + (" (measured before)" if name in reused else ""))
    return f"functional: {', '.join(parts)}"


TOLD = 3
"""Reasons that are told in the line of the stage."""


class NightGate(msgspec.Struct, frozen=True, kw_only=True):
    """gate.json of a night."""

    passed: bool
    reasons: tuple[str, ...]
    """Each rule that was not met."""
    reports: dict[str, GateReport]
    """By baseline."""


def gate(night: Night) -> Ended:
    """Judge the night's results, and write gate.json.

    Raises:
        UserError: That cannot be said: a run is not fit to be judged, or two cannot be compared.
    """
    results = night.state.result("benchmark").get("results")
    if not results:
        return Ended(message="no model tonight: nothing to let through")
    policy = policy_of(night)
    candidate = _run(night, results[CANDIDATE], CANDIDATE)
    reports: dict[str, GateReport] = {}
    for name, folder in results.items():
        if name != CANDIDATE:
            before = _run(night, folder, name)
            refuse_differences(candidate, before, ())
            reports[name] = judge_gate(_beside(policy, name), candidate, before)
    reasons = tuple(dict.fromkeys(r for n, report in reports.items() for r in _missed(n, report)))
    passed = all(report.passed for report in reports.values()) and bool(reports)
    write_record(night.paths.gate, NightGate(passed=passed, reasons=reasons, reports=reports))
    message = "pass" if passed else f"fail: {_shortly(reasons)}"
    return Ended(message=message, result={"passed": passed, "reasons": list(reasons)})


def plan_gate(night: Night) -> list[str]:
    """What would be done."""
    policy = policy_of(night)
    lines = [f"by {_policy_file(night)}:"]
    lines += [f"  {figure_name(f)}, all: at least {v:g}" for f, v in policy.require.items()]
    for category, rules in policy.category.items():
        lines += [f"  {figure_name(f)}, {category}: at least {v:g}" for f, v in rules.items()]
    for figure, least in policy.weakest_category.items():
        lines.append(f"  {figure_name(figure)}, weakest category: at least {least:g}")
    beside = ", ".join(map(figure_name, policy.baseline.figures))
    lines.append(f"  {beside}: of no category worse than either baseline's, beyond chance")
    for figure in policy.baseline.not_below:
        lines.append(f"  {figure_name(figure)}, all: not below the last nightly's")
    return lines


def reports_of(night: Night) -> list[str]:
    """What the gate said, beside each baseline, as text."""
    said = msgspec.json.decode(night.paths.gate.read_bytes(), type=NightGate)
    return [gate_table(report) for report in said.reports.values()]


def _run(night: Night, folder: str, name: str) -> JudgedRun:
    """A finished run; in reports its folder is the one below the root."""
    return msgspec.structs.replace(read_run(night.paths.placed(folder), name), folder=folder)


def _policy_file(night: Night) -> Path:
    return project_file(night.paths.root, night.settings.policy)


def policy_of(night: Night) -> Policy:
    """What a model must show.

    Raises:
        UserError: The file is not there, or makes no sense.
    """
    return read_policy(_policy_file(night))


def _beside(policy: Policy, name: str) -> Policy:
    """The policy beside one baseline: only the last nightly's figures are a floor."""
    if name == LAST:
        return policy
    baseline = msgspec.structs.replace(policy.baseline, not_below=())
    return msgspec.structs.replace(policy, baseline=baseline)


def _shortly(reasons: Sequence[str]) -> str:
    """For a line: those of all tasks first, and how many more."""
    first = sorted(reasons, key=lambda reason: ", all: " not in reason)[:TOLD]
    more = len(reasons) - len(first)
    return "; ".join(first) + (f"; and {more} more in gate.json" if more else "")


def _missed(name: str, report: GateReport) -> list[str]:
    told = [_required(r) for r in report.requirements if not r.passed]
    return [*told, *(_changed(name, c) for c in report.changes if not c.passed)]


def _required(rule: Requirement) -> str:
    value = "nothing to count" if rule.value is None else f"{rule.value:.3f}"
    return f"{figure_name(rule.figure)}, {rule.of}: {value}, at least {rule.least:g} is asked for"


def _changed(name: str, change: Change) -> str:
    by = change.difference.value
    amount = "" if by is None else f" by {abs(by):.3f}"
    than = f"{change.verdict} than {name}{amount}, p {change.p_worse:.4f}"
    return f"{figure_name(change.figure)}, {change.of}: {than}"
