"""Answers of local models in one run, in the ways that there are to compute them.

    python -m perf.generation FILE.gguf ... [--tasks 16] [--max-tokens 256] [--ways ...]

The same prompts, seeds and limit in every way: in batches, each of which waits for its longest
answer and has the whole vocabulary sorted at every token, as rtlbench did before; side by side, in
float32 and bfloat16; by llama.cpp. Seconds of the clock and of the CPU, without loading; the ratios
are against batches. A way that stops where all that counts is there writes fewer tokens: answers a
second say what a user waits for.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from rtlbench.generate.answer import Answer, Request, requests_for
from rtlbench.generate.course import Course
from rtlbench.generate.packed import pack
from rtlbench.generate.source import Generation, open_source
from rtlbench.suites.families import load_suite

WAYS = ("batches", "side by side", "side by side, bfloat16", "llama.cpp")


class Took(NamedTuple):
    """What a way took."""

    answers: int
    tokens: int
    wall: float
    cpu: float


def main() -> None:
    """Measure each way on each model, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("models", nargs="+", metavar="MODEL",
                        help="FILE.gguf; a folder where --ways leaves llama.cpp out")
    parser.add_argument("--tasks", type=int, default=16)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--temperature", type=float, default=0.2)
    parser.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS)
    args = parser.parse_args()
    every = load_suite()
    requests = requests_for(every[:: len(every) // args.tasks][: args.tasks], 1, 0)
    for model in args.models:
        print(f"{Path(model).name}: {len(requests)} answers of at most {args.max_tokens} tokens, "
              f"{args.batch_size} at a time, temperature {args.temperature}",
              flush=True)  # fmt: skip
        asked = Generation(model=model, max_tokens=args.max_tokens, batch_size=args.batch_size,
                           temperature=args.temperature)  # fmt: skip
        measure(asked, requests, args.ways)


def measure(asked: Generation, requests: list[Request], ways: list[str]) -> None:
    """One model, in all ways."""
    before: Took | None = None
    local: Any = None
    for way in ways:
        if way != "llama.cpp":
            local = local or open_source(
                msgspec.structs.replace(asked, model_engine="transformers", dtype="float32")
            )
        took = timed(source_of(way, asked, local), requests)
        before = before or took
        print(f"  {way:<24}{took.tokens:6} tokens {took.wall:7.1f} s {took.cpu:7.1f} s CPU, by CPU "
              f"{took.tokens / took.cpu:6.1f} tokens/s {took.answers / took.cpu:6.3f} answers/s; "
              f"{_ratio(took, before, 'wall')}; by CPU {_ratio(took, before, 'cpu')}",
              flush=True)  # fmt: skip


def source_of(way: str, asked: Generation, local: Any) -> Any:
    """What answers in that way, loaded; `local` is transformers' model, in float32 at first."""
    if way == "llama.cpp":
        return open_source(msgspec.structs.replace(asked, model_engine="llama.cpp"))
    import torch

    if way.endswith("bfloat16"):
        pack(local.model.to(torch.bfloat16))
    local.is_continuous = way != "batches"
    return local


def timed(source: Any, requests: list[Request]) -> Took:
    """Have all answered."""
    wall, cpu = time.monotonic(), _cpu()
    answers: list[Answer] = list(_all(source, requests))
    tokens = sum(a.completion_tokens or 0 for a in answers)
    return Took(len(answers), tokens, time.monotonic() - wall, _cpu() - cpu)


def _all(source: Any, requests: list[Request]) -> Iterator[Answer]:
    yield from source.answers(requests, Course())


def _cpu() -> float:
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def _ratio(took: Took, before: Took, what: str) -> str:
    now, then = getattr(took, what), getattr(before, what)
    tokens = (took.tokens / now) / (before.tokens / then)
    answers = (took.answers / now) / (before.answers / then)
    return f"{tokens:.2f} times the tokens a second, {answers:.2f} times the answers"


if __name__ == "__main__":
    main()
