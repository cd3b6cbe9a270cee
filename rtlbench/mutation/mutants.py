"""Answers to a Spec that do something else: mutants of its golden, made in its text and in its
netlist, and answers with the right interface that do nothing of what is asked.

In the text each mutant is a small change by an operator of the registry that slang still accepts.
In the netlist Yosys's `mutate` makes them, which knows nothing of the text: one process lists the
mutations of a seed, a second makes them all, each from a fresh copy of the netlist; registers keep
their initial values and their asynchronous resets.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import msgspec
from pyslang.parsing import Token

from rtlbench.errors import HarnessError
from rtlbench.mutation.design import Design, Mutant, Proposal
from rtlbench.mutation.operators import OPERATORS
from rtlbench.records.spec import Spec
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.scan import scan
from rtlbench.rtl.slang import elaborate
from rtlbench.rtl.yosys_calls import call, read
from rtlbench.sandbox.process import Finished, read_made
from rtlbench.sandbox.sandbox import private_folder


def source_mutants(spec: Spec, limit: int | None = None, seed: int = 0) -> list[Mutant]:
    """Mutants of the Spec's golden, every operator's in turn; the same for the same seed.

    What slang refuses, what equals the golden and what another mutant already says is dropped.

    Raises:
        HarnessError: The golden is not a text that the tools may see.
    """
    source = prepare(spec.golden)
    if source.refusals:
        raise HarnessError(f"{spec.id}: the golden is refused: {source.refusals[0].message}")
    design = Design(spec, source.text)
    seen = {canonical(design)}
    found: list[Mutant] = []
    for kind, proposal in _in_turn(design, random.Random(f"{spec.id}/{seed}")):
        if limit is not None and len(found) >= limit:
            break
        text = proposal.apply(source.text)
        form = _accepted(spec, text)
        if form is not None and form not in seen:
            seen.add(form)
            found.append(_from_proposal(design, kind, proposal, text))
    return found


def _in_turn(design: Design, rng: random.Random) -> Iterator[tuple[str, Proposal]]:
    """One proposal of each operator, then a second of each, until none is left."""
    columns = []
    for name, operator in OPERATORS.items():
        proposals = list(operator.propose(design))
        rng.shuffle(proposals)
        columns.append([(name, p) for p in proposals])
    for row in zip_longest(*columns):
        yield from (entry for entry in row if entry is not None)


def canonical(design: Design) -> str:
    """The text without what only people see: comments and white space."""
    words: list[str] = []

    def visit(node: object) -> None:
        if isinstance(node, Token):
            words.append(node.rawText)

    design.tree.root.visit(visit)
    return " ".join(w for w in words if w)


def _accepted(spec: Spec, text: str) -> str | None:
    """The canonical form of a text that slang elaborates; None for any other."""
    view = elaborate(text, spec.top)
    if view.top is None or any(view.errors):
        return None
    return canonical(Design(spec, text))


def _from_proposal(design: Design, kind: str, proposal: Proposal, text: str) -> Mutant:
    first = min(proposal.edits).start
    return Mutant(
        kind=kind,
        text=text,
        line=design.line(first),
        description=proposal.description,
        source="source",
    )


PREPARE = "proc; flatten; opt -full; memory; opt -full; opt_clean -purge"
"""Down to word-level cells and registers: what `mutate` then breaks is one bit of one pin."""
CPU_SECONDS = 30
GOLDEN = "golden.sv"
LIST = "mutations.txt"
_IN_WORDS = {
    "inv": "is inverted",
    "const0": "is stuck at 0",
    "const1": "is stuck at 1",
    "cnot0": "is inverted while bit {ctrlbit} is 0",
    "cnot1": "is inverted while bit {ctrlbit} is 1",
}
_REGISTER_PINS = frozenset({"CLK", "D", "Q", "EN", "ARST", "SRST"})


class Mutation(msgspec.Struct, frozen=True):
    """One line that `mutate -list` writes: its options by name, the place in the source last."""

    options: dict[str, str]
    line: int | None

    @property
    def command(self) -> str:
        """The command that makes it."""
        return "mutate " + " ".join(f"-{k} {v}" for k, v in self.options.items())

    @property
    def description(self) -> str:
        """For a person: `bit 2 of pin D of a register is inverted`."""
        what = _IN_WORDS.get(self.options["mode"], self.options["mode"]).format(**self.options)
        pin = self.options["port"]
        return f"bit {self.options['portbit']} of pin {pin} of {self._cell(pin)} {what}"

    def _cell(self, pin: str) -> str:
        if pin in _REGISTER_PINS:
            return "a register"
        words = self.options["cell"].split("$")
        return words[1] if len(words) > 1 and words[1] != "auto" else "a cell"


def netlist_mutants(spec: Spec, count: int, seed: int = 0) -> list[Mutant]:
    """Up to `count` mutants of the Spec's golden, the same for the same seed.

    Raises:
        HarnessError: Yosys does not take the golden.
    """
    source = prepare(spec.golden)
    if count <= 0:
        return []
    with private_folder() as folder:
        (folder / GOLDEN).write_text(source.text)
        _yosys(spec, folder, [f"mutate -list {count} -seed {seed} -o {LIST}"])
        mutations = [parsed(s) for s in _text_made(folder / LIST).splitlines() if s.strip()]
        texts = _make(spec, folder, mutations)
    kinds: dict[str, Mutant] = {}
    for mutation, text in zip(mutations, texts, strict=True):
        kinds.setdefault(text, _from_mutation(mutation, text))
    return list(kinds.values())


def unchanged(spec: Spec) -> str:
    """The golden as Yosys writes it back before anything is broken."""
    with private_folder() as folder:
        (folder / GOLDEN).write_text(prepare(spec.golden).text)
        return _make(spec, folder, [Mutation({"mode": "none"}, None)])[0]


def _make(spec: Spec, folder: Path, mutations: Sequence[Mutation]) -> list[str]:
    commands = ["design -save base"]
    for k, mutation in enumerate(mutations):
        commands += ["design -load base", mutation.command, "bwmuxmap"]  # no Verilog has that cell
        commands.append(f"write_verilog -noattr {k}.v")
    _yosys(spec, folder, commands)
    return [_plain(_text_made(folder / f"{k}.v")) for k in range(len(mutations))]


def _text_made(path: Path) -> str:
    made = read_made(path)
    if made is None:
        raise HarnessError(f"Yosys ended well and wrote no {path.name}")
    return made.decode()


def _plain(text: str) -> str:
    return text.partition("*/")[2].strip() + "\n"


def _from_mutation(mutation: Mutation, text: str) -> Mutant:
    return Mutant(
        kind=f"netlist-{mutation.options['mode']}",
        text=text,
        line=mutation.line,
        description=mutation.description,
        source="netlist",
    )


def parsed(text: str) -> Mutation:
    """One line of `mutate -list`, without what only measures coverage."""
    words = text.split()[1:]
    options = {k.removeprefix("-"): v for k, v in zip(words[::2], words[1::2], strict=True)}
    kept = {k: v for k, v in options.items() if k not in ("src", "wire", "wirebit")}
    place = options.get("src", "").rpartition(":")[2].split(".")[0]
    return Mutation(kept, int(place) if place.isdigit() else None)


def _yosys(spec: Spec, folder: Path, commands: Sequence[str]) -> None:
    job = [*read(GOLDEN, spec.top), *PREPARE.split("; "), *commands]
    made = call(folder, [job], CPU_SECONDS)
    ran = made if isinstance(made, Finished) else made[0]
    if not ran.ok:
        told = [s for s in ran.stderr.splitlines() if s.strip()] or [ran.reason]
        raise HarnessError(f"{spec.id}: Yosys made no mutants: {told[0]}")


def stub_answers(spec: Spec) -> dict[str, str]:
    """Answers that do nothing of what is asked, by kind."""
    declared = ", ".join(f"{p.direction} [{p.width - 1}:0] {p.name}" for p in spec.ports)
    first = f"module {spec.top}({declared});\n"
    parity = " ^ ".join(f"^{p.name}" for p in spec.inputs)
    through = "{" + ", ".join(p.name for p in spec.inputs) + "}"

    def body(value: str) -> str:
        return "".join(f"assign {p.name} = {value.format(w=p.width)};\n" for p in spec.outputs)

    bodies = {
        "empty": "",
        "zero": body("{w}'d0"),
        "one": body("{{{w}{{1'b1}}}}"),
        "unknown": body("{{{w}{{1'bx}}}}"),
        "parity of all inputs": body("{{{w}{{" + parity + "}}}}"),
        "inputs passed through": "".join(f"assign {p.name} = {through};\n" for p in spec.outputs),
        "finish": "initial $finish;\n",
        "print": 'initial begin $display("Your Design Passed"); $finish; end\n',
    }
    return {kind: f"{first}{text}endmodule\n" for kind, text in bodies.items()}


def siblings(spec: Spec, every: Sequence[Spec]) -> list[Spec]:
    """Other members with the same interface, whose goldens do something else."""
    return [s for s in every if s.id != spec.id and _shape(s) == _shape(spec)]


def _shape(spec: Spec) -> list[tuple[str, str, int]]:
    return sorted((p.name, p.direction, p.width) for p in spec.ports)


def under_name(text: str, old: str, new: str) -> str:
    """`text` with its module `old` called `new`."""
    source = prepare(text).text
    found = scan(elaborate(source, old).tree)
    for at, raw in sorted(found.names, reverse=True):
        if raw == old:
            source = source[:at] + new + source[at + len(raw) :]
    return source
