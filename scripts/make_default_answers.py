"""Write data/default_answers.jsonl: right and wrong answers of the kinds that models give.

    python scripts/make_default_answers.py

Made from the goldens, so the file is made anew when specs change. The same specs give the same
file. The kind of each answer is its `kind` field; nothing reads it when judging.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

from rtlbench.records.spec import Spec
from rtlbench.suites.families import load_suite

OUT = Path(__file__).parents[1] / "data" / "default_answers.jsonl"
ANSWERS_PER_SPEC = 3
MODEL = "recorded"
"""Who answers: one name, so that their figures are of one run."""


def main() -> None:
    """Write the file."""
    lines = []
    for number, spec in enumerate(load_suite()):
        rng = random.Random(spec.id)
        kinds = [RIGHT[number % len(RIGHT)], *rng.sample(list(WRONG), len(WRONG))]
        made = 0
        for kind in kinds:
            text = {**WRAPPED, **WRONG}[kind](spec)
            if text is None or made >= ANSWERS_PER_SPEC:
                continue
            line = {"spec_id": spec.id, "sample": made, "model": MODEL, "kind": kind}
            line["completion"] = text
            if kind == "truncated":
                line["finish_reason"] = "length"
            lines.append(json.dumps(line))
            made += 1
    OUT.write_text("\n".join(lines) + "\n")
    print(f"{OUT.name}: {len(lines)} answers")


def fenced(rtl: str) -> str:
    """RTL as chat models give it."""
    return f"```verilog\n{rtl}```\n"


def split(spec: Spec) -> tuple[str, str]:
    """The golden's header, up to and with `);`, and its body."""
    at = spec.golden.index(");") + 2
    return spec.golden[:at], spec.golden[at:]


def plain(spec: Spec) -> str:
    """Right, nothing around it."""
    return spec.golden


def fence_and_prose(spec: Spec) -> str:
    """Right, in a fence with a sentence before and notes behind."""
    return (
        f"Here is a SystemVerilog implementation of `{spec.top}`:\n\n{fenced(spec.golden)}\n"
        "Notes:\n- All state changes on the active clock edge.\n"
        "- The module is fully synthesizable.\n"
    )


def prose_without_fence(spec: Spec) -> str:
    """Right, with prose around and no fence."""
    return f"Sure, the module below does what you ask.\n\n{spec.golden}\nLet me know how it goes!\n"


def with_testbench(spec: Spec) -> str:
    """Right, with a testbench behind it that nobody asked for."""
    bench = (
        f"module tb_{spec.top};\n    // drive the inputs here\n    initial begin\n"
        '        $display("done");\n        $finish;\n    end\nendmodule\n'
    )
    return f"```systemverilog\n{spec.golden}\n{bench}```\n"


def second_thoughts(spec: Spec) -> str:
    """Right in the second fence, after a first try that is withdrawn."""
    header, _ = split(spec)
    first = f"{header}\n    // TODO\nendmodule\n"
    return f"First sketch:\n{fenced(first)}\nThat is not complete. Final version:\n" + fenced(
        spec.golden
    )


def unused_enable(spec: Spec) -> str | None:
    """The enable is declared and never used."""
    enable = spec.port_of_role("enable")
    if enable is None:
        return None
    header, body = split(spec)
    condition = rf"!?\b{re.escape(enable.name)}\b"
    return fenced(header + re.sub(condition, "1'b1", body))


def unassigned_output(spec: Spec) -> str | None:
    """The first output is computed under another name and never assigned."""
    port = spec.outputs[0]
    header, body = split(spec)
    span = f"[{port.width - 1}:0] " if port.width > 1 else ""
    inner = re.sub(rf"\b{re.escape(port.name)}\b", f"{port.name}_reg", body)
    return f"{header}\n    reg {span}{port.name}_reg;{inner}"


def wrong_reset_kind(spec: Spec) -> str | None:
    """Asynchronous for synchronous, or the reverse."""
    reset = spec.port_of_role("reset")
    if reset is None:
        return None
    header, body = split(spec)
    if spec.reset == "async":
        changed = re.sub(rf" or (?:pos|neg)edge {re.escape(reset.name)}\)", ")", body)
    else:
        edge = "posedge" if reset.active == "high" else "negedge"
        changed = re.sub(r"@\(((?:pos|neg)edge \w+)\)", rf"@(\1 or {edge} {reset.name})", body)
    return None if changed == body else fenced(header + changed)


def wrong_reset_polarity(spec: Spec) -> str | None:
    """Active-high for active-low, or the reverse."""
    reset = spec.port_of_role("reset")
    if reset is None:
        return None
    header, body = split(spec)
    name = re.escape(reset.name)
    if reset.active == "low":
        changed = re.sub(rf"!{name}\b", reset.name, body).replace(
            f"negedge {reset.name}", f"posedge {reset.name}"
        )
    else:
        changed = re.sub(rf"\(({name})\)", r"(!\1)", body).replace(
            f"posedge {reset.name}", f"negedge {reset.name}"
        )
    return None if changed == body else header + changed


def off_by_one(spec: Spec) -> str | None:
    """The last sized decimal constant is one too large."""
    header, body = split(spec)
    constants = list(re.finditer(r"\b(\d+)'d(\d+)\b", body))
    if not constants:
        return None
    last = constants[-1]
    width, value = int(last.group(1)), int(last.group(2))
    text = f"{width}'d{(value + 1) % (1 << width)}"
    return fenced(header + body[: last.start()] + text + body[last.end() :])


def truncated(spec: Spec) -> str:
    """The answer breaks off."""
    text = fence_and_prose(spec)
    return text[: text.index(spec.golden) + 2 * len(spec.golden) // 3]


def missing_semicolon(spec: Spec) -> str:
    """One semicolon is forgotten."""
    header, body = split(spec)
    at = body.index(";")
    return fenced(header + body[:at] + body[at + 1 :])


def wrong_name(spec: Spec) -> str:
    """The module has another name than the one asked for."""
    return fenced(spec.golden.replace(f"module {spec.top}", f"module my_{spec.top}", 1))


def prints(spec: Spec) -> str:
    """Right, but it prints."""
    return spec.golden.replace(
        "endmodule", '    initial $display("Your Design Passed");\nendmodule'
    )


def empty_module(spec: Spec) -> str:
    """Only the interface."""
    return fenced(f"{split(spec)[0]}\n    // Your code here\nendmodule\n")


Maker = Callable[[Spec], str | None]
WRAPPED: dict[str, Maker] = {
    "plain": plain,
    "fence-and-prose": fence_and_prose,
    "prose-without-fence": prose_without_fence,
    "with-testbench": with_testbench,
    "second-thoughts": second_thoughts,
}
RIGHT = list(WRAPPED)
WRONG: dict[str, Maker] = {
    "unused-enable": unused_enable,
    "unassigned-output": unassigned_output,
    "wrong-reset-kind": wrong_reset_kind,
    "wrong-reset-polarity": wrong_reset_polarity,
    "off-by-one": off_by_one,
    "truncated": truncated,
    "missing-semicolon": missing_semicolon,
    "wrong-name": wrong_name,
    "prints": prints,
    "empty-module": empty_module,
}


if __name__ == "__main__":
    main()
