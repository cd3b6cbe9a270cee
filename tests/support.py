"""What several test files share: a family to judge by, short ways into the library."""

from __future__ import annotations

from functools import lru_cache

from rtlbench.checks.base import Context, Work
from rtlbench.io.shipped import shipped
from rtlbench.records.candidate import Candidate
from rtlbench.records.spec import ParamValue, Port, Spec
from rtlbench.records.verdict import Verdict
from rtlbench.rtl.batches import Unit
from rtlbench.rtl.extraction import extract
from rtlbench.rtl.netlist import Netlist
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.renaming import as_hardware, rename, renamed_golden
from rtlbench.rtl.scan import Scan, scan
from rtlbench.rtl.slang import elaborate
from rtlbench.rtl.yosys import netlists
from rtlbench.suites.families import Member, family_folders, load_family, read_family
from rtlbench.suites.rendering import family_specs
from rtlbench.verifier import Config, Verifier

CLASSIC = """module counter(
    input clk,
    input rst,
    input en,
    output reg [7:0] q
);
    reg [7:0] count;
    always @(posedge clk)
        if (rst)
            count <= 8'd0;
        else
            count <= count + 8'd1;
endmodule
"""
"""The answer that rtlbench exists for: `en` declared and never used, `q` never assigned."""


@lru_cache(maxsize=1)
def updown() -> dict[str, Spec]:
    """The members of the family updown by the part of their id behind the family's name."""
    specs = load_family(shipped("hdl_specs") / "updown_counter" / "updown")
    return {s.id.removeprefix("updown_"): s for s in specs}


def async_counter() -> Spec:
    """8 bits, active-low asynchronous reset, enable."""
    return updown()["w8_async_low_en"]


def sync_counter() -> Spec:
    """4 bits, active-high synchronous reset."""
    return updown()["w4_sync"]


def drawn_spec(family: str, **params: ParamValue) -> Spec:
    """A member of a family by its parameters, as if it had been drawn."""
    folder = next(f for f in family_folders() if f.name == family)
    member = Member(id="drawn", params=params, phrasing="bullets", difficulty="easy")
    return family_specs(folder, read_family(folder), [member])[0]


def ports(*declarations: str) -> tuple[Port, ...]:
    """Ports out of words such as "input clk clock" or "output q 8"."""
    made = []
    for text in declarations:
        direction, name, *rest = text.split()
        width = next((int(w) for w in rest if w.isdigit()), 1)
        role = next((w for w in rest if w in ("clock", "reset", "enable")), "data")
        active = "low" if "low" in rest else "high"
        given = {"direction": direction, "width": width, "role": role, "active": active}
        made.append(Port(id=name, name=name, **given))  # type: ignore[arg-type]
    return tuple(made)


def plain_spec(prompt: str, *declarations: str, top: str = "m", golden: str = "") -> Spec:
    """A Spec that no simulation judges."""
    return Spec(
        id="plain",
        category="plain",
        family="plain",
        difficulty="easy",
        title="plain",
        prompt=prompt,
        top=top,
        ports=ports(*declarations),
        golden=golden,
    )


def judge(
    text: str, spec: Spec | None = None, words: str = "", simulator: str = "icarus"
) -> Verdict:
    """The Verdict of one answer."""
    return judge_all([text], spec, words, simulator)[0]


def judge_all(
    texts: list[str], spec: Spec | None = None, words: str = "", simulator: str = "icarus"
) -> list[Verdict]:
    """The Verdicts of answers that are judged together."""
    candidates = [Candidate(text=t, instruction=words, sample=k) for k, t in enumerate(texts)]
    return Verifier(Config(simulator=simulator)).verify(spec, candidates)


def rules(verdict: Verdict) -> set[str]:
    """The rules of a Verdict's findings, lint aside."""
    return {f.rule for f in verdict.findings if not f.rule.startswith("lint.")}


NOTHING_KNOWN = Context(spec=None, worded=False, simulator=None, golden=None)
"""Of a candidate that nothing is asked of but by itself."""


def work_for(text: str, context: Context = NOTHING_KNOWN) -> Work:
    """A candidate at the start of its way through the Checks."""
    extraction = extract(text, context.spec.top if context.spec is not None else None)
    return Work(Candidate(text=text), extraction, prepare(extraction.rtl), context)


def scanned(text: str) -> Scan:
    """One walk over `text`, which must be free of syntax errors."""
    view = elaborate(text, None)
    assert not [view.engine.formatMessage(d) for d in view.errors]
    return scan(view.tree)


def netlist_for(text: str, top: str = "m") -> Netlist:
    """The netlist that Yosys makes of `text`."""
    made = netlists([Unit(text, top)])[0]
    assert isinstance(made, Netlist), made
    return made


def lane(text: str, top: str, prefix: str) -> Unit:
    """`text` as a lane, its modules renamed to `prefix` and a number."""
    source = prepare(text)
    assert not source.refusals
    found = scan(elaborate(source.text, top).tree)
    renamed, names = rename(as_hardware(source.text, found), found, prefix)
    return Unit(renamed, names[top])


def golden_lane(spec: Spec) -> Unit:
    """The Spec's golden as a lane."""
    return renamed_golden(spec, "golden_")
