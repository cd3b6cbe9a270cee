"""Names for ports and modules, many and made up, so that a model learns to copy what it is told."""

from __future__ import annotations

import random
import re

from msgspec import structs

from rtlbench.mutation.fresh import SYNONYMS, plain_name
from rtlbench.records.spec import Port
from rtlbench.suites.families import Family, Member

_WORDS = (
    "clk clock ck rst reset clr arst en ena enable ce gate tick data din dout bus d q x y a b "
    "value val word nibble byte load ld set clear start stop go run step req ack valid ready busy "
    "done err flag full empty up down dir inc dec left right shift ser par serial si so bit bits "
    "sel mode ctl cfg addr wr rd we re rise fall edge pulse level key btn button sw led lamp sig "
    "line pin pad ext int_sig main aux core sys io rx tx reg cnt count total div half freq phase "
    "state out in coin price light car walk door motor top bot seq match hit det found code gray "
    "ring bcd carry borrow wrap max min lim limit top_lim low high hold keep mask lane strb width "
    "read write store shadow status control command request grant select source target first last "
    "next prev old new left_in right_in master slave host dev local remote north south red green "
    "blue amber lock unlock open close begin_at until item money reset_all arm alarm wake sleep "
    "power fan pump valve heater sensor probe sample stable noisy clean raw sync async meta chan"
).split()
_SYLLABLES = "ba be ki lo mu na po ra se ti vo wu xe za qo fy ge hu".split()
_DRAWN = re.compile(r"_[a-h]\d+$")
"""What a drawn member's module name ends in."""
_TAILS = ("i", "o", "r", "in", "out", "q", "d", "a", "b", "sig", "s", "x", "main", "ext")
_RESERVED = frozenset(
    "and or not xor input output inout module endmodule begin end if else case endcase default "
    "for int reg wire logic bit byte assign initial always posedge negedge edge typedef enum "
    "localparam parameter signed unsigned function task return do while repeat forever wait let "
    "cell config design final force global import include integer interface join library local "
    "macromodule null package packed priority program property protected pure rand ref release "
    "restrict sequence small strong static string struct super supply0 table tagged this time "
    "type union unique use var vectored virtual void weak with within genvar generate".split()
)


def renamed(member: Member, family: Family, golden: str, rng: random.Random) -> Member:
    """`member` with other names for its module and ports; none clashes with what `golden` uses.

    `golden` is the family's template: every word in it is taken.
    """
    taken = set(re.findall(r"[A-Za-z_]\w*", golden)) | _RESERVED
    top = _module(plain_name(_DRAWN.sub("", member.top)), rng, taken)
    names: dict[str, str] = {}
    for port in family.ports:
        if rng.random() < 0.6:
            low = member.params.get(f"{port.role}_active") == "low"
            names[port.id] = _port(port.id, low, rng, taken | {top} | set(names.values()))
    return structs.replace(member, names=names, top=top)


def _port(port_id: str, low: bool, rng: random.Random, taken: set[str]) -> str:
    while True:
        draw = rng.random()
        if draw < 0.3 and port_id in SYNONYMS:
            name = rng.choice(SYNONYMS[port_id])
        elif draw < 0.5:
            name = f"{port_id}_{rng.choice(_TAILS)}"
        else:
            name = _made_up(rng)
        if low and rng.random() < 0.8:
            name += rng.choice(("_n", "_n", "_n", "n", "_b", "_l"))
        if name not in taken:
            return name


def _module(plain: str, rng: random.Random, taken: set[str]) -> str:
    while True:
        draw = rng.random()
        name = plain if draw < 0.4 else _made_up(rng)
        if rng.random() < 0.4:
            name += rng.choice(("", "_")) + rng.choice((str(rng.randrange(130)), "unit", "top", "m",
                                                        "core", "block", rng.choice("abcdwx")))
        if name not in taken:
            return name


def _made_up(rng: random.Random) -> str:
    words = rng.sample(_WORDS, rng.choice((1, 1, 1, 2, 2)))
    if rng.random() < 0.08:
        words[0] = "".join(rng.choices(_SYLLABLES, k=rng.choice((2, 3))))
    name = rng.choice(("_", "_", "_", "")).join(words)
    if rng.random() < 0.12:
        name += str(rng.randrange(10))
    return name


def clash(ports: tuple[Port, ...], top: str) -> bool:
    """Whether two things of a member have one name."""
    names = [top, *(p.name for p in ports)]
    return len(set(names)) < len(names)
