"""What can be said of the model that is to answer: each option is declared once, and becomes an
option of every command that asks a model and of the pytest plugin. Quick to import.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Option(NamedTuple):
    """One option, as it is declared for commands and for pytest alike."""

    metavar: str
    """What stands for its value in a help text; empty for a flag."""
    type: type
    default: Any
    help: str
    least: int | None = None
    """The lowest value, where there is one."""
    variable: str = ""
    """The environment variable that stands in where the option is not given."""


MODEL_OPTIONS: dict[str, Option] = {
    "--model": Option("MODEL", str, None, "folder or hub name (NAME[@REVISION]) of a causal model; "
                      "openai:NAME, or openai-text:NAME without chat, of an endpoint; "
                      "router:FILE.toml, an adapter for each category; "
                      "recorded:FILE.jsonl, answers as they stand there"),
    "--adapter": Option("PATH", str, None, "PEFT adapter to put on the model"),
    "--load-in-4bit": Option("", bool, False, "4-bit NF4 weights, by bitsandbytes"),
    "--dtype": Option("TYPE", str, "auto", "auto (the checkpoint's), float32, bfloat16 or float16"),
    "--device": Option("DEVICE", str, "auto", "auto (all GPUs, or the CPU), or a torch device"),
    "--batch-size": Option("N", int, 32, "answers that a local model writes at a time"),
    "--temperature": Option("T", float, 0.8, "0 is greedy"),
    "--top-p": Option("P", float, 0.95, "share of probability that tokens are drawn from"),
    "--max-tokens": Option("N", int, 1024, "longest answer, in tokens"),
    "--sampling-seed": Option("S", int, 0, "seed of the draws"),
    "--base-url": Option("URL", str, None, "endpoint (else OPENAI_BASE_URL, or OpenAI's)"),
    "--api-key-env": Option("NAME", str, "OPENAI_API_KEY",
                            "variable that holds the endpoint's key"),
    "--concurrency": Option("N", int, 8, "requests at a time to an endpoint"),
    "--requests-per-minute": Option("R", float, None, "no more requests than that to an endpoint"),
    "--request-timeout": Option("SECONDS", float, 600.0, "for one request to an endpoint"),
    "--prompt-price": Option("P", float, None, "of a million tokens of prompt, for the cost"),
    "--completion-price": Option("P", float, None, "of a million tokens of answer, for the cost"),
}  # fmt: skip


def field(flag: str) -> str:
    """The name that the value of `--some-option` has in a record: `some_option`."""
    return flag.removeprefix("--").replace("-", "_")


def help_of(option: Option) -> str:
    """What an option does, with its default and its environment variable."""
    shown = option.default not in (None, False)
    default = f" (default: {option.default})" if shown else ""
    variable = f" (else {option.variable})" if option.variable else ""
    return option.help + default + variable
