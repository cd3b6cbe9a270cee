"""The file that both sides of the simulator's border share; imported inside it, so small.

The harness makes the file, with a key and the number of lanes of each part in it, and keeps it
open. The simulator's side opens it before the design's time 0, empties it and takes its name away:
from then on the key is in no file, no environment and no name, and the file can be reached by
those who hold it open. The result goes into it at the end, sealed by the key.
"""

from __future__ import annotations

from _blake2 import blake2b  # by hashlib, OpenSSL comes along

HANDOVER_FILE = "handover"
"""In the folder where the simulator runs."""
SEAL_LENGTH = 64
"""Bytes, hex digits."""


def seal(key: bytes, body: bytes) -> bytes:
    """What only the holder of `key` can put before `body`."""
    return blake2b(body, key=key, digest_size=SEAL_LENGTH // 2).hexdigest().encode()
