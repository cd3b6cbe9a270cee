"""`python -m rtlbench.generate.worker`: generate beside a run that judges.

The Order is the first line of standard input, which its parent then keeps open: at its end, the
parent is gone, and so is this process. Exit codes are those of the command line; the message is the
last line of standard error.
"""

from __future__ import annotations

import os
import sys
import threading

import msgspec

from rtlbench.errors import HarnessError, UserError
from rtlbench.generate.make import Order, generate
from rtlbench.io.untrusted import one_line

USER, HARNESS, ORPHAN = 2, 3, 4
"""Exit codes."""
MARK = "rtlbench: "
MAX_MESSAGE = 1000


def main() -> int:
    """Read the Order, generate, and say how it ended."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        generate(order)
    except UserError as e:
        print(MARK + one_line(str(e), MAX_MESSAGE), file=sys.stderr)
        return USER
    except HarnessError as e:
        print(f"{MARK}the harness failed: {one_line(str(e), MAX_MESSAGE)}", file=sys.stderr)
        return HARNESS
    return 0


def _end_with_the_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(ORPHAN)


if __name__ == "__main__":
    sys.exit(main())
