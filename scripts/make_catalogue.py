"""Make docs/catalogue.md from the tasks and from data/catalogue.json.

    python scripts/make_catalogue.py [RUN.json ...]

Each RUN.json is what `rtlbench specs validate --all --json` printed; the figures of its members
replace those in data/catalogue.json. Members that are gone are dropped, members that a run could
not judge are left as they were.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from rtlbench.mutation.classing import Counts
from rtlbench.report.catalogue import COUNTS, Figures, Measured, catalogue
from rtlbench.suites.families import load_suite

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data" / "catalogue.json"
PAGE = ROOT / "docs" / "catalogue.md"


class Member(msgspec.Struct, frozen=True):
    """What is taken of one member of a run."""

    id: str
    counts: Counts
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
    measured = Measured(about=measured.about, members=kept)
    DATA.write_text(one_a_line(measured))
    PAGE.write_text(catalogue(specs, measured))
    print(f"{len(kept)} of {len(specs)} tasks have figures")


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


if __name__ == "__main__":
    main(sys.argv[1:])
