"""What can be said of the model that is to answer: each knob is declared once, and becomes an
option of `rtlbench generate`, of `rtlbench bench` and of the pytest plugin. Quick to import.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Knob(NamedTuple):
    """One option; no metavar for a flag."""

    metavar: str
    type: type
    default: Any
    help: str


KNOBS: dict[str, Knob] = {
    "--model": Knob("MODEL", str, None, "folder or hub name (NAME[@REVISION]) of a causal model; "
                    "openai:NAME, or openai-text:NAME without chat, of an endpoint; "
                    "router:FILE.toml, an adapter for each category; "
                    "recorded:FILE.jsonl, answers as they stand there"),
    "--adapter": Knob("PATH", str, None, "PEFT adapter to put on the model"),
    "--load-in-4bit": Knob("", bool, False, "4-bit NF4 weights, by bitsandbytes"),
    "--dtype": Knob("TYPE", str, "auto", "auto (the checkpoint's), float32, bfloat16 or float16"),
    "--device": Knob("DEVICE", str, "auto", "auto (all GPUs, or the CPU), or a torch device"),
    "--batch-size": Knob("N", int, 32, "answers that a local model writes at a time"),
    "--temperature": Knob("T", float, 0.8, "0 is greedy"),
    "--top-p": Knob("P", float, 0.95, "share of probability that tokens are drawn from"),
    "--max-tokens": Knob("N", int, 1024, "longest answer, in tokens"),
    "--sampling-seed": Knob("S", int, 0, "seed of the draws"),
    "--base-url": Knob("URL", str, None, "endpoint (else OPENAI_BASE_URL, or OpenAI's)"),
    "--api-key-env": Knob("NAME", str, "OPENAI_API_KEY", "variable that holds the endpoint's key"),
    "--concurrency": Knob("N", int, 8, "requests at a time to an endpoint"),
    "--requests-per-minute": Knob("R", float, None, "no more requests than that to an endpoint"),
    "--request-timeout": Knob("SECONDS", float, 600.0, "for one request to an endpoint"),
    "--prompt-price": Knob("P", float, None, "of a million tokens of prompt, for the cost"),
    "--completion-price": Knob("P", float, None, "of a million tokens of answer, for the cost"),
}  # fmt: skip


def field(knob: str) -> str:
    """The field of Generation that a knob sets."""
    return knob.removeprefix("--").replace("-", "_")


def help_of(knob: Knob) -> str:
    """What a knob does, with its default."""
    return knob.help + (f" (default: {knob.default})" if knob.default not in (None, False) else "")
