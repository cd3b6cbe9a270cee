"""Many requests to one service whose workers are killed at random: each answered once, none wrong.

    python perf/killed_workers.py [--requests 10000] [--clients 64] [--workers 2] [--every 3]

On loopback. Each request holds one answer that no other has, every other of them wrong; its Verdict
must be of that very answer and say so. Ends with 1 where one is not.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import rtlbench

SCRIPT = str(Path(sysconfig.get_path("scripts")) / "rtlbench")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=float, default=3.0, help="mean seconds between kills")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    argv = [sys.executable, SCRIPT, "serve", "--port", "0", "-n", str(args.workers)]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        told = re.search(r"http://\S+", server.stderr.readline())
        assert told is not None
        killer = Killer(server.pid, args.every, args.seed)
        killer.start()
        begun = time.perf_counter()
        with ThreadPoolExecutor(args.clients) as threads:
            ends = Counter(threads.map(Asking(told[0]), range(args.requests)))
        spent = time.perf_counter() - begun
        killer.over.set()
        killer.join()
        server.terminate()
    print(f"{args.requests} requests from {args.clients} clients in {spent:.0f} s, "
          f"workers killed {killer.killed} times")
    for end, count in sorted(ends.items()):
        print(f"  {end:20} {count}")
    return 0 if ends == {"as it must be": args.requests} else 1


class Asking:
    """Sends one request and says how it ended."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._local = threading.local()
        every = rtlbench.read_suite("rtlbench")
        known = [s for s in every if s.family == "updown"]
        wrong = [s.golden.replace("+ 1'b1", "+ 2'd2") for s in known]
        self._specs = [(s, (w, s.golden)) for s, w in zip(known, wrong, strict=True)
                       if w != s.golden]  # fmt: skip

    def __call__(self, number: int) -> str:
        if not hasattr(self._local, "client"):
            self._local.client = rtlbench.Client(self._url)
        client: rtlbench.Client = self._local.client
        spec, texts = self._specs[number % len(self._specs)]
        right = number // len(self._specs) % 2
        answer = rtlbench.Candidate(text=f"{texts[right]}// {number}\n", sample=number, model="m")
        try:
            found = client.judge_each([spec], [answer])
        except rtlbench.HarnessError as e:
            return f"no answer: {e}"
        if len(found) != 1:
            return f"{len(found)} verdicts"
        if (found[0].candidate_hash, found[0].sample) != (answer.digest(), number):
            return "another's verdict"
        outcome = found[0].outcome.value
        return "as it must be" if outcome == ("fail", "pass")[right] else f"wrong: {outcome}"


class Killer(threading.Thread):
    """Kills one of a service's workers now and then."""

    def __init__(self, server: int, every: float, seed: int) -> None:
        super().__init__(daemon=True)
        self._server, self._every, self._rng = server, every, random.Random(seed)
        self.over = threading.Event()
        self.killed = 0

    def run(self) -> None:
        while not self.over.wait(self._rng.expovariate(1 / self._every)):
            if workers := self._workers():
                with suppress(ProcessLookupError):
                    os.kill(self._rng.choice(workers), signal.SIGKILL)
                    self.killed += 1

    def _workers(self) -> list[int]:
        found = []
        for children in Path(f"/proc/{self._server}/task").glob("*/children"):
            with suppress(OSError):
                for pid in map(int, children.read_text().split()):
                    if b"judging.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        found.append(pid)
        return found


if __name__ == "__main__":
    sys.exit(main())
