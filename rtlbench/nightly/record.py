"""What a night leaves in the history, and what is told of it."""

from __future__ import annotations

from typing import Any

from rtlbench.nightly.copies import NOT_COPIED
from rtlbench.nightly.deltas import ARCHIVED, PUBLISHED
from rtlbench.nightly.history import NightRun, NightStage
from rtlbench.nightly.history import Outcome as NightOutcome
from rtlbench.nightly.night import Night
from rtlbench.nightly.options import OPTIONS, STAGES
from rtlbench.runs.results import utc_now

OUTSTANDING = "outstanding"
TITLES = {
    PUBLISHED: "nightly {date}: published",
    ARCHIVED: "nightly {date}: refused, the model in use stays",
    "skipped": "nightly {date}: nothing trained",
    "failed": "nightly {date}: stopped",
    OUTSTANDING: "nightly {date}: copies outstanding",
}


def night_run(night: Night, outcome: NightOutcome, reasons: tuple[str, ...]) -> NightRun:
    """The record of the night as it stands."""
    state = night.state
    trained, judged = state.result("train"), state.result("benchmark")
    curated, copied = state.result("curate"), state.result("snapshot")
    data: dict[str, str] = {**trained.get("data", {})}
    data |= {"delta.jsonl": curated["sha256"]} if "sha256" in curated else {}
    data |= {"suite": judged["suite_hash"]} if "suite_hash" in judged else {}
    return NightRun(
        date=state.date,
        outcome=outcome,
        started=state.started,
        finished=utc_now(),
        stages=tuple(
            NightStage(name=n, started=r.started, finished=r.finished, message=r.message)
            for n in STAGES
            if (r := state.stages.get(n)) is not None
        ),
        settings={**_shown(night), **_recipe(trained)},
        records=trained.get("new", curated.get("records")),
        metrics=judged.get("metrics", {}),
        data=data,
        tools={**judged.get("tools", {}), **trained.get("tools", {})},
        adapter=_adapter(night),
        snapshot=copied.get("url"),
        reasons=reasons,
    )


def reasons_of(night: Night) -> tuple[str, ...]:
    """Why a night ended as it did, where it was not published; what went wrong beside it."""
    state = night.state
    told = list(state.result("gate").get("reasons", []))
    skipped = state.result("train").get("skipped")
    failed = state.result("snapshot").get("failed")
    told += [skipped] if skipped else []
    told += [f"{NOT_COPIED}{failed}"] if failed else []
    return (*told, *state.result("purge").get("kept", []))


def notice(night: Night, outcome: str, reasons: tuple[str, ...]) -> tuple[str, str]:
    """Title and text of what people are told."""
    lines = [f"{n}: {r.message}" for n in STAGES if (r := night.state.stages.get(n)) is not None]
    return TITLES[outcome].format(date=night.paths.date), "\n".join([*reasons, "", *lines]).strip()


def _adapter(night: Night) -> str | None:
    """Where the adapter is now."""
    place = night.state.result("publish").get("archive")
    return f"{place}/model" if place else night.state.result("train").get("model")


def _shown(night: Night) -> dict[str, Any]:
    """The options that decide what comes of a night; where notices go may hold passwords."""
    return night.settings.of_stages({o.stage for o in OPTIONS.values() if o.stage})


def _recipe(trained: dict[str, Any]) -> dict[str, Any]:
    recipe = trained.get("recipe")
    return {"hyper_parameters": recipe} if recipe else {}
