"""Benchmark: the night's model, the last one that was published, and the mainline model, alike.

What an earlier night has measured of a model counts again where it can be compared: the same
model by the hash of its files, the same tasks, sampling and tools.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rtlbench.errors import UserError
from rtlbench.gate.runs import JudgedRun, differences, read_run
from rtlbench.generate.adapters import folder_revision
from rtlbench.generate.answer import Generator
from rtlbench.nightly.night import Ended, Night
from rtlbench.nightly.publish import published
from rtlbench.nightly.train import recipe
from rtlbench.pipeline.stages import OUT, RTLBENCH, UNJUDGED, Stage
from rtlbench.runs.results import ResultsFolder
from rtlbench.statistics import Summary

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
        "tools": candidate.run.config.tools,
        "suite_hash": candidate.run.config.suite_hash,
    }
    return Ended(message=_told(metrics, reused), result=result)


def plan_benchmark(night: Night) -> list[str]:
    """What would be done."""
    model = night.paths.model
    lines = [f"$ {shlex.join(command(night, CANDIDATE, model).argv)}"]
    for name, adapter in baselines(night):
        what = adapter.name if adapter is not None else "the base"
        lines.append(f"{name} ({what}), unless an earlier night's results can be compared:")
        lines.append(f"$ {shlex.join(command(night, name, adapter).argv)}")
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

    def shares(of: str, found: Summary) -> dict[str, float | None]:
        return {f"functional{of}": found.functional.value, f"score{of}": found.score.value}

    total = run.run.total
    told = shares("", total) if total is not None else {}
    for category, summary in sorted(run.run.categories.items()):
        told |= shares(f"/{category}", summary)
    return told


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
        if not differences(candidate, run):
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
