"""Between the superuser and bubblewrap: be nobody first, with mounts to hand over.

Standard library only, started with `python -I -S`. What only the superuser can reach is mounted
here; and so is the private folder, in which the superuser writes.
"""

from __future__ import annotations

import json
import os
import sys

from rtlbench.sandbox import kernel, namespaces


def main() -> None:
    """Become nobody in a user namespace, mount what is to be seen, and start the rest."""
    given = json.loads(sys.argv[1])
    flags = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS
    namespaces.leave_user_namespace(flags, inside=0)
    namespaces.build_root(given)
    os.execv(given["argv"][0], given["argv"])
