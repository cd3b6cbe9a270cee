"""llama.cpp's own server in a process of its own: `python -m rtlbench.generate.llama_server`.

It reads what to serve from the first line of standard input, writes where it listens, on the
loopback alone and for who has the key, and ends with its parent: at the end of standard input.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

import msgspec

HOST = "127.0.0.1"


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """What to serve."""

    path: str
    """A GGUF file."""
    slots: int
    """Answers at a time."""
    context: int
    """Tokens of prompt and answer that each has room for."""
    threads: int
    key: str


class Listening(msgspec.Struct, frozen=True):
    """Where it is."""

    address: str


def _served(serving: Serving) -> Any:
    import xllamacpp

    params: Any = xllamacpp.CommonParams()
    params.model.path = serving.path
    params.n_parallel = serving.slots
    params.n_ctx = serving.context * serving.slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = serving.threads
    params.hostnames = [HOST]
    params.api_keys = [serving.key]
    params.warmup = params.ui = False
    params.n_threads_http = serving.slots + 2
    return xllamacpp.Server(params)


def main() -> None:
    """Serve until standard input ends."""
    serving = msgspec.json.decode(sys.stdin.buffer.readline(), type=Serving)
    # What the library prints is no part of what is told the parent.
    told = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        server = _served(serving)
        told.write(msgspec.json.encode(Listening(server.listening_address)) + b"\n")
        told.flush()
        threading.Event().wait()
    except (OSError, RuntimeError, ValueError) as e:
        print(f"error: {e}", file=sys.stderr, flush=True)
    os._exit(1)  # at once: the library would wait for what is under way


def _end_with_the_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
