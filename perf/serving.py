"""Many clients of one service against one command, on the same answers.

    python perf/serving.py [--clients 8] [--tasks 8] [--workers 2]

Each client sends one answer to each of the tasks; the command (`rtlbench bench`) judges the same
answers from a file. The service is warm, as services are; what the command takes to start is told
apart by an empty run.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import rtlbench
from perf.own_words import in_own_words

SCRIPT = str(Path(sysconfig.get_path("scripts")) / "rtlbench")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--tasks", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    every = rtlbench.read_suite("rtlbench")
    chosen = every[:: len(every) // args.tasks][: args.tasks]
    answers = [
        (s, rtlbench.Candidate(text=in_own_words(s.golden, k), spec_id=s.id, sample=k, model="m"))
        for k in range(args.clients) for s in chosen
    ]  # fmt: skip
    command, verdicts = by_command(answers, args.workers)
    start, _ = by_command(answers[:1], args.workers)
    service = by_service(answers, args.clients, args.workers, verdicts)
    count = len(answers)
    print(f"{count} answers to {args.tasks} tasks from {args.clients} clients, "
          f"{args.workers} workers")
    print(f"  one command      {command:7.2f} s (one answer: {start:.2f} s)")
    print(f"  the service      {service:7.2f} s, {service / command:.2f} times the command")


def by_command(
    answers: list[tuple[rtlbench.Spec, rtlbench.Candidate]], workers: int
) -> tuple[float, dict[str, str]]:
    """Seconds, and the outcome of each answer by its key."""
    with tempfile.TemporaryDirectory() as name:
        file, results = Path(name) / "answers.jsonl", Path(name) / "results"
        lines = [
            {"spec_id": s.id, "sample": c.sample, "rtl": c.text, "model": c.model}
            for s, c in answers
        ]
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        argv = [sys.executable, SCRIPT, "bench", "--candidates", str(file), "-n", str(workers)]
        begun = time.perf_counter()
        subprocess.run([*argv, "--results", str(results)], check=True, capture_output=True)
        spent = time.perf_counter() - begun
        found = map(json.loads, (results / "samples.jsonl").read_text().splitlines())
        return spent, {v["key"]: v["outcome"] for v in found if "key" in v}


def by_service(
    answers: list[tuple[rtlbench.Spec, rtlbench.Candidate]],
    clients: int,
    workers: int,
    expected: dict[str, str],
) -> float:
    """Seconds; all outcomes are those of the command."""
    argv = [sys.executable, SCRIPT, "serve", "--port", "0", "-n", str(workers)]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        told = re.search(r"http://\S+", server.stderr.readline())
        assert told is not None
        with rtlbench.Client(told[0]) as client:
            wrong = "module m; endmodule"
            client.judge(answers[0][0], [wrong + "//" * k for k in range(40)])  # both are there
            share = len(answers) // clients
            parts = [answers[k * share : (k + 1) * share] for k in range(clients)]
            begun = time.perf_counter()
            with ThreadPoolExecutor(clients) as threads:
                found = list(threads.map(
                    lambda part: client.judge_each([s for s, _ in part], [c for _, c in part]),
                    parts,
                ))
            spent = time.perf_counter() - begun
        server.terminate()
    got = {v.key: v.outcome.value for part in found for v in part}
    assert got == expected, "the service and the command part"
    return spent


if __name__ == "__main__":
    main()
