"""Every option of `rtlbench nightly`, declared once: flag, environment variable, default, and the
stage whose outcome it decides. Quick to import.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from rtlbench.records.tier import DEFAULT_ACCEPT

PREFIX = "CT_RETRAIN_"
"""Of the environment variables."""
STAGES = ("collect", "curate", "train", "benchmark", "gate", "publish", "snapshot", "purge")
"""Of a night, in order; `publish` archives instead where the gate refuses."""

DONE, REFUSED, STOPPED, OUTSTANDING = 0, 1, 2, 3
"""What the job ends with: done or nothing new; the gate refused a model; an option or the machine
kept a stage from being done; all is done, but a copy is outstanding."""


class Option(NamedTuple):
    """One option."""

    metavar: str
    type: type
    default: Any
    stage: str
    """The first stage whose outcome depends on it; empty where none does."""
    help: str
    multiple: bool = False
    least: float | None = None
    most: float | None = None


OPTIONS: dict[str, Option] = {
    "root": Option("FOLDER", str, ".", "", "folder that data/, work/ and models/ are in"),
    "runs": Option("FOLDER", str, "data/runs", "collect", "where traces are"),
    "max_records": Option("N", int, 1000, "collect", "verified answers taken a night", least=1),
    "min_delta_score": Option("S", float, 0.95, "curate", "least score that the Verifier gives a "
                              "record that is learnt from", least=0.0, most=1.0),
    "max_warnings": Option("N", int, 5, "curate", "warnings that a record's compile log may hold",
                           least=0),
    "accept": Option("TIER", str, DEFAULT_ACCEPT.value, "curate", "least tier that is learnt from: "
                     "proven, attested or unproven"),
    "against": Option("NAME[=FOLDER]", str, ("rtlbench",), "curate", "suite that no record may "
                      "resemble a member of", multiple=True),
    "min_delta": Option("N", int, 20, "train", "fewer new records are kept for a later night",
                        least=1),
    "gold": Option("FILE", str, ("data/rtl_behavioral_v3.jsonl",), "train", "training data that "
                   "go with the night's", multiple=True),
    "delta_weight": Option("W", float, 2.0, "train", "copies of each of the nights' records beside "
                           "the gold sets'", least=0.0, most=100.0),
    "recipe": Option("FILE.toml", str, "training/recipes/qwen_coder_7b.toml", "train", "how the "
                     "model is fine-tuned"),
    "base": Option("MODEL", str, None, "train", "model to fine-tune, instead of the recipe's"),
    "epochs": Option("N", float, 1.0, "train", "passes over the data", least=0.0),
    "set": Option("PART.WORD=VALUE", str, (), "train", "another value than the recipe's",
                  multiple=True),
    "preferences": Option("", bool, False, "train", "train on the nights' pairs too, of a wrong "
                          "answer and the one that mended it"),
    "mainline": Option("PATH", str, None, "benchmark", "adapter of the mainline model; without it, "
                       "the base alone"),
    "suite": Option("NAME[=FOLDER]", str, "rtlbench", "benchmark", "suite of the benchmark"),
    "categories": Option("NAME", str, (), "benchmark", "category that is benchmarked; all where "
                         "none is given", multiple=True),
    "samples": Option("N", int, 5, "benchmark", "answers to each task", least=1),
    "bench_option": Option("TEXT", str, (), "benchmark", "further option of `rtlbench bench`, as "
                           "--max-tokens=512", multiple=True),
    "policy": Option("FILE.toml", str, "training/nightly/gate.toml", "gate", "what a model must "
                     "show to be published"),
    "notify": Option("URL", str, (), "", "who is told, as Apprise writes it", multiple=True),
    "heartbeat": Option("N", int, 0, "", "nights in a row without news after which people are told "
                        "that the job is alive; 0 for never", least=0),
    "ping": Option("URL", str, (), "", "monitor that is told of each run that has come to its end, "
                   "as Apprise writes it", multiple=True),
    "snapshot": Option("URL", str, None, "", "where the night is copied to, as fsspec writes it"),
    "keep_days": Option("N", int, 30, "", "days that raw copies are kept once a snapshot of them "
                        "is verified", least=0),
    "keep_nights": Option("LIMIT", str, (), "", "nights that stay whole: a count, an age or a "
                          "size, as 30, 90d or 20GB; the records of others stay", multiple=True),
    "keep_models": Option("LIMIT", str, (), "", "published models that stay, beside those that "
                          "must, by the same words", multiple=True),
    "keep_archives": Option("LIMIT", str, (), "", "refused nights whose archive stays whole, by "
                            "the same words", multiple=True),
    "workers": Option("N", int, 0, "", "processes that judge; 0 for one a core", least=0),
}  # fmt: skip


def flag(name: str) -> str:
    """`--max-records` of `max_records`."""
    return f"--{name.replace('_', '-')}"


def variable(name: str) -> str:
    """`CT_RETRAIN_MAX_RECORDS` of `max_records`."""
    return PREFIX + name.upper()
