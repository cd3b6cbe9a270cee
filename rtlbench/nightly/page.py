"""The status page: how things stand and how the nights went, as one HTML file that needs nothing
else, for a browser or a mail.

Guarantee: it loads nothing, runs no script, and whatever nights, traces and people have written is
escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from rtlbench.errors import UserError
from rtlbench.io.atomic import write_whole
from rtlbench.io.untrusted import one_line
from rtlbench.nightly.decisions import decisions
from rtlbench.nightly.disk import FREE, size_text
from rtlbench.nightly.history import CANDIDATE, SHOWN, NightRun, minutes_of, read_history
from rtlbench.nightly.night import PUBLISHED, read_state
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.retired import read_retired
from rtlbench.nightly.status import status
from rtlbench.pages import page as pages
from rtlbench.runs.results import utc_now

WIDTH, HEIGHT, LEFT, TOP = 720, 180, 56, 12
"""Of a chart's plain part and its margins, in its own units."""
EVENTS, NIGHTS = 40, 60
"""That are shown, the latest first."""
HEADLINES = {SHOWN: "functional", "score": "score"}


class Mark(NamedTuple):
    """A night in a chart."""

    x: float
    y: float
    low: float
    high: float
    kind: str
    told: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart with its scale."""

    title: str
    marks: tuple[Mark, ...] = ()
    line: str = ""
    """Points of a line, as SVG has them."""
    ticks: tuple[tuple[float, str], ...]
    """Heights with what they stand for."""
    first: str
    last: str


class Event(NamedTuple):
    """Something that people want to know of."""

    at: str
    what: str
    why: str


def write_page(paths: Paths, file: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        UserError: Something cannot be read, or the file not written.
    """
    text = page(paths).encode("utf-8", "replace")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text)
    except OSError as e:
        raise UserError(f"--html {file}: cannot write it ({e.strerror})") from e


def page(paths: Paths) -> str:
    """The page.

    Raises:
        UserError: Something cannot be read.
    """
    found, history = status(paths), read_history(paths.history)
    nights = history.nights
    return pages.page(
        "nightly", line=_line, size=size_text,
        found=found,
        free=found.disk.get(FREE, 0),
        used={name: size for name, size in found.disk.items() if name != FREE},
        figures=[(name, found.figures.get(name)) for name in HEADLINES],
        trends=[_trend(nights, figure, title) for figure, title in HEADLINES.items()],
        growth=_growth(paths, nights),
        disk=_amounts("disk", nights, [_used(n) for n in nights], size_text),
        events=list(_events(paths, nights))[:EVENTS],
        nights=[(n, n.metrics.get(CANDIDATE, {}).get(SHOWN), _interval(n, SHOWN), minutes_of(n))
                for n in reversed(nights[-NIGHTS:])],
        problems=history.problems,
        made=utc_now(),
        geometry={"width": WIDTH, "height": HEIGHT, "left": LEFT, "top": TOP},
    )  # fmt: skip


def _line(text: object) -> str:
    return one_line(str(text), 400)


def _interval(night: NightRun, figure: str) -> tuple[float, float] | None:
    return night.intervals.get(CANDIDATE, {}).get(figure)


def _trend(nights: Sequence[NightRun], figure: str, title: str) -> Chart:
    """Each night's model, with its interval."""
    judged = [n for n in nights if n.metrics.get(CANDIDATE, {}).get(figure) is not None]
    marks = []
    for x, night in zip(_places(len(judged)), judged, strict=True):
        value = night.metrics[CANDIDATE][figure] or 0.0
        low, high = _interval(night, figure) or (value, value)
        told = f"{night.date}, {night.outcome}: {value:.3f} ({low:.3f} to {high:.3f})"
        marks.append(Mark(x, _up(value), _up(low), _up(high), night.outcome, told))
    used = [m for m in marks if m.kind == PUBLISHED]
    return Chart(
        title=title, marks=tuple(marks), line=_points((m.x, m.y) for m in used),
        ticks=tuple((_up(k / 4), f"{k * 25}%") for k in range(5)),
        first=judged[0].date if judged else "", last=judged[-1].date if judged else "",
    )  # fmt: skip


def _growth(paths: Paths, nights: Sequence[NightRun]) -> Chart:
    """Records that all nights have, as they grew."""
    total, sums = 0, []
    dates = {n.date for n in nights}
    for night in nights:
        state = read_state(paths.of(night.date).own)
        total += int(state.result("curate").get("records", 0)) if state is not None else 0
        sums.append(total)
    return _amounts("records", nights if dates else (), sums, str)


def _amounts(
    title: str, nights: Sequence[NightRun], amounts: Sequence[int], told: object
) -> Chart:
    """A line of amounts by night."""
    say = told if callable(told) else str
    most = max([*amounts, 1])
    pairs = zip(_places(len(amounts)), amounts, strict=True)
    return Chart(
        title=title, line=_points((x, _up(amount / most)) for x, amount in pairs),
        ticks=tuple((_up(k / 2), say(most * k // 2)) for k in range(3)),
        first=nights[0].date if nights else "", last=nights[-1].date if nights else "",
    )  # fmt: skip


def _used(night: NightRun) -> int:
    return sum(size for name, size in night.disk.items() if name != FREE)


def _places(count: int) -> list[float]:
    step = WIDTH / max(1, count)
    return [round(LEFT + step * (k + 0.5), 1) for k in range(count)]


def _up(share: float) -> float:
    return round(TOP + HEIGHT * (1 - share), 1)


def _points(places: Iterator[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _events(paths: Paths, nights: Sequence[NightRun]) -> Iterator[Event]:
    """Decisions, what was retired, and nights that ended otherwise than well; the latest first."""
    found = [Event(d.at, f"{d.kind} {d.night}", d.why) for d in decisions(paths)]
    found += [
        Event(r.at, f"{r.kind} {r.name} retired", f"beyond {r.rule}; its copy is in {r.place}")
        for r in read_retired(paths)
    ]
    found += [
        Event(n.finished, f"{n.date}: {n.outcome}", "; ".join(n.reasons))
        for n in nights if n.outcome in ("failed", "archived")
    ]  # fmt: skip
    yield from sorted(found, key=lambda event: event.at, reverse=True)
