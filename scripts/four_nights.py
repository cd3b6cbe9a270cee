"""Four nights of the nightly job with the model that ships, each from the command line.

    python scripts/four_nights.py [FOLDER]

In an empty FOLDER: a night that publishes, one with nothing new, one whose only new answers are
wrong though their traces say pass, and one whose training makes the model worse. Notices go to a
receiver on loopback. Exits with 1, and says what was seen instead, where a night does not end so.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from rtlbench.traces.trace_file import SIMULATION

SIX = ("clock_divider", "load_enable", "updown_counter", "shift_register", "edge_detect", "fsm")
POLICY = "training/nightly/tiny_gate.toml"
TASKS = 60
GENTLE, RUINOUS = 2e-4, 0.05
"""Learning rates: of the nights' recipe, and one that ruins the model."""


class Notices(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    seen: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        """Take one notice."""
        size = int(self.headers.get("Content-Length", 0))
        self.seen.append(json.loads(self.rfile.read(size)).get("title", ""))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Nothing on the terminal."""


def main() -> None:
    """All four."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="nights-")).resolve()
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        sys.exit(f"{root}: not empty: name a new folder")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Notices)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    nights = Nights(root, f"json://127.0.0.1:{server.server_port}/")
    began = time.monotonic()
    nights.publishes()
    nights.has_nothing_new()
    nights.is_poisoned()
    nights.is_made_worse()
    print(f"\nfour nights: {(time.monotonic() - began) / 60:.1f} min, in {root}")


class Nights:
    """One root, and what must hold after each night."""

    def __init__(self, root: Path, receiver: str) -> None:
        self.root, self.receiver = root, receiver
        self.latest = root / "models" / "qwen_coder_rtl" / "latest_nightly"

    def publishes(self) -> None:
        """Answers of the shipped model, learnt from, published."""
        self.refine(seed=1)
        said = self.night("2026-03-01", GENTLE)
        self.must(self.leads_to("2026-03-01"), "the first night is published", said)

    def has_nothing_new(self) -> None:
        """The same runs again."""
        said = self.night("2026-03-02", GENTLE)
        self.must("nothing new in the runs" in said, "the second night has nothing to do", said)

    def is_poisoned(self) -> None:
        """Wrong answers in a run whose trace says pass."""
        count = self.poison()
        said = self.night("2026-03-03", GENTLE)
        folder = self.root / "work" / "continuous_retrain" / "2026-03-03"
        refused = (folder / "refused.jsonl").read_text().splitlines()
        kept = (folder / "delta.jsonl").read_text().splitlines()
        told = f"poison: {len(refused)} of {count} refused, {len(kept)} kept"
        self.must((len(refused), len(kept)) == (count, 0), told, said)
        self.must(self.leads_to("2026-03-01"), "the first night's model stays", said)

    def is_made_worse(self) -> None:
        """New right answers, and a training that ruins the model."""
        self.refine(seed=2)
        said = self.night("2026-03-04", RUINOUS, code=1)
        self.must(self.leads_to("2026-03-01"), "the first night's model stays", said)
        archive = self.root / "work" / "continuous_retrain" / "archive" / "2026-03-04"
        held = ", ".join(sorted(p.name for p in archive.iterdir()))
        self.must((archive / "model").is_dir(), f"the archive holds {held}", said)
        self.must(any("refused" in each for each in Notices.seen), "it was announced", said)
        print("    notices: " + "; ".join(Notices.seen))

    def refine(self, seed: int) -> None:
        """Tasks of the families' training part; this model cannot read feedback."""
        categories = [word for each in SIX for word in ("--category", each)]
        self.rtlbench(
            "refine", "--training", seed, "--count", TASKS, *categories, "--turns", 2,
            "--no-feedback", "--max-tokens", 512,
        )  # fmt: skip

    def night(self, date: str, rate: float, code: int = 0) -> str:
        """One call of the job; what it said."""
        categories = [word for each in SIX for word in ("--categories", each)]
        return self.rtlbench(
            "nightly", "--root", self.root, "--date", date, "--policy", POLICY,
            "--recipe", "training/recipes/tiny.toml", "--set", f"train.learning_rate={rate}",
            "--min-delta", 5, *categories, "--samples", 1, "--bench-option=--max-tokens=512",
            "--notify", self.receiver, code=code,
        )  # fmt: skip

    def rtlbench(self, *args: object, code: int = 0) -> str:
        """A command to its end, with its time."""
        program = Path(sysconfig.get_path("scripts")) / "rtlbench"
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, str(program), *map(str, args)],
            cwd=self.root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        print(f"\n{_shown(args)}  exit {done.returncode}, {time.monotonic() - began:.0f} s")
        print("".join(f"    {line}\n" for line in done.stdout.splitlines()), end="", flush=True)
        self.must(done.returncode == code, f"exit code {code}", said)
        return said

    def leads_to(self, date: str) -> bool:
        """Whether the link leads to that night's model."""
        return self.latest.resolve().name == f"nightly_{date}"

    def poison(self) -> int:
        """A copy of the first run, each passed answer made wrong; how many."""
        (old,) = (self.root / "data" / "runs").iterdir()
        new = old.with_name("poisoned")
        events = []
        for line in (old / "trace.jsonl").read_text().splitlines():
            event = json.loads(line)
            payload = event["payload"]
            if event["stage"] != SIMULATION or payload["status"] != "pass":
                continue
            text = (old / payload["rtl_file"]).read_text()
            payload |= _kept(new, "rtl", ".sv", _other_edge(text))
            for name in ("spec_path", "simulation_compile_log", "simulation_log"):
                target = new / payload[name]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((old / payload[name]).read_bytes())
            events.append(event | {"run_id": new.name})
        (new / "trace.jsonl").write_text("".join(json.dumps(e) + "\n" for e in events))
        return len(events)

    def must(self, holds: bool, what: str, said: str) -> None:
        """Print what holds; leave where it does not."""
        if not holds:
            sys.exit(f"NOT SO: {what}\n{said}")
        print(f"    as it must be: {what}")


def _other_edge(rtl: str) -> str:
    """The same on the other edge of the clock, or of whatever it has edges of."""
    swapped = {"posedge": "negedge", "negedge": "posedge"}
    return re.sub("posedge|negedge", lambda found: swapped[found[0]], rtl)


def _kept(run: Path, folder: str, suffix: str, text: str) -> dict[str, str]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    path = run / folder / f"{digest[:32]}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return {"rtl_file": str(path.relative_to(run)), "rtl_sha256": digest}


def _shown(args: Sequence[object]) -> str:
    return "rtlbench " + " ".join(str(a) for a in args[:6])


if __name__ == "__main__":
    main()
