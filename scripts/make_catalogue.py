"""Make docs/catalogue.md from the tasks and from data/catalogue.json.

    python scripts/make_catalogue.py [RUN.json ...]

Each RUN.json is what `rtlbench specs validate --all --json` printed; the figures of its members
replace those in data/catalogue.json. Members that are gone are dropped, members that a run could
not judge are left as they were.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from rtlbench.cli.specs import validate
from rtlbench.mutation.classification import MutantCounts
from rtlbench.records.spec import Spec
from rtlbench.rtl.versions import survey, tool_versions
from rtlbench.suites.families import load_suite

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data" / "catalogue.json"
PAGE = ROOT / "docs" / "catalogue.md"
NONE = "-"
COUNTS = ("made", "killed", "equivalent", "different", "undecided", "refused")
HEAD = """# Catalogue

{members} tasks in {categories} categories. This page is made by `scripts/make_catalogue.py` from
the tasks in `hdl_specs/` and the figures in `data/catalogue.json`, which it takes over from
`rtlbench specs validate --all --json > run.json`: {about}.
{known} of {members} tasks have figures.

A mutant is a golden that was broken on purpose, in its text or in its netlist
([mutants.md](mutants.md)). Every mutant that formal decides to behave differently has to be killed
in simulation: the column "different" counts those that are not, and has to be 0. "Formal" is what
[formal equivalence](formal.md) says of the golden beside itself: `proved` for input sequences of
any length, or why it says nothing.
"""


class Figures(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What was measured of one member."""

    made: int = 0
    killed: int = 0
    equivalent: int = 0
    different: int = 0
    undecided: int = 0
    refused: int = 0
    formal: str = ""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The figures that the page is made from, `data/catalogue.json`."""

    about: str
    """How they were measured."""
    members: dict[str, Figures] = {}


class Member(msgspec.Struct, frozen=True):
    """What is taken of one member of a run."""

    id: str
    counts: MutantCounts
    formal: str = ""


class Run(msgspec.Struct, frozen=True):
    """What is taken of a run."""

    specs: list[Member]


def main(paths: list[str]) -> None:
    """Take over the figures of the runs at `paths`, then write data and page."""
    measured = msgspec.json.decode(DATA.read_bytes(), type=Measured)
    members = dict(measured.members)
    for path in paths:
        run = msgspec.json.decode(Path(path).read_bytes(), type=Run)
        members.update((m.id, figures(m)) for m in run.specs if m.counts.made and is_sound(m))
    specs = load_suite()
    kept = {s.id: members[s.id] for s in specs if s.id in members}
    measured = Measured(about=_about() if paths else measured.about, members=kept)
    DATA.write_text(one_a_line(measured))
    PAGE.write_text(catalogue(specs, measured))
    print(f"{len(kept)} of {len(specs)} tasks have figures")


def _about() -> str:
    """How runs that are taken over now were made: by the command's defaults, with these tools."""
    versions = tool_versions(survey())
    (seconds, mutants) = (p.default for n in ("seconds", "mutants")
                          for p in validate.params if p.name == n)  # fmt: skip
    today = datetime.datetime.now(datetime.UTC).date()
    return (f"{mutants} mutants a task,\n{seconds} s of CPU time for a proof, "
            f"Yosys {versions['yosys']}, Icarus {versions['iverilog']}, {today}")  # fmt: skip


def is_sound(member: Member) -> bool:
    """Whether the harness could judge every mutant."""
    return member.counts.errors == 0


def figures(member: Member) -> Figures:
    """The figures of a member that are kept."""
    return Figures(**{c: getattr(member.counts, c) for c in COUNTS}, formal=member.formal)


def one_a_line(measured: Measured) -> str:
    """JSON with a member a line, so that a change is a line's change."""
    lines = [f"{msgspec.json.encode(k).decode()}: {msgspec.json.encode(v).decode()}"
             for k, v in measured.members.items()]
    about = msgspec.json.encode(measured.about).decode()
    return f'{{"about": {about},\n"members": {{\n' + ",\n".join(lines) + "\n}}\n"


def catalogue(specs: Sequence[Spec], measured: Measured) -> str:
    """The whole page: a summary, then a table a category."""
    known = measured.members
    by_category = [(c, list(m)) for c, m in groupby(specs, lambda s: s.category)]
    head = HEAD.format(
        members=len(specs),
        categories=len(by_category),
        about=measured.about,
        known=sum(s.id in known for s in specs),
    )
    summary = [_summary(c, m, known) for c, m in by_category]
    total = _summary("all", specs, known, link=False)
    columns = ("category", "families", "tasks", "easy", "medium", "hard", *_named(COUNTS), "proved")
    parts = [head, _table(columns, [*summary, total])]
    parts += [_section(c, m, known) for c, m in by_category]
    return "\n".join(parts)


def _named(counts: Iterable[str]) -> list[str]:
    return ["mutants" if c == "made" else c for c in counts]


def _summary(
    name: str, specs: Sequence[Spec], known: Mapping[str, Figures], *, link: bool = True
) -> list[str]:
    figures = [known[s.id] for s in specs if s.id in known]
    levels = [str(sum(s.difficulty == d for s in specs)) for d in ("easy", "medium", "hard")]
    sums = [f"{sum(getattr(f, c) for f in figures):,}" for c in COUNTS]
    proved = sum(f.formal == "proved" for f in figures)
    shown = f"[{name}](#{name})" if link else f"**{name}**"
    families = len({s.family for s in specs})
    return [shown, str(families), str(len(specs)), *levels, *sums, str(proved)]


def _section(category: str, specs: Sequence[Spec], known: Mapping[str, Figures]) -> str:
    families = {s.family: s.title for s in specs}
    listed = "\n".join(f"- `{family}`: {title}" for family, title in families.items())
    columns = ("task", "family", "level", *_named(COUNTS), "formal")
    rows = [_row(s, known.get(s.id)) for s in specs]
    table = _table(columns, rows)
    shown = f"<details>\n<summary>{len(specs)} tasks</summary>\n\n{table}\n</details>\n"
    return f"## {category}\n\n{listed}\n\n{shown}"


def _row(spec: Spec, figures: Figures | None) -> list[str]:
    first = [f"`{spec.id}`", spec.family, spec.difficulty]
    if figures is None:
        return [*first, *(NONE for _ in COUNTS), "not measured"]
    return [*first, *(str(getattr(figures, c)) for c in COUNTS), figures.formal or NONE]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; numbers to the right."""
    listed = list(rows)
    right = [all(r[k].replace(",", "").isdigit() or r[k] == NONE for r in listed)
             for k in range(len(columns))]
    rule = ["--:" if r else ":--" for r in right]
    return "".join(f"| {' | '.join(row)} |\n" for row in (columns, rule, *listed))


if __name__ == "__main__":
    main(sys.argv[1:])
