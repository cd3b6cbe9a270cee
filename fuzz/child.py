"""One target under the coverage-guided fuzzer, in a process of its own: `python -m fuzz.child`.

libFuzzer ends the process at the first find, writes its bytes, and has a watchdog of its own for
time and memory; slang is C++ and may take the process with it.
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
from pathlib import Path
from typing import Any

from fuzz.choices import ByteChoices
from fuzz.monitor import Monitor

MONITOR = "trying.bin"
MEMORY_MB = 3072
RANDOM_SEEDS = 30
MAX_INPUT = 8192
"""Bytes of choices; longer ones slow the search down and say nothing new."""


def main() -> None:
    """Fuzz until the time is up or something is found."""
    parser = argparse.ArgumentParser()
    for option in ("--module", "--target", "--folder", "--seed", "--seconds"):
        parser.add_argument(option, required=True)
    given = parser.parse_args()
    _fuzz(given, Path(given.folder))


def _fuzz(given: argparse.Namespace, folder: Path) -> None:
    import atheris

    with atheris.instrument_imports(include=["rtlbench"]):
        target = importlib.import_module(given.module).TARGETS[given.target]
    monitor = Monitor(folder / MONITOR)

    def one(data: bytes) -> None:
        case: Any = target.make(ByteChoices(data))
        monitor.begin(case)
        monitor.end(reached=target.check(case))

    corpus = folder / "corpus"
    _fill(corpus, int(given.seed), target.seeds())
    atheris.Setup(_arguments(given, folder, target.timeout), one)
    atheris.Fuzz()


def _fill(corpus: Path, seed: int, seeds: list[bytes]) -> None:
    """Something to start from: short inputs leave every choice at its lowest."""
    corpus.mkdir(exist_ok=True)
    rng = random.Random(seed)
    drawn = [rng.randbytes(rng.choice((16, 64, 256, 1024))) for _ in range(RANDOM_SEEDS)]
    for number, data in enumerate([*drawn, *seeds]):
        (corpus / f"seed-{number}").write_bytes(data)


def _arguments(given: argparse.Namespace, folder: Path, timeout: int) -> list[str]:
    return [
        sys.argv[0],
        f"-seed={given.seed}",
        f"-max_total_time={given.seconds}",
        f"-timeout={timeout}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-max_len={MAX_INPUT}",
        f"-artifact_prefix={folder}/",
        "-len_control=0",
        "-print_final_stats=1",
        str(folder / "corpus"),
    ]


if __name__ == "__main__":
    main()
